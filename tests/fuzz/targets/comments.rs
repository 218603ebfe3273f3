//! Comments that steer the checks: `buf:lint:ignore` and `protogate:waive`. The input is the text of a comment.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_check::{ConfigVersion, LintConfig, Waivers, check_lint};
use protogate_fuzz::{render_some, seed};
use protogate_schema::compile::{Source, compile};

fuzz_target!(init: seed("comments"), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains(['\0', '\r', '\u{b}', '\u{c}']) {
        return;
    }
    let comment: String = text.lines().map(|line| format!("// {line}\n")).collect();
    let source = format!("syntax = \"proto3\";\n{comment}package a;\n{comment}message m {{\n{comment}int32 F = 1;\n}}\n");
    let Ok(schema) = compile(vec![Source::new("a.proto", source)]) else { return };
    for version in [ConfigVersion::V1Beta1, ConfigVersion::V2] {
        let config = LintConfig { version, ..LintConfig::default() };
        let mut report = check_lint(&schema, &config).expect("the defaults are a configuration");
        let mut waivers = Waivers::default();
        waivers.read_comments(&schema);
        waivers.apply(&mut report, jiff::civil::date(2027, 1, 31));
        render_some(&report, Some(&schema));
    }
});
