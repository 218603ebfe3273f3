//! The HTTP status of an error stays.

use super::catalogs::{HTTP_STATUS, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::error_spec::ErrorSpec;
use protogate_schema::pair::Pairs;
use protogate_transcode::Code;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_HTTP_STATUS",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors keep their HTTP status",
    breaks: &[(Audience::Rest, "callers, caches and proxies that act on the status take another road")],
    why: "REST callers branch on the status before they read a body, and so do proxies, caches and browsers. A status that is written out and equals the one of the gRPC code changes nothing. Where neither side writes one, `ERROR_SAME_GRPC_CODE` tells.",
    help: "keep the status; write `http_status` out if `grpc_code` has to change",
    bad: r#"    QUOTA_USED_UP = 3 [(protogate.v1.error) = {
      code: "ERR_QUOTA_001"
      grpc_code: "RESOURCE_EXHAUSTED"
-     http_status: 402
    }];"#,
    good: r#"    QUOTA_USED_UP = 3 [(protogate.v1.error) = {
      code: "ERR_QUOTA_001"
      grpc_code: "RESOURCE_EXHAUSTED"
      http_status: 402
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let (old, new) = (reason.old, reason.new);
        if old.http_status == 0 && new.http_status == 0 {
            return;
        }
        let (Some(before), Some(now)) = (status(old), status(new)) else { return };
        if before != now {
            let what = format!("changed its HTTP status: {before} -> {now}");
            let values = (before.to_string(), now.to_string());
            reason.report(out, HTTP_STATUS, &what, (&values.0, &values.1)).sides(&[Side::OldClientNewServer]);
        }
    });
}

/// The status of REST answers; `None` if there is none because the gRPC code is unknown.
fn status(spec: &ErrorSpec) -> Option<u32> {
    match spec.http_status {
        0 => Some(u32::from(Code::from_name(&spec.grpc_code)?.http_status())),
        status => Some(status),
    }
}
