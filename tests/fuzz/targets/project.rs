//! Configurations: `protogate.toml`, `buf.yaml` in its versions, `buf.work.yaml`, and a service's settings. The first line of the
//! input says which.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use protogate_check::{BreakingConfig, LintConfig, Waivers, check_breaking, check_lint};
use protogate_fuzz::{Folder, clean, on_disk, render_error, render_some, seed};
use protogate_schema::compile::{Source, compile};
use protogate_schema::{Error, Project, Schema};

/// The sections that are read by others than the project.
fn sections(project: &Project, schema: &Schema) -> Result<(), Error> {
    let breaking: BreakingConfig = project.section("breaking")?;
    let lint: LintConfig = project.section("lint")?;
    let waivers: Waivers = project.section("waiver")?;
    let reports = [check_breaking(schema, schema, &breaking), check_lint(schema, &lint)];
    for report in reports {
        match report {
            Ok(mut report) => {
                waivers.apply(&mut report, jiff::civil::date(2027, 1, 31));
                render_some(&report, Some(schema));
            }
            Err(error) => assert!(!error.to_string().trim().is_empty(), "an error that says nothing"),
        }
    }
    Ok(())
}

fuzz_target!(init: seed("project"), |data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else { return };
    let (name, content) = (&data[..end], &data[end + 1..]);
    let text = String::from_utf8_lossy(content);
    match name {
        b"protogate.toml" => {
            let schema = compile(vec![Source::new("a/v1/a.proto", "syntax = \"proto3\"; message M { int32 X = 1; }")]);
            let schema = schema.expect("a small schema");
            let read = Project::parse(&text, "protogate.toml", Path::new("."));
            if let Err(error) = read.and_then(|project| sections(&project, &schema)) {
                render_error(&error);
            }
        }
        b"buf.yaml" => {
            if let Err(error) = Project::parse_buf(&text, "buf.yaml", Path::new(".")) {
                render_error(&error);
            }
        }
        b"buf.work.yaml" => {
            let path = on_disk("buf.work.yaml", content);
            if let Err(error) = Project::discover(Folder::get().path()) {
                render_error(&error);
            }
            std::fs::remove_file(path).expect("the file was just written");
        }
        b"service.toml" => {
            if let Err(error) = protogate::Config::from_toml(&text) {
                assert!(!error.to_string().trim().is_empty(), "an error that says nothing");
                clean(&error.to_string());
            }
        }
        _ => {}
    }
});
