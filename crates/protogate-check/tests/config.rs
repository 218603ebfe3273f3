//! Sections and waivers: what selects and drops findings, and what is refused.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use jiff::civil::date;
use protogate_check::{BreakingConfig, ConfigVersion, LintConfig, Severity, Waivers, check_breaking};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

fn schema(files: &[(&str, &str)]) -> Schema {
    compile(files.iter().map(|(path, text)| Source::new(*path, *text)).collect()).unwrap()
}

fn device(package: &str, fields: &str) -> String {
    format!("syntax = \"proto3\";\npackage {package};\nmessage Device {{ {fields} }}\n")
}

/// Baseline with two fields, current with one: FIELD_NO_DELETE at `path`.
fn pair(path: &str, package: &str) -> (Schema, Schema) {
    let old = device(package, "string id = 1; int64 rev = 2;");
    let new = device(package, "string id = 1;");
    (schema(&[(path, &new)]), schema(&[(path, &old)]))
}

fn breaking(toml: &str) -> BreakingConfig {
    toml::from_str(toml).unwrap()
}

fn found(config: &BreakingConfig, path: &str, package: &str) -> Vec<&'static str> {
    let (current, baseline) = pair(path, package);
    let report = check_breaking(&current, &baseline, config).unwrap();
    report.findings.iter().map(|finding| finding.rule).collect()
}

#[test]
fn selection() {
    let path = "acme/v1/device.proto";
    let table: &[(&str, &[&str])] = &[
        ("", &["FIELD_NO_DELETE"]),
        ("use = ['WIRE']", &["FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"]),
        ("use = ['FILE', 'WIRE']\nexcept = ['FIELD_NO_DELETE']", &["FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED"]),
        ("use = ['RPC_NO_DELETE']", &[]),
        ("ignore = ['proto/acme/v1']", &[]),
        ("ignore = ['./proto/acme/v1/device.proto']", &[]),
        ("ignore = ['proto/acme/v1/dev']", &["FIELD_NO_DELETE"]),
        ("ignore = ['proto']", &[]),
        ("ignore = ['acme/v1']", &["FIELD_NO_DELETE"]),
        ("ignore_only = { FIELD_NO_DELETE = ['proto/acme'] }", &[]),
        ("ignore_only = { FILE = ['proto/acme'] }", &[]),
        ("ignore_only = { RPC_NO_DELETE = ['proto/acme'] }", &["FIELD_NO_DELETE"]),
        ("severity = { FIELD_NO_DELETE = 'allow' }", &[]),
        ("severity = { FILE = 'allow', FIELD_NO_DELETE = 'deny' }", &["FIELD_NO_DELETE"]),
    ];
    for (toml, expected) in table {
        let mut config = breaking(toml);
        config.roots = vec!["proto".to_owned()];
        assert_eq!(found(&config, path, "acme.v1"), *expected, "{toml}");
    }
    let unstable = breaking("ignore_unstable_packages = true");
    assert!(found(&unstable, path, "acme.v1beta1").is_empty());
    assert_eq!(found(&unstable, path, "acme.v1"), ["FIELD_NO_DELETE"]);
}

#[test]
fn severities() {
    let (current, baseline) = pair("a.proto", "a");
    let report = check_breaking(&current, &baseline, &breaking("severity = { FILE = 'warn' }")).unwrap();
    assert_eq!((report.count(Severity::Warn), report.has_denied()), (1, false));
}

