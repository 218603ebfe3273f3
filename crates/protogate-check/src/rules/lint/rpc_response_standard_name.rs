//! Response messages are named after their rpc.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};

pub(super) static RULE: Rule = Rule {
    id: "RPC_RESPONSE_STANDARD_NAME",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "response messages are named after their rpc",
    breaks: &[],
    why: "An rpc with its own response message can be extended without touching any other.",
    help: "give the rpc a response message of its own, named as suggested",
    bad: "rpc GetDevice(GetDeviceRequest) returns (Device);",
    good: "rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);",
    check: Check::Method(check),
};

fn check(lint: &Lint<'_>, id: MethodId, out: &mut Findings) {
    let method = lint.schema.method(id);
    let message = lint.schema.message(method.output);
    if lint.config.rpc_allow_google_protobuf_empty_responses && message.full_name == "google.protobuf.Empty" {
        return;
    }
    let short = format!("{}Response", names::pascal(&method.name));
    let long = format!("{}{short}", names::pascal(&lint.schema.service(method.service).name));
    if message.name != short && message.name != long {
        let text = format!("response type `{}` should be named `{short}` or `{long}`", message.name);
        lint.report(out, Element::Method(id), &[3], text);
    }
}
