//! Rpcs keep their request type, by full name.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RPC_SAME_REQUEST_TYPE",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs keep their request types",
    breaks: &[
        (Audience::Wire, "old clients and new servers read each other's bytes with another message"),
        (Audience::Source, "generated signatures change"),
        (Audience::Rest, "the request of the REST route changes"),
    ],
    why: "Both sides of a call must agree about the message. A request that should hold something else needs a new field, or a new rpc.",
    help: "keep the request type and extend it, or add a new rpc",
    bad: r#"-   rpc GetDevice(GetDeviceRequest) returns (Device);
+   rpc GetDevice(DeviceQuery) returns (Device);"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device);
+   rpc QueryDevice(DeviceQuery) returns (Device);"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    let before = &pairs.baseline.message(old.input).full_name;
    let now = &pairs.current.message(new.input).full_name;
    if before == now {
        return;
    }
    let service = &pairs.current.service(new.service).full_name;
    out.report(
        At::part(pairs.current, Element::Method(pair.current), &[2]),
        &new.full_name,
        format!("rpc `{}` of `{service}` changed its request type: {before} -> {now}", new.name),
    )
    .against(At::part(pairs.baseline, Element::Method(pair.baseline), &[2]))
    .labels("", format!("was {before}"))
    .key(format!("{before}->{now}"));
}
