//! The client does not stream.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, MethodId};

pub(super) static RULE: Rule = Rule {
    id: "RPC_NO_CLIENT_STREAMING",
    categories: &["UNARY_RPC"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "rpcs do not stream from the client",
    breaks: &[],
    why: "Streams need support from proxies, clients and load balancers on the whole way; some environments do not have it.",
    help: "use a unary rpc, with pages or batches",
    bad: "rpc Upload(stream UploadRequest) returns (UploadResponse);",
    good: "rpc Upload(UploadRequest) returns (UploadResponse);",
    check: Check::Method(check),
};

fn check(lint: &Lint<'_>, id: MethodId, out: &mut Findings) {
    let method = lint.schema.method(id);
    if method.client_streaming {
        lint.report(out, Element::Method(id), &[], format!("rpc `{}` streams from the client", method.name));
    }
}
