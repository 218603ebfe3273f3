//! What findings say about one change each: causes, who breaks and how, advice. Each case was once said wrongly.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test writes files and stops where it fails"
)]

use std::fmt::Write as _;

use protogate_check::report::{Format, View, render};
use protogate_check::{BreakingConfig, Direction, Profile, Report, check_breaking, check_direction};
use protogate_schema::compile::{Source, compile};
use protogate_schema::history::History;
use protogate_schema::{Input, Schema, baseline, load};

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

const GET: &str = "message G { string id = 1; } message X { string id = 1; string title = 2; }";

fn service(rpcs: &str) -> String {
    format!("{GET} service S {{ {rpcs} }}")
}

#[test]
fn a_renamed_rpc_that_kept_its_route_is_not_seen_by_http() {
    let old = service("rpc Get(G) returns (X) { option (google.api.http) = { get: \"/v1/x/{id}\" }; }");
    let new = service("rpc Fetch(G) returns (X) { option (google.api.http) = { get: \"/v1/x/{id}\" }; }");
    let renamed = check(&old, &new).group();
    let [one] = &renamed.findings[..] else { panic!("{renamed:?}") };
    assert_eq!(one.rule, "RPC_NO_DELETE");
    says(
        &shown(&renamed),
        &["not broken: JSON, REST", "RPC_NO_DELETE between old client to new server, rebuilt code\n"],
        &["404", "405", "GET /v1/x"],
    );
}

#[test]
fn a_deleted_rpc_and_its_route_say_the_same() {
    let kept = "rpc Put(X) returns (X) { option (google.api.http) = { put: \"/v1/x/{id}\" body: \"*\" }; }";
    let old = service(&format!(
        "{kept} rpc Get(G) returns (X) {{ option (google.api.http) = {{ get: \"/v1/x/{{id}}\" }}; }}"
    ));
    let text = text(&old, &service(kept));
    says(&text, &["`GET /v1/x/{id}` gets 405, for PUT only"], &["404"]);
}

#[test]
fn a_renamed_package_keeps_its_routes() {
    let old = service("rpc Get(G) returns (X) { option (google.api.http) = { get: \"/v1/x/{id}\" }; }");
    let moved = |text: &str| {
        format!("syntax = \"proto3\"; package a.v2; import \"google/api/annotations.proto\"; {text}")
    };
    let routes = |report: &Report| report.all().filter(|it| it.rule.starts_with("ROUTE_")).count();
    let report = check(&old, &moved(&old));
    assert!(report.all().any(|it| it.rule == "FILE_SAME_PACKAGE"), "{report:?}");
    assert_eq!(routes(&report), 0, "{report:?}");
    // An answer without one of its members is another answer.
    assert_eq!(routes(&check(&old, &moved(&old.replace("string title = 2;", "")))), 1);
}

#[test]
fn callers_by_http_are_hurt_by_what_routes_carry() {
    let change = |before: &str| {
        let old = format!("message Q {{ string id = 1; }} {before}");
        text(&old, &old.replace("string kind = 1", "int32 kind = 1"))
    };
    says(&change("message M { string kind = 1; }"), &["not broken: REST"], &[]);
    let route = "option (google.api.http) = { get: \"/v1/m\" };";
    let answer =
        format!("message M {{ string kind = 1; }} service S {{ rpc L(Q) returns (M) {{ {route} }} }}");
    says(&change(&answer), &["REST    callers find it changed in answers"], &["query parameter"]);
    let asked =
        format!("message M {{ string kind = 1; }} service S {{ rpc L(M) returns (Q) {{ {route} }} }}");
    says(&change(&asked), &["a query parameter or path variable"], &[]);
    // A reason is known by its name in another message.
    let reason = "option (protogate.v1.error_catalog) = { domain: \"a\" }; E_UNSPECIFIED = 0;";
    let gone = "GONE = 1 [(protogate.v1.error) = { code: \"ERR_A_001\" grpc_code: \"NOT_FOUND\" }];";
    let report = check(&format!("enum E {{ {reason} {gone} }}"), &format!("enum E {{ {reason} }}"));
    let value = report.findings.iter().find(|it| it.rule == "ENUM_VALUE_NO_DELETE").expect("it is deleted");
    let audiences: Vec<&str> = value.impact.iter().map(|it| it.audience.label()).collect();
    assert_eq!(audiences, ["source"], "{value:?}");
    assert_eq!(value.sides.iter().map(|it| it.label()).collect::<Vec<_>>(), ["rebuilt code"]);
}

