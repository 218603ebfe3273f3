//! Rpcs keep their names.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, ServiceId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RPC_NO_DELETE",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs are not deleted",
    breaks: &[
        (Audience::Wire, "calls of old clients answer UNIMPLEMENTED"),
        (Audience::Source, "generated clients and server traits lose the method"),
        (Audience::Rest, "its routes answer 404"),
    ],
    why: "Old clients call `/package.Service/Method`. When the method is gone, each of those calls fails.",
    help: "put the rpc back with `option deprecated = true`",
    bad: r#"  service DeviceService {
-   rpc GetDevice(GetDeviceRequest) returns (Device);
  }"#,
    good: r#"  service DeviceService {
    rpc GetDevice(GetDeviceRequest) returns (Device) {
+     option deprecated = true;
    }
  }"#,
    check: Check::ServicePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<ServiceId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.service(pair.baseline), pairs.current.service(pair.current));
    for &old_id in &old.methods {
        if pairs.method(pair, old_id).is_some() {
            continue;
        }
        let method = pairs.baseline.method(old_id);
        out.report(
            At::decl(pairs.current, Element::Service(pair.current)),
            &method.full_name,
            format!("rpc `{}` of `{}` was deleted", method.name, new.full_name),
        )
        .against(At::decl(pairs.baseline, Element::Method(old_id)))
        .labels("", "was here");
    }
}
