//! Request messages are named after their rpc.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};

pub(super) static RULE: Rule = Rule {
    id: "RPC_REQUEST_STANDARD_NAME",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "request messages are named after their rpc",
    breaks: &[],
    why: "An rpc with its own request message can be extended without touching any other.",
    help: "give the rpc a request message of its own, named as suggested",
    bad: "rpc GetDevice(DeviceId) returns (GetDeviceResponse);",
    good: "rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);",
    check: Check::Method(check),
};

fn check(lint: &Lint<'_>, id: MethodId, out: &mut Findings) {
    let method = lint.schema.method(id);
    let message = lint.schema.message(method.input);
    if lint.config.rpc_allow_google_protobuf_empty_requests && message.full_name == "google.protobuf.Empty" {
        return;
    }
    let short = format!("{}Request", names::pascal(&method.name));
    let long = format!("{}{short}", names::pascal(&lint.schema.service(method.service).name));
    if message.name != short && message.name != long {
        let text = format!("request type `{}` should be named `{short}` or `{long}`", message.name);
        lint.report(out, Element::Method(id), &[2], text);
    }
}
