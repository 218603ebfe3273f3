//! Services stay in the file that declares them.

use crate::finding::Findings;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::rules::breaking::deleted::{self, Survivor};
use protogate_schema::model::element::{Element, FileId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "SERVICE_NO_DELETE",
    categories: &["FILE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "services are not deleted from their file",
    breaks: &[
        (Audience::Wire, "calls of old clients answer UNIMPLEMENTED"),
        (Audience::Source, "code generated from the file loses client and server"),
        (Audience::Rest, "the routes of its rpcs answer 404"),
    ],
    why: "Old clients call `/package.Service/Method`. When the service is gone, each of those calls fails, and code that names the generated client stops compiling.",
    help: "put the service back, marked `deprecated`, until nobody calls it",
    bad: r#"- service DeviceService {
-   rpc GetDevice(GetDeviceRequest) returns (Device);
- }"#,
    good: r#"  service DeviceService {
+   option deprecated = true;
    rpc GetDevice(GetDeviceRequest) returns (Device);
  }"#,
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    deleted::from_file(
        pairs,
        pair,
        out,
        |element| matches!(element, Element::Service(_)),
        "service",
        Survivor::Never,
    );
}
