//! Names of messages, enums, services and rpcs are in PascalCase. One table, because only the kind differs.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::names;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::Element;

pub(super) static RULES: [Rule; 4] = [
    Rule {
        id: "MESSAGE_PASCAL_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "message names are in PascalCase",
        breaks: &[],
        why: "Generated code takes the name over, and in most languages types are in PascalCase.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "message device_port {}",
        good: "message DevicePort {}",
        check: Check::Message(|lint, id, out| {
            check(lint, out, Element::Message(id), &lint.schema.message(id).name)
        }),
    },
    Rule {
        id: "ENUM_PASCAL_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "enum names are in PascalCase",
        breaks: &[],
        why: "Generated code takes the name over, and in most languages types are in PascalCase.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "enum device_kind { DEVICE_KIND_UNSPECIFIED = 0; }",
        good: "enum DeviceKind { DEVICE_KIND_UNSPECIFIED = 0; }",
        check: Check::Enum(|lint, id, out| {
            check(lint, out, Element::Enum(id), &lint.schema.enumeration(id).name)
        }),
    },
    Rule {
        id: "SERVICE_PASCAL_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "service names are in PascalCase",
        breaks: &[],
        why: "Generated code takes the name over, and in most languages types are in PascalCase.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "service device_service {}",
        good: "service DeviceService {}",
        check: Check::Service(|lint, id, out| {
            check(lint, out, Element::Service(id), &lint.schema.service(id).name)
        }),
    },
    Rule {
        id: "RPC_PASCAL_CASE",
        categories: &["BASIC", "STANDARD"],
        severity: Severity::Deny,
        since: "0.1.0",
        summary: "rpc names are in PascalCase",
        breaks: &[],
        why: "Generated code takes the name over, and in most languages types are in PascalCase.",
        help: "rename it as suggested; names of released schemas are kept with `except`, `ignore` or a waiver",
        bad: "rpc get_device(GetDeviceRequest) returns (GetDeviceResponse);",
        good: "rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);",
        check: Check::Method(|lint, id, out| {
            check(lint, out, Element::Method(id), &lint.schema.method(id).name)
        }),
    },
];

fn check(lint: &Lint<'_>, out: &mut Findings, element: Element, name: &str) {
    let expected = names::pascal(name);
    if name != expected {
        lint.report(out, element, NAME, format!("name `{name}` should be in PascalCase: `{expected}`"));
    }
}
