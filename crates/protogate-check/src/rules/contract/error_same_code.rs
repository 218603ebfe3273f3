//! The business code of an error stays.

use super::catalogs::{CODE, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_CODE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors keep their business code",
    breaks: &[
        (Audience::Json, "front ends and scripts that look for the code do not find it"),
        (Audience::Operators, "dashboards, alerts and handbooks name the old code"),
    ],
    why: "The business code is what people see, search for and write into tickets, and what front ends switch on. It is in every answer, so a new one reaches programs that know only the old one.",
    help: "keep the code; give a new reason a new code",
    bad: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
-     code: "ERR_DEVICE_001"
+     code: "ERR_DEV_1"
      grpc_code: "NOT_FOUND"
    }];"#,
    good: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
      grpc_code: "NOT_FOUND"
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let (before, now) = (reason.old.code.as_str(), reason.new.code.as_str());
        if before != now {
            let what = format!("changed its business code: `{before}` -> `{now}`");
            reason.report(out, CODE, &what, (before, now)).sides(&[Side::OldClientNewServer]);
        }
    });
}
