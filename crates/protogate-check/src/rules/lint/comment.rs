//! Declarations have a comment. One table, because only the kind of declaration differs.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, FieldId, Kind};

pub(super) static RULES: [Rule; 7] = [
    Rule {
        id: "COMMENT_MESSAGE",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "messages have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "message Device {}",
        good: r#"// A device in a rack.
message Device {}"#,
        check: Check::Message(|lint, id, out| check(lint, out, Element::Message(id), "message")),
    },
    Rule {
        id: "COMMENT_FIELD",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "fields have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: r#"message Device {
  string id = 1;
}"#,
        good: r#"message Device {
  // Assigned by the server.
  string id = 1;
}"#,
        check: Check::Field(|lint, id, out| field(lint, out, id)),
    },
    Rule {
        id: "COMMENT_ONEOF",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "oneofs have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "oneof body { string text = 1; }",
        good: r#"// What happened.
oneof body { string text = 1; }"#,
        check: Check::Oneof(|lint, id, out| check(lint, out, Element::Oneof(id.0, id.1), "oneof")),
    },
    Rule {
        id: "COMMENT_ENUM",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "enums have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "enum Kind { KIND_UNSPECIFIED = 0; }",
        good: r#"// What a device is.
enum Kind { KIND_UNSPECIFIED = 0; }"#,
        check: Check::Enum(|lint, id, out| check(lint, out, Element::Enum(id), "enum")),
    },
    Rule {
        id: "COMMENT_ENUM_VALUE",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "enum values have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "KIND_RACK = 1;",
        good: r#"// Holds other devices.
KIND_RACK = 1;"#,
        check: Check::Value(|lint, id, out| check(lint, out, Element::Value(id), "enum value")),
    },
    Rule {
        id: "COMMENT_SERVICE",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "services have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "service DeviceService {}",
        good: r#"// Manages devices.
service DeviceService {}"#,
        check: Check::Service(|lint, id, out| check(lint, out, Element::Service(id), "service")),
    },
    Rule {
        id: "COMMENT_RPC",
        categories: &["COMMENTS"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "rpcs have a comment",
        breaks: &[],
        why: "Comments end up in generated code and documentation; often they are all that a caller reads.",
        help: "write a comment directly above the declaration",
        bad: "rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);",
        good: r#"// Reads one device.
rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);"#,
        check: Check::Method(|lint, id, out| check(lint, out, Element::Method(id), "rpc")),
    },
];

fn check(lint: &Lint<'_>, out: &mut Findings, element: Element, kind: &str) {
    if lint.schema.span(element).is_none() {
        return;
    }
    let leading = lint.schema.comments(element).map_or("", |comments| comments.leading.as_str());
    let says_something = |line: &str| !line.is_empty() && !line.starts_with("buf:lint:ignore");
    if !leading.lines().map(str::trim).any(says_something) {
        let name = lint.schema.full_name(element);
        let name = name.rsplit('.').next().unwrap_or_default();
        lint.report(out, element, &[], format!("{kind} `{name}` has no comment"));
    }
}

/// The comment of a proto2 group belongs to its message.
fn field(lint: &Lint<'_>, out: &mut Findings, id: FieldId) {
    if !matches!(lint.schema.field(id).kind, Kind::Group(_)) {
        check(lint, out, Element::Field(id), "field");
    }
}
