//! Editions in descriptor sets: resolved features decide what breaks, as the reference checker has it.
//!
//! The format of the cases is in `fixtures/editions/README.md`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests stop at the first surprise"
)]

mod support;

use std::path::Path;
use std::process::Command;

use protogate_check::{BreakingConfig, Finding, check_breaking};
use protogate_fixture::{Case, cases, is_blessing};
use protogate_schema::{Input, Schema, load};

const CATEGORIES: [&str; 5] = ["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"];

fn image(case: &Case, side: &str) -> Schema {
    let path = case.path(&format!("{side}.binpb.gz"));
    load::load(&Input::parse(path.to_str().unwrap()).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn check(current: &Schema, baseline: &Schema) -> Vec<Finding> {
    let config = BreakingConfig { r#use: CATEGORIES.map(str::to_owned).to_vec(), ..Default::default() };
    check_breaking(current, baseline, &config).unwrap().findings
}

#[test]
fn every_case_is_as_expected() {
    bless_images();
    let mut wrong = String::new();
    for case in cases("editions") {
        let (baseline, current) = (image(&case, "baseline"), image(&case, "current"));
        let findings = check(&current, &baseline);
        if let Err(difference) = case.compare("expected.txt", &support::lines(&findings)) {
            wrong.push_str(&format!("{difference:#}\n"));
        }
        for schema in [&baseline, &current] {
            assert_eq!(support::lines(&check(schema, schema)), "", "{}: equal inputs", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_reference_checker_agrees() {
    let mut wrong = String::new();
    let config = format!(r#"{{"version":"v2","breaking":{{"use":{CATEGORIES:?}}}}}"#);
    for case in cases("editions") {
        let arguments =
            ["breaking", "current.binpb.gz", "--against", "baseline.binpb.gz", "--config", &config];
        let Some(expected) = support::reference(&case.dir, &arguments) else { return };
        let mut actual: Vec<String> =
            check(&image(&case, "current"), &image(&case, "baseline")).iter().map(support::place).collect();
        actual.sort();
        let difference = support::difference(&expected, &actual);
        if !difference.is_empty() {
            wrong.push_str(&format!("{}\n{difference}", case.name));
        }
    }
    assert!(wrong.is_empty(), "`-` only the reference, `+` only ours\n{wrong}");
}

/// The images are what the reference compiler makes of the sources beside them.
#[test]
fn images_and_sources_agree() {
    let Some(buf) = std::env::var_os("PROTOGATE_BUF") else {
        eprintln!("note: PROTOGATE_BUF is not set; the images are not compared with their sources");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    for case in cases("editions") {
        for side in ["baseline", "current"] {
            let built = dir.path().join("built.binpb.gz");
            build(Path::new(&buf), &case.path(side), &built);
            let same = std::fs::read(&built).unwrap()
                == std::fs::read(case.path(&format!("{side}.binpb.gz"))).unwrap();
            assert!(same || is_blessing(), "{}/{side}.binpb.gz is not what its sources say", case.name);
        }
    }
}

fn bless_images() {
    if let (true, Some(buf)) = (is_blessing(), std::env::var_os("PROTOGATE_BUF")) {
        for case in cases("editions") {
            for side in ["baseline", "current"] {
                build(Path::new(&buf), &case.path(side), &case.path(&format!("{side}.binpb.gz")));
            }
        }
    }
}

fn build(buf: &Path, dir: &Path, out: &Path) {
    let status = Command::new(buf)
        .args(["build", "-o"])
        .arg(std::path::absolute(out).unwrap())
        .current_dir(dir)
        .env("BUF_CACHE_DIR", std::env::temp_dir().join("protogate-buf-cache"))
        .status()
        .unwrap();
    assert!(status.success(), "{}", dir.display());
}
