//! Rpcs say who may call them.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::model::policy::Access;

/// Where the options come from. A schema that imports it nowhere leaves access to something else.
const ANNOTATIONS: &str = "protogate/v1/annotations.proto";

pub(super) static RULE: Rule = Rule {
    id: "POLICY_MISSING",
    categories: &["CONTRACT"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "rpcs say who may call them",
    breaks: &[],
    why: "A method whose policy, or whose service's, says neither `public` nor `roles` nor `permissions` is denied to everybody at run time. Where that is meant, a comment `buf:lint:ignore POLICY_MISSING` says so. Reported only in projects that use the annotations; rpcs of imported files are not looked at.",
    help: "add `option (protogate.v1.policy)` to the rpc, or `option (protogate.v1.default_policy)` to its service",
    bad: r#"service DeviceService {
  rpc GetDevice(GetDeviceRequest) returns (Device);
}"#,
    good: r#"service DeviceService {
  rpc GetDevice(GetDeviceRequest) returns (Device) {
    option (protogate.v1.policy) = { roles: ["viewer"] };
  }
}"#,
    check: Check::Method(check),
};

fn check(lint: &Lint<'_>, id: MethodId, out: &mut Findings) {
    let schema = lint.schema;
    if schema.policy(id).access != Access::Denied || !uses_annotations(lint) {
        return;
    }
    let method = schema.method(id);
    let service = &schema.service(method.service).full_name;
    let message = format!("rpc `{}` of `{service}` has no policy that lets anybody in", method.name);
    lint.report(out, Element::Method(id), &[1], message);
}

fn uses_annotations(lint: &Lint<'_>) -> bool {
    lint.targets().any(|(_, file)| file.imports.iter().any(|it| it == ANNOTATIONS))
}
