//! The server does not stream.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};

pub(super) static RULE: Rule = Rule {
    id: "RPC_NO_SERVER_STREAMING",
    categories: &["UNARY_RPC"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs do not stream from the server",
    breaks: &[],
    why: "Streams need support from proxies, clients and load balancers on the whole way; some environments do not have it.",
    help: "use a unary rpc, with pages or batches",
    bad: "rpc Watch(WatchRequest) returns (stream WatchResponse);",
    good: "rpc List(ListRequest) returns (ListResponse);",
    check: Check::Method(check),
};

fn check(lint: &Lint<'_>, id: MethodId, out: &mut Findings) {
    let method = lint.schema.method(id);
    if method.server_streaming {
        lint.report(out, Element::Method(id), &[], format!("rpc `{}` streams from the server", method.name));
    }
}
