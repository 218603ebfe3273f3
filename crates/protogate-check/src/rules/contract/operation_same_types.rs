//! A long-running operation ends with the same message.

use super::routes;
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

/// Number of `google.longrunning.operation_info` in `MethodOptions`.
const OPERATION_INFO: i32 = 1049;

pub(super) static RULE: Rule = Rule {
    id: "OPERATION_SAME_TYPES",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "long-running operations keep the types of their response and metadata",
    breaks: &[
        (Audience::Wire, "clients unpack the `Any` of an operation as a message that it is not, and fail"),
        (Audience::Json, "the members of `response` and `metadata` are others"),
        (Audience::Source, "generated futures have another result"),
        (Audience::Rest, "as JSON"),
    ],
    why: "An rpc that returns `google.longrunning.Operation` says in `operation_info` what the operation ends with (AIP-151). The rpc's own response type is `Operation` before and after, so rules about rpcs do not see that its result changed. Operations that run while the server is replaced end with the other type as well.",
    help: "keep the types, and add fields to them",
    bad: r#"    rpc CreateDevice(CreateDeviceRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = {
-       response_type: "Device"
+       response_type: "CreateDeviceResponse"
        metadata_type: "Progress"
      };
    }"#,
    good: r#"    rpc CreateDevice(CreateDeviceRequest) returns (google.longrunning.Operation) {
      option (google.longrunning.operation_info) = {
        response_type: "Device"
        metadata_type: "Progress"
      };
    }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    let (Some(was), Some(is)) = (&old.options.operation_info, &new.options.operation_info) else { return };
    if was == is || !routes::is_target(pairs.current, pair.current) {
        return;
    }
    // Names are relative to the package, or full.
    let package = |schema: &protogate_schema::Schema, rpc| {
        schema.file(schema.file_of(Element::Method(rpc))).package.clone()
    };
    let (old_package, new_package) =
        (package(pairs.baseline, pair.baseline), package(pairs.current, pair.current));
    let full = |name: &str, package: &str| {
        if name.contains('.') || name.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
    };
    let parts = [
        ("response", &was.response_type, &is.response_type),
        ("metadata", &was.metadata_type, &is.metadata_type),
    ];
    for (part, was, is) in parts {
        let (was, is) = (full(was, &old_package), full(is, &new_package));
        if was == is || was.is_empty() {
            continue;
        }
        let shown = if is.is_empty() { "nothing".to_owned() } else { format!("`{is}`") };
        let at = |schema, rpc| {
            let element = Element::Method(rpc);
            At::option(schema, element, &[4, OPERATION_INFO], 2).unwrap_or_else(|| At::decl(schema, element))
        };
        out.report(
            at(pairs.current, pair.current),
            &new.full_name,
            format!("operations of `{}` have another {part}: `{was}` -> {shown}", new.full_name),
        )
        .against(at(pairs.baseline, pair.baseline))
        .labels(format!("{part} is {shown}"), format!("{part} was `{was}`"))
        .sides(&[Side::OldClientNewServer, Side::NewClientOldServer, Side::StoredData, Side::Rebuild])
        .key(part);
    }
}
