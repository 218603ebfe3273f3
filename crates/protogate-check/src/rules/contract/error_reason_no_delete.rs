//! Reasons of error catalogues stay.

use super::catalogs::{at_error, for_all};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId, ValueId};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_REASON_NO_DELETE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "reasons of error catalogues are not deleted",
    breaks: &[
        (
            Audience::Json,
            "programs that branch on `reason` never see it again, and see one that they do not know",
        ),
        (Audience::Wire, "the same in the `google.rpc.ErrorInfo` of a status"),
        (Audience::Source, "code that makes or matches the error stops compiling"),
    ],
    why: "Callers know an error by domain and reason, the name of the enum value. Deleting it, renaming it, or taking the `error` annotation or the enum's `error_catalog` away takes from them what they act on. A reason may move to another enum of the same domain.",
    help: "keep the value with its annotation, also if no code returns it any more",
    bad: r#"  enum DeviceError {
    option (protogate.v1.error_catalog) = { domain: "device.example.com" };
-   DEVICE_GONE = 1 [(protogate.v1.error) = { code: "ERR_DEVICE_001" grpc_code: "NOT_FOUND" }];
+   DEVICE_MISSING = 1 [(protogate.v1.error) = { code: "ERR_DEVICE_001" grpc_code: "NOT_FOUND" }];
  }"#,
    good: r#"  enum DeviceError {
    option (protogate.v1.error_catalog) = { domain: "device.example.com" };
    DEVICE_GONE = 1 [(protogate.v1.error) = { code: "ERR_DEVICE_001" grpc_code: "NOT_FOUND" }];
    DEVICE_MISSING = 2 [(protogate.v1.error) = { code: "ERR_DEVICE_003" grpc_code: "NOT_FOUND" }];
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_all(pairs, |catalog, old, new| {
        if new.is_some() {
            return;
        }
        let (at, what) = now(pairs, catalog.enumeration, old.value);
        let element = pairs.baseline.full_name(Element::Value(old.value));
        out.report(at, element, format!("reason `{}` of `{}` {what}", old.reason, catalog.domain))
            .against(at_error(pairs.baseline, old.value, 0))
            .labels("", "was here")
            .sides(&[Side::OldClientNewServer, Side::Rebuild]);
    });
}

/// What became of it, and where that can be seen.
fn now(pairs: &Pairs<'_>, enumeration: EnumId, value: ValueId) -> (At, String) {
    let (old_enum, old) = (pairs.baseline.enumeration(enumeration), pairs.baseline.value(value));
    let Some(pair) = pairs.enumeration(enumeration) else {
        let file = old_enum.place.file;
        let package = &pairs.baseline.file(file).package;
        let at = pairs.file(file).map_or_else(At::nowhere, |files| {
            At::deleted(pairs.current, files.current, package, &old_enum.full_name)
        });
        return (at, format!("was deleted with enum `{}`", old_enum.full_name));
    };
    let new = pairs.current.enumeration(pair.current);
    if new.options.error_catalog.is_none() {
        let at = At::decl(pairs.current, Element::Enum(pair.current));
        return (at, format!("is lost: enum `{}` is no error catalogue any more", new.full_name));
    }
    let values = || new.values.iter().map(|&id| (id, pairs.current.value(id)));
    if let Some((id, _)) = values().find(|(_, it)| it.name == old.name) {
        return (At::decl(pairs.current, Element::Value(id)), "lost its `error` annotation".to_owned());
    }
    match values().find(|(_, it)| it.number == old.number) {
        Some((id, it)) => {
            (At::name(pairs.current, Element::Value(id)), format!("was renamed: it is `{}` now", it.name))
        }
        None => (At::decl(pairs.current, Element::Enum(pair.current)), "was deleted".to_owned()),
    }
}
