//! An rpc that pages goes on paging.

use super::{paging, routes};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "PAGE_NO_DELETE",
    categories: &["PAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs that page go on paging",
    breaks: &[
        (
            Audience::Wire,
            "without `next_page_token` old clients stop after the first page, without `page_token` they read it for ever",
        ),
        (Audience::Json, "the same; parsers that refuse unknown names refuse `pageToken`"),
        (Audience::Rest, "`page_token` is refused in the query"),
    ],
    why: "Paging is a contract of two fields (AIP-158): the token that an answer holds and the token that the next request gives back. When either goes, or stops being one text, clients do not fail: they end too early with a part of the items, or get the first page again and again. Rules about fields see the deletion, not what it does to those loops.",
    help: "keep `page_token` and `next_page_token`; a server may answer with everything and an empty `next_page_token`",
    bad: r#"  message ListDevicesResponse {
    repeated Device devices = 1;
-   string next_page_token = 2;
  }"#,
    good: r#"  message ListDevicesResponse {
    repeated Device devices = 1;
    string next_page_token = 2;
+   int32 total_size = 3;
  }"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let Some(was) = paging::of(pairs.baseline, pair.baseline) else { return };
    if paging::of(pairs.current, pair.current).is_some() || !routes::is_target(pairs.current, pair.current) {
        return;
    }
    let method = pairs.current.method(pair.current);
    let (old_output, next) =
        (pairs.baseline.method(pair.baseline).output, pairs.baseline.field(was.next).name.as_str());
    let next_is_gone = method.server_streaming
        || routes::field_named(pairs.current, method.output, next)
            .is_none_or(|id| pairs.current.field(id).kind != pairs.baseline.field(was.next).kind);
    let (field, effect) = if next_is_gone {
        (was.next, "existing callers stop after the first page")
    } else {
        (was.token, "existing callers get the first page again and again")
    };
    let old = pairs.baseline.field(field);
    let message = pairs.baseline.message(old.place.parent.unwrap_or(old_output));
    out.report(
        At::decl(pairs.current, Element::Method(pair.current)),
        &method.full_name,
        format!(
            "`{}` does not page any more, `{}` of `{}` is no longer what it was: {effect}",
            method.full_name, old.name, message.full_name
        ),
    )
    .against(At::decl(pairs.baseline, Element::Field(field)))
    .labels("does not page", "was here")
    .sides(&[Side::OldClientNewServer]);
}
