//! Random deletions, repaired: the sources still compile, nothing deleted can be taken again, and everything else is as it was.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::HashMap;

use protogate_check::{BreakingConfig, Patch, check_breaking};
use protogate_schema::compile::{Source, compile, recompile};

/// Numbers from a seed: the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// A declaration with what is in it, and how it is laid out.
struct Block {
    head: String,
    /// Each with whether it may be deleted.
    members: Vec<(String, bool)>,
    inner: Vec<Self>,
    on_one_line: bool,
    brace_below: bool,
}

impl Block {
    fn message(dice: &mut Dice, name: &str, depth: usize) -> Self {
        let mut members = Vec::new();
        let mut number = 0;
        for field in 0..2 + dice.roll(6) {
            number += 1 + dice.roll(3);
            let kind = ["string", "int64", "repeated bytes", "map<string, int32>", "Kind", "optional bool"]
                [dice.roll(6)];
            let option = ["", " [deprecated = true]", " [json_name = \"Other%\"]"][dice.roll(3)]
                .replace('%', &field.to_string());
            members.push((format!("{kind} f_{field} = {number}{option};"), true));
        }
        if dice.one_in(3) {
            members.push((
                format!("oneof o {{ int32 a_{number} = {}; int32 b = {}; }}", number + 5, number + 7),
                false,
            ));
        }
        let inner = if depth < 2 && dice.one_in(2) {
            vec![Self::message(dice, "Inner", depth + 1), Self::enumeration(dice, "Sort")]
        } else {
            Vec::new()
        };
        Self {
            head: format!("message {name}"),
            members,
            on_one_line: inner.is_empty() && dice.one_in(4),
            inner,
            brace_below: dice.one_in(5),
        }
    }

    fn enumeration(dice: &mut Dice, name: &str) -> Self {
        let upper = name.to_uppercase();
        let mut members = vec![(format!("{upper}_ZERO = 0;"), false)];
        let alias = dice.one_in(3);
        if alias {
            members.insert(0, ("option allow_alias = true;".to_owned(), false));
            // Without its own alias, the option would be refused.
            members.push((format!("{upper}_NIL = 0;"), false));
        }
        let mut number: i64 = if dice.one_in(3) { -5 } else { 0 };
        for value in 0..1 + dice.roll(6) {
            if !(alias && value > 0 && dice.one_in(2)) {
                number += 1 + dice.roll(4) as i64;
                if number == 0 {
                    number = 1;
                }
            }
            members.push((format!("{upper}_{value} = {number};"), true));
        }
        Self {
            head: format!("enum {name}"),
            members,
            inner: Vec::new(),
            on_one_line: dice.one_in(4),
            brace_below: false,
        }
    }

    fn write(&self, keep: &mut dyn FnMut() -> bool, indent: usize, out: &mut String) {
        let pad = "  ".repeat(indent);
        let (line, inside) = if self.on_one_line { (" ", String::new()) } else { ("\n", format!("{pad}  ")) };
        let brace = if self.brace_below { format!("\n{pad}{{") } else { " {".to_owned() };
        out.push_str(&format!("{pad}{}{brace}{line}", self.head));
        for (member, deletable) in &self.members {
            if !deletable || keep() {
                out.push_str(&format!("{inside}{member}{line}"));
            }
        }
        for inner in &self.inner {
            inner.write(keep, indent + 1, out);
        }
        out.push_str(&format!("{}}}\n", if self.on_one_line { "" } else { &pad }));
    }
}

