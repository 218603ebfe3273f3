//! Rpcs keep their idempotency level.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, Method, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RPC_SAME_IDEMPOTENCY_LEVEL",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs keep their idempotency level",
    breaks: &[
        (Audience::Wire, "clients and proxies retry, or cache, what they must not"),
        (Audience::Rest, "calls by GET are refused when the rpc is not free of side effects any more"),
    ],
    why: "Clients and proxies decide by `idempotency_level` whether a call may be repeated, or be sent as GET.",
    help: "keep the option",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
-     option idempotency_level = NO_SIDE_EFFECTS;
    }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option idempotency_level = NO_SIDE_EFFECTS;
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    let level = |method: &Method| method.options.idempotency_level.unwrap_or(0);
    let (before, now) = (name(level(old)), name(level(new)));
    if before == now {
        return;
    }
    let service = pairs.current.service(new.service);
    let at = At::option(pairs.current, Element::Method(pair.current), &[4, 34], 2)
        .unwrap_or_else(|| At::file(pairs.current, service.file));
    out.report(
        at,
        &new.full_name,
        format!(
            "rpc `{}` of `{}` changed its idempotency level: {before} -> {now}",
            new.name, service.full_name
        ),
    )
    .against(At::decl(pairs.baseline, Element::Method(pair.baseline)))
    .labels(format!("now {now}"), format!("was {before}"))
    .key(format!("{before}->{now}"));
}

fn name(level: i32) -> &'static str {
    match level {
        1 => "NO_SIDE_EFFECTS",
        2 => "IDEMPOTENT",
        _ => "IDEMPOTENCY_UNKNOWN",
    }
}
