//! Rpcs keep their response type, by full name.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RPC_SAME_RESPONSE_TYPE",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs keep their response types",
    breaks: &[
        (Audience::Wire, "old clients and new servers read each other's bytes with another message"),
        (Audience::Source, "generated signatures change"),
        (Audience::Rest, "the response of the REST route changes"),
    ],
    why: "Both sides of a call must agree about the message. A response that should hold something else needs a new field, or a new rpc.",
    help: "keep the response type and extend it, or add a new rpc",
    bad: r#"-   rpc GetDevice(GetDeviceRequest) returns (Device);
+   rpc GetDevice(GetDeviceRequest) returns (DeviceView);"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device);
+   rpc GetDeviceView(GetDeviceRequest) returns (DeviceView);"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    let before = &pairs.baseline.message(old.output).full_name;
    let now = &pairs.current.message(new.output).full_name;
    if before == now {
        return;
    }
    let service = &pairs.current.service(new.service).full_name;
    out.report(
        At::part(pairs.current, Element::Method(pair.current), &[3]),
        &new.full_name,
        format!("rpc `{}` of `{service}` changed its response type: {before} -> {now}", new.name),
    )
    .against(At::part(pairs.baseline, Element::Method(pair.baseline), &[3]))
    .labels("", format!("was {before}"))
    .key(format!("{before}->{now}"));
}
