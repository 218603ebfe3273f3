//! What findings say about one change each: causes, who breaks and how, advice. Each case was once said wrongly.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::fmt::Write as _;

use protogate_check::report::{Format, View, render};
use protogate_check::{BreakingConfig, Profile, Report, check_breaking};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn schema(text: &str) -> Schema {
    let head = "syntax = \"proto3\"; package a.v1; import \"google/api/annotations.proto\"; import \"protogate/v1/annotations.proto\";";
    let text = if text.starts_with("syntax") { text.to_owned() } else { format!("{head}\n{text}\n") };
    compile(vec![Source::new("a.proto", text)]).unwrap()
}

fn check(old: &str, new: &str) -> Report {
    let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
    check_breaking(&schema(new), &schema(old), &config).unwrap()
}

/// The whole report as people see it, grouped, without frames' sources.
fn text(old: &str, new: &str) -> String {
    shown(&check(old, new).group())
}

fn shown(report: &Report) -> String {
    let mut out = String::new();
    let view = View { frames: true, width: 1000, ..View::default() };
    render(Format::Text, report, &view, &mut out).unwrap();
    for finding in report.all() {
        let sides: Vec<_> = finding.sides.iter().map(|it| it.label()).collect();
        writeln!(out, "{} between {}", finding.rule, sides.join(", ")).unwrap();
    }
    out
}

#[track_caller]
fn says(text: &str, expected: &[&str], wrong: &[&str]) {
    for it in expected {
        assert!(text.contains(it), "not said: {it}\n{text}");
    }
    for it in wrong {
        assert!(!text.contains(it), "said: {it}\n{text}");
    }
}

#[test]
fn changes_of_an_error_are_no_renumbering() {
    let with = |spec: &str| {
        format!(
            "enum E {{ option (protogate.v1.error_catalog) = {{ domain: \"a\" }}; E_UNSPECIFIED = 0;
             ORDER_NOT_FOUND = 1 [(protogate.v1.error) = {{ {spec} }}]; }}"
        )
    };
    let old = with("code: \"ERR_A_001\" grpc_code: \"NOT_FOUND\"");
    let report = check(&old, &with("code: \"ERR_A_002\" grpc_code: \"INTERNAL\" retryable: true"));
    let count = report.findings.len();
    assert!(count >= 3, "{:?}", report.findings);
    let report = report.group();
    assert_eq!(report.findings.len(), count, "each is a change of its own");
    // Who is hurt is an old client that gets the answers of a new server.
    says(
        &shown(&report),
        &["ERROR_SAME_GRPC_CODE between old client to new server\n"],
        &["was renumbered", "new client to old server"],
    );
}

#[test]
fn enums_with_other_names_refuse_each_others_json() {
    let text = text(
        "message M { E f = 1; } enum E { E_ZERO = 0; E_ONE = 1; }",
        "message M { F f = 1; } enum E { E_ZERO = 0; E_ONE = 1; } enum F { F_ZERO = 0; F_ONE = 1; }",
    );
    says(&text, &["new readers refuse \"E_ONE\"; old readers refuse \"F_ONE\""], &["not broken: JSON"]);
}

#[test]
fn packed_lists_are_read_as_what_is_length_delimited() {
    let text = |old: &str, new: &str| {
        let message = |field: &str| format!("message L {{ int32 a = 1; }} message M {{ {field} r = 1; }}");
        text(&message(old), &message(new))
    };
    let dropped = "each side drops what the other wrote as an unknown field";
    says(
        &text("repeated int32", "repeated string"),
        &["new readers take the packed list for a text", "old readers take the bytes for a packed list"],
        &[dropped],
    );
    says(&text("repeated int32", "bytes"), &["take the packed list for bytes"], &[dropped]);
    says(&text("repeated int32", "L"), &["take the packed list for an encoded message"], &[dropped]);
    says(&text("repeated float", "repeated int32"), &["one of another width"], &[dropped]);
    says(&text("int32", "string"), &[dropped], &["packed"]);
    says(&text("repeated int32", "int32"), &["drop a packed list as an unknown field"], &["keep the last"]);
    says(&text("repeated string", "string"), &["keep the last element of a list"], &["merge"]);
}

#[test]
fn messages_of_a_list_are_merged() {
    let text = text(
        "message Line { string sku = 1; int32 count = 2; } message M { repeated Line lines = 1; }",
        "message Line { string sku = 1; int32 count = 2; } message M { Line lines = 1; }",
    );
    says(
        &text,
        &[
            "merge the elements of a list into one message",
            r#"new reads   {"lines":{"count":-1,"sku":"text"}}"#,
        ],
        &["keep the last element"],
    );
}

#[test]
fn exchanged_names_are_refused_by_nobody() {
    let text = text(
        "message M { string id = 1; string title = 2; }",
        "message M { string title = 1; string id = 2; }",
    );
    says(
        &text,
        &[
            "the key `id` is field 2 now, and field 1 is `title`: a value under the old key is read into the other field, without an error",
            "new reads   {\"id\":\"text\"} (in field 2, which was `title`)",
        ],
        &["refuse", "stop compiling"],
    );
}

#[test]
fn presence_breaks_no_json() {
    let text = text("message M { string s = 1; }", "message M { optional string s = 1; }");
    says(&text, &["FIELD_SAME_CARDINALITY between rebuilt code\n", "not broken: wire, JSON"], &[]);
}

#[test]
fn a_map_and_a_list_are_one_cause() {
    let old = "message Line { string key = 1; int32 value = 2; } message M { map<string, int32> m = 1; }";
    let new = "message Line { string key = 1; int32 value = 2; } message M { repeated Line m = 1; }";
    let grouped = text(old, new);
    says(
        &grouped,
        &["an object becomes a list", "MESSAGE_NO_DELETE"],
        &["compatible when", "not broken: JSON", "not broken: wire"],
    );
    let other = "message Line { bytes key = 1; int32 n = 3; } message M { repeated Line m = 1; }";
    let sayings = |new: &str| {
        check(old, new).findings.into_iter().flat_map(|it| it.impact).map(|it| it.text).collect::<String>()
    };
    says(&sayings(new), &["of those with the same key only the last is left"], &[]);
    says(&sayings(other), &["what else there is is lost"], &["of those with the same key"]);
}

#[test]
fn a_number_that_was_taken_is_one_cause_with_one_repair() {
    let report = check(
        "message M { string id = 1; string title = 2; }",
        "message M { string id = 1; int32 weight = 2; }",
    );
    let fixes: Vec<_> = report.findings.iter().filter_map(|it| it.fix.as_ref()).map(|it| &it.title).collect();
    assert!(
        fixes.iter().all(|it| *it == "give `weight` the number 3, and reserve that of `title`"),
        "{fixes:?}"
    );
    assert!(fixes.len() > 1);
    let helps: std::collections::BTreeSet<_> = report.findings.iter().map(|it| &it.help).collect();
    assert_eq!(helps.len(), 1, "{helps:?}");
    let report = report.group();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    says(
        &shown(&report),
        &["`title` looks deleted, and its number 2 taken by `weight`"],
        &["call it", "keep field 2, add the new one", "not broken: wire"],
    );
}
