//! Differences: what counts as the same, what a version has to be called, and that the order of files and members has no say.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use protogate_check::difference::{Difference, Mark, Sort, Verdict, facts};
use protogate_check::{BreakingConfig, Profile, check_breaking, texts};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn schema(body: &str) -> Schema {
    compile(vec![Source::new("a.proto", format!("syntax = \"proto3\"; package a.v1;\n{body}"))]).unwrap()
}

fn difference(old: &Schema, new: &Schema) -> Difference {
    let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
    let report = check_breaking(new, old, &config).unwrap().group();
    Difference::between(new, Some(old), &report.findings, true)
}

#[track_caller]
fn differs(old: &str, new: &str, verdict: Verdict, expected: &[(Mark, Sort, &str, &str)]) {
    let found = difference(&schema(old), &schema(new));
    let changes: Vec<_> =
        found.changes.iter().map(|it| (it.mark, it.fact.sort, it.fact.name.clone(), it.text())).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|&(mark, sort, name, text)| (mark, sort, name.to_owned(), text.to_owned()))
        .collect();
    assert_eq!(changes, expected);
    assert_eq!(found.verdict(), verdict);
    assert!(found.others.is_empty(), "{:?}", found.others);
}

#[test]
fn verdicts() {
    let old = "message M { string a = 1; } enum E { E_ZERO = 0; }";
    differs(old, old, Verdict::None, &[]);
    // The order of declarations is nothing that anybody sees.
    differs(old, "enum E { E_ZERO = 0; } message M { string a = 1; }", Verdict::None, &[]);
    let comment = format!("// A comment.\n{old}");
    differs(old, &comment, Verdict::Patch, &[(Mark::Changed, Sort::Message, "a.v1.M", "comment added")]);
    differs(
        old,
        "message M { string a = 1; int32 b = 2; } enum E { E_ZERO = 0; }",
        Verdict::Minor,
        &[(Mark::Added, Sort::Field, "a.v1.M.b", "int32 = 2 json b")],
    );
    differs(
        old,
        "message M { string a = 1 [deprecated = true]; } enum E { E_ZERO = 0; }",
        Verdict::Minor,
        &[(Mark::Changed, Sort::Field, "a.v1.M.a", "+ option deprecated true")],
    );
    differs(
        old,
        "message M { } enum E { E_ZERO = 0; }",
        Verdict::Major,
        &[(Mark::Removed, Sort::Field, "a.v1.M.a", "string = 1 json a")],
    );
    differs(
        old,
        "message M { bytes a = 1; } enum E { E_ZERO = 0; }",
        Verdict::Major,
        &[(Mark::Changed, Sort::Field, "a.v1.M.a", "string -> bytes")],
    );
}

#[test]
fn a_rename_is_one_change() {
    let old = "message Old { string a = 1; int32 b = 2; message In { string x = 1; } } message User { Old it = 1; map<string, Old.In> m = 2; }
        service S { rpc Get(Old) returns (User); }";
    let new = old.replace("Old", "New");
    let found = difference(&schema(old), &schema(&new));
    let names: Vec<_> = found.changes.iter().map(|it| it.fact.name.as_str()).collect();
    assert_eq!(names, ["a.v1.New", "a.v1.New.In"]);
    assert_eq!(found.changes[0].renamed_from().map(|it| it.name.as_str()), Some("a.v1.Old"));
    assert_eq!(found.verdict(), Verdict::Major);
    // Fields by number, and by name where the number is another one.
    let found = difference(
        &schema("message M { string a = 1; int32 b = 2; }"),
        &schema("message M { string c = 1; int32 b = 3; }"),
    );
    let changes: Vec<_> = found
        .changes
        .iter()
        .map(|it| {
            (it.fact.label.as_str(), it.renamed_from().map(|it| it.label.as_str()), it.breaks.is_empty())
        })
        .collect();
    assert_eq!(changes, [("1 c", Some("1 a"), false), ("3 b", Some("2 b"), false)]);
}

#[test]
fn a_map_breaks_as_a_field() {
    differs(
        "message M { map<string, int32> m = 1; }",
        "message M { map<string, bytes> m = 1; }",
        Verdict::Major,
        &[(Mark::Changed, Sort::Field, "a.v1.M.m", "map of string to int32 -> map of string to bytes")],
    );
}

#[test]
fn texts_are_in_one_spelling() {
    let old = schema("message M { reserved 5, 3; string b = 2; string a = 1; oneof o { int32 x = 4; } }");
    let new = schema(
        "// Comment.\nmessage   M { string a=1;string b=2; oneof o{int32 x=4;} reserved 3; reserved 5; }",
    );
    assert!(texts(&new, &old).is_empty(), "{:?}", texts(&new, &old));
    let renamed = schema("message N { reserved 5, 3; string b = 2; string a = 1; oneof o { int32 x = 4; } }");
    let found = texts(&renamed, &old);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].before.as_ref().unwrap().0, "a.v1.M");
    assert_eq!(found[0].after.as_ref().unwrap().0, "a.v1.N");
}

/// What is written compiles, and means the same.
#[test]
fn texts_compile() {
    let body = "enum K { K_ZERO = 0; K_ONE = 1; reserved 7; reserved \"K_X\"; }
        message M { reserved 9 to 11; reserved \"gone\"; map<string, K> m = 1; optional int32 o = 2 [deprecated = true]; repeated M r = 3;
        string j = 4 [json_name = \"J\"]; oneof of { string s = 5; M n = 6; } message In { bytes b = 1; } In in = 7; }
        service S { rpc Get(M) returns (stream M.In); }";
    let schema = schema(body);
    let all: String = texts(&schema, &compile(vec![Source::new("b.proto", "syntax = \"proto3\";")]).unwrap())
        .into_iter()
        .filter_map(|it| it.after.map(|(_, text)| text))
        .collect();
    let again =
        compile(vec![Source::new("a.proto", all.clone())]).unwrap_or_else(|error| panic!("{error}\n{all}"));
    let listing =
        |schema: &Schema| -> Vec<_> { facts(schema).iter().map(|it| (it.name.clone(), it.text())).collect() };
    assert_eq!(listing(&schema), listing(&again));
    assert!(texts(&schema, &again).is_empty());
}
