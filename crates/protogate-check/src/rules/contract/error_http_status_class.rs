//! The HTTP status of an error blames whom its gRPC code blames.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, ValueId};
use protogate_transcode::Code;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_HTTP_STATUS_CLASS",
    categories: &["CONTRACT"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "the HTTP status of an error is of the class of its gRPC code",
    breaks: &[],
    why: "4xx says that the caller is to change the request, 5xx that the service is to be repaired. Where status and gRPC code disagree, alerts count the failure for one protocol and not for the other, and clients retry in one and give up in the other.",
    help: "leave `http_status` out for the one that belongs to the gRPC code, or choose one of the same class",
    bad: r#"  DEVICE_GONE = 1 [(protogate.v1.error) = {
    code: "ERR_DEVICE_001"
    grpc_code: "NOT_FOUND"
    http_status: 500
  }];"#,
    good: r#"  DEVICE_GONE = 1 [(protogate.v1.error) = {
    code: "ERR_DEVICE_001"
    grpc_code: "NOT_FOUND"
    http_status: 410
  }];"#,
    check: Check::Value(check),
};

fn check(lint: &Lint<'_>, id: ValueId, out: &mut Findings) {
    let value = lint.schema.value(id);
    let Some(error) = value.options.as_ref().and_then(|options| options.error.as_ref()) else { return };
    let Some(code) = Code::from_name(&error.grpc_code) else { return };
    let (written, natural) = (error.http_status, u32::from(code.http_status()));
    // A full disk is an exhausted resource, and the one of the service: RFC 4918, section 11.5.
    if code == Code::ResourceExhausted && written == 507 {
        return;
    }
    // A status outside of the classes is refused by the generator.
    if !(400..600).contains(&written) || written / 100 == natural / 100 || code == Code::Ok {
        return;
    }
    let message = format!(
        "error `{}` is `{}`, which is {natural}, but has status {written}",
        value.name, error.grpc_code
    );
    lint.report(out, Element::Value(id), &[3, 60430, 3], message);
}
