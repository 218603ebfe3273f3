//! Files keep their syntax.

use crate::finding::Findings;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{FileId, Syntax};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FILE_SAME_SYNTAX",
    categories: &["FILE", "PACKAGE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "files keep their syntax",
    breaks: &[(Audience::Source, "presence, enums, defaults and strings are generated otherwise")],
    why: "proto2, proto3 and editions differ in presence, enums, defaults and UTF-8 checks, so generated code changes everywhere in the file. No syntax line means proto2. Going from one edition to another is fine.",
    help: "keep the syntax",
    bad: r#"- syntax = "proto2";
+ syntax = "proto3";"#,
    good: r#"  syntax = "proto2";"#,
    check: Check::FilePair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<FileId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.file(pair.baseline), pairs.current.file(pair.current));
    let (before, now) = (name(old.syntax), name(new.syntax));
    if before == now {
        return;
    }
    out.report(
        At::statement(pairs.current, pair.current, &[12]),
        &new.path,
        format!("syntax of file `{}` changed: {before} -> {now}", new.path),
    )
    .against(At::statement(pairs.baseline, pair.baseline, &[12]))
    .labels("", format!("was {before}"))
    .key(now);
}

fn name(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::Proto2 => "proto2",
        Syntax::Proto3 => "proto3",
        Syntax::Edition(_) => "editions",
    }
}
