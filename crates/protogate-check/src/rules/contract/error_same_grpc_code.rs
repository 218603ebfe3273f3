//! The gRPC code of an error stays.

use super::catalogs::{GRPC_CODE, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::pair::Pairs;
use protogate_transcode::Code;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_GRPC_CODE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors keep their gRPC code",
    breaks: &[
        (Audience::Wire, "clients that handle, or retry, by code take another road"),
        (Audience::Rest, "the HTTP status follows the code where none is written"),
    ],
    why: "Clients, proxies and retry policies act on the code: `UNAVAILABLE` is sent again, `NOT_FOUND` is not. The same failure under another code is another behaviour of every caller. Where an error has no `http_status`, REST callers see the change too.",
    help: "keep the code; give a new kind of failure a reason of its own",
    bad: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
-     grpc_code: "UNAVAILABLE"
+     grpc_code: "FAILED_PRECONDITION"
    }];"#,
    good: r#"    DEVICE_BUSY = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_002"
      grpc_code: "UNAVAILABLE"
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        let (old, new) = (reason.old, reason.new);
        let (before, now) = (old.grpc_code.as_str(), new.grpc_code.as_str());
        if before == now {
            return;
        }
        let status = |code| Code::from_name(code).map(Code::http_status);
        let mut what = format!("changed its gRPC code: `{before}` -> `{now}`");
        if let (0, 0, Some(old), Some(new)) = (old.http_status, new.http_status, status(before), status(now))
            && old != new
        {
            what.push_str(&format!(", and with it its HTTP status: {old} -> {new}"));
        }
        reason.report(out, GRPC_CODE, &what, (before, now)).sides(&[Side::OldClientNewServer]);
    });
}