/// The report against a baseline that remembers an earlier version.
fn remembering(before: &str, baseline: &str, current: &str) -> String {
    let (before, baseline) = (schema(before), schema(baseline));
    let history = History::default().advance(&before, &baseline, "2026-10-02");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("baseline.binpb");
    std::fs::write(&path, baseline::encode(&baseline, &history)).unwrap();
    let baseline = load::load(&Input::parse(path.to_str().unwrap()).unwrap()).unwrap();
    let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
    shown(&check_breaking(&schema(current), &baseline, &config).unwrap().group())
}

#[test]
fn advice_of_the_history_names_what_is_at_hand() {
    let none = "message M { int32 a = 1; } enum E { E_ZERO = 0; }";
    let number = |kind: &str| {
        remembering(
            "message M { int32 a = 1; string label = 7; } enum E { E_ZERO = 0; E_GONE = 5; }",
            none,
            &format!("message M {{ int32 a = 1; {kind} weight = 7; }} enum E {{ E_ZERO = 0; E_NEW = 5; }}"),
        )
    };
    says(
        &number("int32"),
        &[
            "reserve the old one: `reserved 7;`",
            "reserve the old one: `reserved 5;`",
            "is dropped as an unknown field, and so is `weight` by old readers",
        ],
        &["reserved 2", "is read as `weight`"],
    );
    says(&number("bytes"), &["what was written as `label` (string)", "is read as `weight`"], &["dropped"]);
    let name = remembering(
        "message M { int32 a = 1; string label = 7; } enum E { E_ZERO = 0; E_GONE = 5; }",
        none,
        "message M { int32 a = 1; string label = 8; } enum E { E_ZERO = 0; E_GONE = 6; }",
    );
    says(
        &name,
        &["reserve the old one: `reserved \"label\";`", "give `E_GONE` its old number 5"],
        &["\"rev\"", "reserved 2"],
    );
}

#[test]
fn a_route_that_comes_back_with_another_rpc_is_found() {
    let purge = |messages: &str| {
        service(&format!(
            "rpc Purge({messages}) returns (X) {{ option (google.api.http) = {{ post: \"/v1/x:purge\" body: \"*\" }}; }}"
        ))
    };
    let text = remembering(&purge("G"), &service(""), &purge("X"));
    says(
        &text,
        &[
            "[RPC_NAME_REUSED]",
            "[ROUTE_REUSED]",
            "is the former route of an rpc of this name with other messages",
        ],
        &[],
    );
    says(&remembering(&purge("G"), &service(""), &purge("G")), &[], &["REUSED"]);
}

#[test]
fn a_baseline_without_sources_shows_the_annotation_at_hand() {
    let with = |code: &str| {
        format!(
            "enum E {{ option (protogate.v1.error_catalog) = {{ domain: \"a\" }}; E_UNSPECIFIED = 0;
             GONE = 1 [deprecated = true, (protogate.v1.error) = {{ code: \"ERR_A_001\" grpc_code: \"{code}\" }}]; }}"
        )
    };
    let text = remembering(&with("NOT_FOUND"), &with("NOT_FOUND"), &with("INTERNAL"));
    says(
        &text,
        &[r#"was: GONE = 1 [(protogate.v1.error) = {"code":"ERR_A_001","grpcCode":"NOT_FOUND"}];"#],
        &["deprecated"],
    );
}

#[test]
fn types_have_names_and_bounds_have_signs() {
    let old = "message P { int32 a = 1; } message M { float f = 1; }";
    says(&text(old, &old.replace("float f", "P f")), &["changed type: float -> message a.v1.P"], &[]);
    says(&text(old, &old.replace("float f", "bytes f")), &["changed type: float -> bytes"], &[]);
}

#[test]
fn forward_is_about_old_readers_of_new_data() {
    let forward = |old: &str, new: &str| {
        let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
        let report = check_direction(&schema(new), &schema(old), &config, Direction::Forward).unwrap();
        shown(&report.group())
    };
    let old = "enum E { E_ZERO = 0; } message M { E e = 1; int32 count = 2; string gone = 3; }";
    let new = "enum E { E_ZERO = 0; E_ONE = 1; } message M { E e = 1; int64 count = 2; }";
    says(
        &forward(old, new),
        &[
            "old readers see the bare number 1",
            "old readers keep the low 32 bits",
            "changed type: int32 -> int64",
            "old readers see `gone` as the default, because nobody writes it any more",
            "new writes  a.v1.M {\"count\":\"4294967297\"}",
        ],
        &["stop compiling", "new readers see", "stored data", "rebuilt code", "old writes"],
    );
    // What only old writers do to new readers is not a question here.
    let tighter = "enum E { E_ZERO = 0; } message M { E e = 1; int64 count = 2; string gone = 3; }";
    says(&forward(tighter, old), &[], &["[FIELD_WIRE_COMPATIBLE_TYPE]", "low 32 bits"]);
}
