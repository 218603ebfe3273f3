//! The client of an rpc goes on streaming, or not.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RPC_SAME_CLIENT_STREAMING",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs keep their client streaming",
    breaks: &[
        (Audience::Wire, "a peer that expects one message fails on none or on the second"),
        (Audience::Source, "generated signatures change"),
        (Audience::Rest, "the REST route changes between one document and a stream"),
    ],
    why: "Whether the client sends one message or many is fixed in generated code on both sides of the call.",
    help: "keep it and add a new rpc beside it",
    bad: r#"-   rpc Upload(Chunk) returns (Summary);
+   rpc Upload(stream Chunk) returns (Summary);"#,
    good: r#"    rpc Upload(Chunk) returns (Summary);
+   rpc UploadMany(stream Chunk) returns (Summary);"#,
    check: Check::MethodPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<MethodId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.method(pair.baseline), pairs.current.method(pair.current));
    if old.client_streaming == new.client_streaming {
        return;
    }
    let service = &pairs.current.service(new.service).full_name;
    let name = |streaming: bool| if streaming { "streaming" } else { "one message" };
    let (before, now) = (name(old.client_streaming), name(new.client_streaming));
    out.report(
        At::decl(pairs.current, Element::Method(pair.current)),
        &new.full_name,
        format!("rpc `{}` of `{service}` changed what the client sends: {before} -> {now}", new.name),
    )
    .against(At::decl(pairs.baseline, Element::Method(pair.baseline)))
    .labels(format!("now {now}"), format!("was {before}"))
    .key(now);
}
