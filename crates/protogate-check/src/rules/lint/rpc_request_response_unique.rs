//! Every rpc has a request and a response message of its own.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    id: "RPC_REQUEST_RESPONSE_UNIQUE",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "requests and responses belong to one rpc each",
    breaks: &[],
    why: "When two rpcs share a message, a field that one of them needs is offered to the other too.",
    help: "give each rpc its own request and response message",
    bad: r#"rpc GetDevice(DeviceId) returns (Device);
rpc DeleteDevice(DeviceId) returns (Device);"#,
    good: r#"rpc GetDevice(GetDeviceRequest) returns (GetDeviceResponse);
rpc DeleteDevice(DeleteDeviceRequest) returns (DeleteDeviceResponse);"#,
    check: Check::Schema(check),
};

const EMPTY: &str = "google.protobuf.Empty";

/// The rpcs that use a type, as request and as response.
#[derive(Default)]
struct Users {
    requests: Vec<MethodId>,
    responses: Vec<MethodId>,
}

fn check(lint: &Lint<'_>, out: &mut Findings) {
    let (schema, config) = (lint.schema, lint.config);
    let requests = config.rpc_allow_google_protobuf_empty_requests;
    let responses = config.rpc_allow_google_protobuf_empty_responses;
    let mut users: BTreeMap<&str, Users> = BTreeMap::new();
    for (id, method) in schema.methods() {
        if schema.file(schema.service(method.service).file).is_import {
            continue;
        }
        let (input, output) =
            (&schema.message(method.input).full_name, &schema.message(method.output).full_name);
        let allowed = input == EMPTY && requests && responses;
        if input == output && !config.rpc_allow_same_request_response && !allowed {
            let message = format!("rpc `{}` has the same request and response type `{input}`", method.name);
            lint.report(out, Element::Method(id), &[], message);
        }
        users.entry(input).or_default().requests.push(id);
        users.entry(output).or_default().responses.push(id);
    }
    for (name, users) in users {
        let mut rpcs: Vec<MethodId> = match (name == EMPTY, requests, responses) {
            (true, true, true) => continue,
            (true, true, false) => users.responses,
            (true, false, true) => users.requests,
            _ => [users.requests, users.responses].concat(),
        };
        rpcs.sort_unstable();
        rpcs.dedup();
        if rpcs.len() < 2 {
            continue;
        }
        for id in rpcs {
            let message = format!("`{name}` is request or response type of several rpcs");
            if let Some(finding) = lint.report(out, Element::Method(id), &[], message) {
                finding.key(name);
            }
        }
    }
}
