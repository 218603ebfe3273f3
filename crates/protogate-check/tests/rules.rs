//! What every rule must have: registration, a name after its file, a complete page; and the list of ids, which users rely on.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use std::collections::BTreeMap;
use std::process::Command;

use protogate_check::{ConfigVersion, Group, rules};
use protogate_fixture::case;

#[test]
fn ids_and_categories_are_pinned() {
    let list: String = rules()
        .iter()
        .map(|rule| {
            format!("{} {:?} {:?} {}\n", rule.id, rule.group(), rule.severity, rule.categories.join(","))
        })
        .collect();
    case("rules", ".").check("ids.txt", &list);
}

#[test]
fn pages_are_complete() {
    for rule in rules() {
        let id = rule.id;
        assert!(rule.summary.len() > 10 && !rule.summary.ends_with('.'), "{id}: summary");
        assert!(rule.why.len() > 40 && rule.why.ends_with('.'), "{id}: why");
        assert!(rule.help.len() > 5 && !rule.help.ends_with('.'), "{id}: help");
        assert!(!rule.bad.is_empty() && !rule.good.is_empty() && rule.bad != rule.good, "{id}: examples");
        if rule.group() == Group::Breaking && !rule.categories.is_empty() {
            assert!(!rule.breaks.is_empty(), "{id}: whom it breaks");
        }
        let page = rule.explanation();
        for heading in ["## Why", "## Reported", "## In order", "## What to do"] {
            assert!(page.contains(heading), "{id}: {heading}");
        }
    }
}

#[test]
fn ids_are_unique_and_sorted() {
    assert!(rules().windows(2).all(|pair| pair[0].id < pair[1].id));
    assert!(rules().iter().all(|rule| protogate_check::rule(rule.id).is_some_and(|it| it.id == rule.id)));
    assert!(protogate_check::rule("NO_SUCH_RULE").is_none());
}

#[test]
fn every_file_is_a_registered_rule() {
    for folder in ["breaking", "contract", "lint"] {
        let dir = format!("{}/src/rules/{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            // Other files hold what several rules share, or a table of them.
            if path.is_file() && std::fs::read_to_string(&path).unwrap().contains("static RULE: Rule") {
                assert!(protogate_check::rule(&stem.to_uppercase()).is_some(), "{stem} is not registered");
            }
        }
    }
}

/// Ids, categories and defaults of every configuration version equal those of the reference checker.
#[test]
fn the_reference_checker_agrees() {
    let Some(buf) = std::env::var_os("PROTOGATE_BUF") else {
        eprintln!("note: PROTOGATE_BUF is not set; nothing is compared with the reference checker");
        return;
    };
    let versions =
        [("v1beta1", ConfigVersion::V1Beta1), ("v1", ConfigVersion::V1), ("v2", ConfigVersion::V2)];
    let mut wrong = String::new();
    for (name, version) in versions {
        for (command, group) in [("ls-breaking-rules", Group::Breaking), ("ls-lint-rules", Group::Lint)] {
            let output = Command::new(&buf)
                .args(["config", command, "--version", name, "--format", "json"])
                .current_dir(std::env::temp_dir())
                .output()
                .unwrap();
            let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for line in String::from_utf8(output.stdout).unwrap().lines() {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                let id = value["id"].as_str().unwrap().to_owned();
                let old = ["DEFAULT", "STYLE_DEFAULT"];
                let categories = value["categories"].as_array().into_iter().flatten();
                let mut categories: Vec<String> =
                    categories.map(|it| it.as_str().unwrap().to_owned()).collect();
                categories.retain(|it| !old.contains(&it.as_str()));
                categories.sort();
                expected.insert(id, categories);
            }
            assert!(expected.len() > 30, "{command} of {name} lists rules");
            let mut actual: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for rule in rules().iter().filter(|rule| rule.group() == group && !rule.is_contract()) {
                // Old ids without a check are accepted but not listed.
                let silent = ["IMPORT_NO_WEAK", "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT"];
                let Some(categories) = rule.categories_in(version).filter(|_| !silent.contains(&rule.id))
                else {
                    continue;
                };
                let mut categories: Vec<String> = categories.into_iter().map(str::to_owned).collect();
                categories.sort();
                actual.insert(rule.id.to_owned(), categories);
            }
            for (id, categories) in &expected {
                if actual.get(id) != Some(categories) {
                    wrong.push_str(&format!("{name} {id}: {categories:?}, ours {:?}\n", actual.get(id)));
                }
            }
            for id in actual.keys().filter(|id| !expected.contains_key(*id)) {
                wrong.push_str(&format!("{name} {id}: only ours\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
