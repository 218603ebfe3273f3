//! An error that callers must not answer by another try does not begin to invite one.

use super::catalogs::{RETRYABLE, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_RETRYABLE_NO_ADD",
    categories: &["ERROR"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "errors do not become retryable",
    breaks: &[(
        Audience::Operators,
        "generic clients repeat requests that they reported before: more load, and twice the effect where a request is not idempotent",
    )],
    why: "Clients that honour the mark repeat the request on their own. That is right only if the request had no effect, or has the same effect twice, and it multiplies the load in the moment of a failure. Reported as a warning, because it is often meant so.",
    help: "make sure that the request can be repeated, and that `retry_delay` spreads the load; then accept it with a waiver",
    bad: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "ABORTED"
+     retryable: true
    }];"#,
    good: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "ABORTED"
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        if !reason.old.retryable && reason.new.retryable {
            reason
                .report(out, RETRYABLE, "became retryable", ("not retryable", "retryable"))
                .sides(&[Side::OldClientNewServer]);
        }
    });
}
