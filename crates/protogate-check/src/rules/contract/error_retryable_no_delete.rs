//! An error that callers may answer by another try keeps saying so.

use super::catalogs::{RETRYABLE, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_RETRYABLE_NO_DELETE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors stay retryable",
    breaks: &[
        (Audience::Wire, "callers that repeat a request after this error give up"),
        (Audience::Rest, "the same"),
        (Audience::Operators, "jobs that healed themselves now need somebody"),
    ],
    why: "Callers that find the error retryable wait and send the request again. Without the mark they report a failure instead: what was a delay becomes an outage.",
    help: "keep `retryable: true`; give the failure that will not pass a reason of its own",
    bad: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "UNAVAILABLE"
-     retryable: true
    }];"#,
    good: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "UNAVAILABLE"
      retryable: true
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        if reason.old.retryable && !reason.new.retryable {
            reason
                .report(out, RETRYABLE, "is not retryable any more", ("retryable", "not retryable"))
                .sides(&[Side::OldClientNewServer]);
        }
    });
}
