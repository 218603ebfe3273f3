//! Names of deleted rpcs stay unused.

use super::taken::{Owner, last_owner, until};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::history::FormerKind;
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::Pairs;

pub(crate) static RULE: Rule = Rule {
    id: "RPC_NAME_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "names of deleted rpcs are not used for rpcs that take or give something else",
    breaks: &[
        (Audience::Wire, "calls of old clients, which failed cleanly, are now read as another request"),
        (Audience::Operators, "dashboards, quotas and access rules for the old rpc apply to the new one"),
    ],
    why: "The path of a call is `/package.Service/Method` and says nothing of its messages. An old client that still calls the name sends the old request; the new rpc decodes what it can of it and acts on it. The baseline remembers every rpc that it ever promised. The same rpc, with its request and response, may come back.",
    help: "give the rpc a name that was never used",
    bad: r#"  service DeviceService {
+   rpc Purge(PurgeAllRequest) returns (PurgeAllResponse);   // was Purge(PurgeOneRequest)
  }"#,
    good: r#"  service DeviceService {
+   rpc PurgeAll(PurgeAllRequest) returns (PurgeAllResponse);
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let current = pairs.current;
    if pairs.history().is_empty() {
        return;
    }
    for (id, method) in current.methods() {
        let Some((former, day)) = taken_from(pairs, id) else { continue };
        let service = current.service(method.service);
        let message = format!(
            "rpc `{}` of `{}` takes the name of an rpc with other messages, {}, which was promised{}",
            method.name,
            service.full_name,
            former.text,
            until(day)
        );
        out.report(At::name(current, Element::Method(id)), &method.full_name, message)
            .sides(&[Side::OldClientNewServer])
            .key(&former.text);
    }
}

/// The rpc with other messages that had the name of a new one.
pub(super) fn taken_from<'p>(pairs: &'p Pairs<'_>, id: MethodId) -> Option<Owner<'p>> {
    let current = pairs.current;
    let method = current.method(id);
    if matches!(pairs.baseline.find(&method.full_name), Some(Element::Method(_))) {
        return None;
    }
    let had = pairs
        .history()
        .of_scope(&current.service(method.service).full_name)
        .filter(|(it, _)| it.kind == FormerKind::Rpc && it.name == method.name);
    let text = current.signature_text(id);
    last_owner(had, |it| it.text == text)
}
