//! The delay before another try stays.

use super::catalogs::{RETRY_DELAY, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;
use std::time::Duration;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_RETRY_DELAY",
    categories: &["ERROR"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "errors keep their retry delay",
    breaks: &[(
        Audience::Operators,
        "callers come back sooner, all at once, or later than their own deadlines allow",
    )],
    why: "Callers wait as long as the answer says. A shorter delay means more load when the service can bear it least, a longer one overruns the deadlines of callers. Reported as a warning, because tuning it is part of operation.",
    help: "change it in steps, or accept it with a waiver",
    bad: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "UNAVAILABLE"
      retryable: true
-     retry_delay: { seconds: 5 }
+     retry_delay: { nanos: 100000000 }
    }];"#,
    good: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "UNAVAILABLE"
      retryable: true
      retry_delay: { seconds: 5 }
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let (old, new) = (reason.old, reason.new);
        // Whether there is another try at all is the business of other rules.
        if !(old.retryable && new.retryable) || old.retry_delay == new.retry_delay {
            return;
        }
        let (before, now) = (text(old.retry_delay), text(new.retry_delay));
        let what = format!("changed its retry delay: {before} -> {now}");
        reason.report(out, RETRY_DELAY, &what, (&before, &now)).sides(&[Side::OldClientNewServer]);
    });
}

fn text(delay: Option<Duration>) -> String {
    delay.map_or_else(|| "none".to_owned(), |delay| format!("{delay:?}"))
}
