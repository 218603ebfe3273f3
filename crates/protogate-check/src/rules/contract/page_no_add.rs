//! An rpc that answered with everything goes on doing so.

use super::{paging, routes};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "PAGE_NO_ADD",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs that answer with all items do not begin to page",
    breaks: &[
        (Audience::Wire, "old clients take the first page for everything"),
        (Audience::Json, "the same"),
        (Audience::Rest, "the same"),
    ],
    why: "A client from before the change never asks for a second page: it does not know `next_page_token`. It shows, exports or deletes by the first page, without an error. Fields may be added without breaking anybody, so no other rule sees it; AIP-158 calls it a breaking change and asks for paging from the first day.",
    help: "page in a new rpc, or answer with everything where `page_size` is not set",
    bad: r#"  message ListDevicesRequest {
+   int32 page_size = 1;
+   string page_token = 2;
  }
  message ListDevicesResponse {
    repeated Device devices = 1;
+   string next_page_token = 2;
  }"#,
    good: r#"    rpc ListDevices(ListDevicesRequest) returns (ListDevicesResponse);
+   rpc PageDevices(PageDevicesRequest) returns (PageDevicesResponse);"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    if paging::of(pairs.baseline, pair.baseline).is_some() || !routes::is_target(pairs.current, pair.current)
    {
        return;
    }
    let Some(now) = paging::of(pairs.current, pair.current) else { return };
    let Some(items) = paging::items(pairs.baseline, pair.baseline) else { return };
    let rpc = &pairs.current.method(pair.current).full_name;
    let name = &pairs.baseline.field(items).name;
    out.report(
        At::decl(pairs.current, Element::Field(now.next)),
        rpc,
        format!("`{rpc}` pages now: existing callers take the first page of `{name}` for all of them"),
    )
    .against(At::decl(pairs.baseline, Element::Field(items)))
    .labels("more pages follow", "was all of them")
    .sides(&[Side::OldClientNewServer]);
}