#[test]
fn what_is_deleted_is_reserved() {
    let rules = [
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
        "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
    ];
    let config = BreakingConfig { r#use: rules.map(str::to_owned).to_vec(), ..BreakingConfig::default() };
    let (mut repaired, mut lines) = (0, 0);
    for seed in 0..300 {
        let dice = &mut Dice(seed);
        let blocks = [
            Block::message(dice, "First", 0),
            Block::enumeration(dice, "Kind"),
            Block::message(dice, "Last", 0),
        ];
        let end = if dice.one_in(4) { "\r\n" } else { "\n" };
        let write = |keep: &mut dyn FnMut() -> bool| {
            let mut text = "syntax = \"proto3\";\npackage a.v1;\n\n// Grüße {\n".to_owned();
            blocks.iter().for_each(|it| it.write(keep, 0, &mut text));
            text.replace('\n', end)
        };
        let old = write(&mut || true);
        let new = write(&mut || !dice.one_in(3));
        let schema = |text: &str| {
            compile(vec![Source::new("a/v1/a.proto", text)]).map_err(|it| format!("{it}\n{text}"))
        };
        let (baseline, current) = (schema(&old).unwrap(), schema(&new).unwrap());
        let report = check_breaking(&current, &baseline, &config).unwrap();
        let patch = Patch::of(&report, &current);
        assert_eq!(patch.applied.len(), report.findings.len(), "{new}");
        assert!(patch.postponed.is_empty());
        let texts: HashMap<String, String> = patch.files.clone().into_iter().collect();
        let fixed = recompile(&current, &texts)
            .map_err(|error| format!("seed {seed}: {error}\n{}", texts["a/v1/a.proto"]))
            .unwrap();
        let again = check_breaking(&fixed, &baseline, &config).unwrap();
        assert!(again.findings.is_empty(), "seed {seed}: {:?}\n{texts:?}", again.findings);
        if let Some(text) = patch.files.get("a/v1/a.proto") {
            // Taking the statements out again gives the old bytes.
            let kept =
                text.split_inclusive(end).filter(|line| !line.trim().starts_with("reserved ")).map(|line| {
                    let Some(at) = line.find(" reserved ") else { return line.to_owned() };
                    let mut rest = &line[at..];
                    while let Some(next) = rest.strip_prefix(" reserved ") {
                        rest = &next[next.find(';').unwrap() + 1..];
                    }
                    format!("{}{rest}", &line[..at])
                });
            assert_eq!(kept.collect::<String>(), new, "seed {seed}");
            lines += text.matches("reserved ").count();
            repaired += 1;
        }
    }
    assert!(repaired > 200 && lines > 500, "{repaired} files, {lines} statements");
}

#[test]
fn json_names_are_kept() {
    let schema = |fields: &str| {
        let text = format!("syntax = \"proto3\"; package a; message M {{\n{fields}\n}}");
        compile(vec![Source::new("a.proto", text)]).unwrap()
    };
    let config =
        BreakingConfig { r#use: vec!["FIELD_SAME_JSON_NAME".to_owned()], ..BreakingConfig::default() };
    let fixed = |old: &str, new: &str| {
        let (old, new) = (schema(old), schema(new));
        let report = check_breaking(&new, &old, &config).unwrap();
        assert_eq!(report.findings.len(), 1);
        let files = Patch::of(&report, &new).files;
        let text = files.get("a.proto")?.lines().nth(1).unwrap().to_owned();
        let again = recompile(&new, &files.into_iter().collect()).unwrap();
        assert!(check_breaking(&again, &old, &config).unwrap().findings.is_empty(), "{text}");
        Some(text)
    };
    let old = "string a_b = 1;";
    for (new, expected) in [
        ("string c = 1;", Some("string c = 1 [json_name = \"aB\"];")),
        ("string c = 1 ;", Some("string c = 1 [json_name = \"aB\"] ;")),
        ("string c = 1 [deprecated = true];", Some("string c = 1 [json_name = \"aB\", deprecated = true];")),
        ("string a_b = 1 [json_name='x'];", Some("string a_b = 1 [json_name = \"aB\"];")),
        // The name belongs to another field now.
        ("string c = 1; string aB = 2;", None),
    ] {
        assert_eq!(fixed(old, new).as_deref(), expected, "{new}");
    }
}