#[test]
fn mistakes_are_named() {
    let (current, baseline) = pair("a.proto", "a");
    let table = [
        (
            "use = ['FIELD_NO_DELET']",
            "`breaking.use`: no rule or category `FIELD_NO_DELET`; did you mean `FIELD_NO_DELETE`?",
        ),
        ("except = ['Wire']", "`breaking.except`: no rule or category `Wire`; did you mean `WIRE`?"),
        ("use = ['ENUM_PASCAL_CASE']", "`breaking.use`: no rule or category `ENUM_PASCAL_CASE`"),
        (
            "use = ['RPC_NO_DELETE']\nexcept = ['FILE']",
            "`breaking.except` leaves no rule of `use`; take one of them out",
        ),
        (
            "ignore = ['../other']",
            "`breaking.ignore`: `../other` must be relative to the configuration file and below it",
        ),
    ];
    for (toml, expected) in table {
        let error = check_breaking(&current, &baseline, &breaking(toml)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{toml}: {error}");
    }
    assert!(toml::from_str::<BreakingConfig>("ignore_onyl = []").is_err(), "unknown keys are errors");
    assert!(toml::from_str::<LintConfig>("gate = 'deny'").is_err(), "keys of the other section are errors");
}

#[test]
fn old_names_are_replaced() {
    let (current, baseline) = pair("a.proto", "a");
    let mut config = breaking("use = ['FILE', 'FIELD_SAME_LABEL']");
    config.version = ConfigVersion::V1;
    let report = check_breaking(&current, &baseline, &config).unwrap();
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert!(report.rules.contains(&"FIELD_WIRE_COMPATIBLE_CARDINALITY"));
}

fn waivers(toml: &str) -> Waivers {
    let mut table: toml::Table = toml.parse().unwrap();
    table.remove("waiver").unwrap().try_into().unwrap()
}

#[test]
fn waivers_cover_expire_and_are_reported() {
    let (current, baseline) = pair("a.proto", "acme.v1");
    let fresh = || check_breaking(&current, &baseline, &BreakingConfig::default()).unwrap();
    let fingerprint = fresh().findings[0].fingerprint.clone();
    let today = date(2026, 11, 22);
    let element = "element = 'acme.v1.Device.rev'";
    let table: &[(String, usize, &[&str])] = &[
        (format!("rule = 'FIELD_NO_DELETE'\n{element}"), 1, &[]),
        (format!("rule = '{fingerprint}'"), 1, &[]),
        (format!("rule = '{fingerprint}'\n{element}"), 1, &[]),
        (format!("rule = 'FIELD_NO_DELETE'\n{element}\nexpires = 2026-11-22"), 1, &[]),
        (
            format!("rule = 'FIELD_NO_DELETE'\n{element}\nexpires = '2026-11-21'"),
            0,
            &["WAIVER_NOT_EXPIRED", "FIELD_NO_DELETE"],
        ),
        ("rule = 'FIELD_NO_DELETE'".to_owned(), 0, &["WAIVER_USED", "FIELD_NO_DELETE"]),
        (
            "rule = 'FIELD_NO_DELETE'\nelement = 'acme.v1.Device'".to_owned(),
            0,
            &["WAIVER_USED", "FIELD_NO_DELETE"],
        ),
        (format!("rule = 'FIELD_NO_DELETED'\n{element}"), 0, &["WAIVER_KNOWN_RULE", "FIELD_NO_DELETE"]),
        // Not asked for in this run, so nothing can be said about it.
        ("rule = 'ENUM_PASCAL_CASE'\nelement = 'acme.v1.kind'".to_owned(), 0, &["FIELD_NO_DELETE"]),
    ];
    for (toml, waived, expected) in table {
        let mut report = fresh();
        waivers(&format!("[[waiver]]\n{toml}\nreason = 'because'")).apply(&mut report, today);
        let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!((report.waived.len(), rules.as_slice()), (*waived, *expected), "{toml}");
    }
    let mistakes = [
        "rule = 'A'\nreason = 'b'\nexpire = 2026-01-01",
        "rule = 'A'",
        "rule = 'A'\nreason = 'b'\nexpires = 'soon'",
    ];
    for toml in mistakes {
        let table: toml::Table = format!("[[waiver]]\n{toml}").parse().unwrap();
        assert!(table["waiver"].clone().try_into::<Waivers>().is_err(), "{toml}");
    }
}
