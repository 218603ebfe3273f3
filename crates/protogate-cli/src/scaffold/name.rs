//! May a project have this name? The name becomes a cargo package, a crate, a proto package and a folder: all four must agree.
//!
//! What cargo refuses is refused here first, before anything is written, with the same lists (cargo's `restricted_names`).

use crate::failure::Failure;

/// Longest name.
const MAX: usize = 64;

/// Strict and reserved keywords of Rust (edition 2024), and what may be no crate.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Folders that cargo makes in `target/`.
const ARTIFACTS: &[&str] = &["build", "deps", "examples", "incremental"];

/// Crates that every program sees.
const BUILT_IN: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// Proto packages whose files are bundled.
const PROTO: &[&str] = &["buf", "google", "protogate"];

/// Device names on Windows, as files with any ending.
const WINDOWS: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Refuses a name that cannot be used; `dependencies` are the crates of the new manifest.
pub(super) fn check(name: &str, dependencies: &[String]) -> Result<(), Failure> {
    let refuse = |why: &str, help: String| {
        Err(Failure::usage(format!("`{name}` cannot be the name of a project: {why}")).with_help(help))
    };
    let another = || format!("take another name, such as `{}-service`", proposal(name));
    if name.is_empty() {
        return Err(Failure::usage("the name of the project is empty").with_help("such as `billing-admin`"));
    }
    if name.len() > MAX {
        return refuse(&format!("it has {} characters, at most {MAX} are allowed", name.len()), another());
    }
    if name.contains(['/', '\\']) {
        return refuse("it is a path", "give the name, and the folder with `--path`".to_owned());
    }
    if let Some(found) = name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '_')) {
        let why = format!("it holds {found:?}; lower case letters, digits, `-` and `_` are allowed");
        return refuse(&why, format!("such as `{}`", proposal(name)));
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return refuse("it does not begin with a letter", format!("such as `{}`", proposal(name)));
    }
    if name.ends_with(['-', '_'])
        || name.contains("--")
        || name.contains("__")
        || name.contains("-_")
        || name.contains("_-")
    {
        return refuse(
            "`-` and `_` only stand between letters and digits",
            format!("such as `{}`", proposal(name)),
        );
    }
    let crate_name = name.replace('-', "_");
    for (list, why) in [
        (KEYWORDS, "it is a keyword of Rust"),
        (ARTIFACTS, "cargo keeps it for a folder of its own"),
        (BUILT_IN, "it is a crate that comes with Rust"),
        (PROTO, "the proto package of that name is bundled with protogate"),
        (WINDOWS, "Windows has a device of that name"),
    ] {
        if list.contains(&crate_name.as_str()) {
            return refuse(why, another());
        }
    }
    if dependencies.iter().any(|it| it.replace('-', "_") == crate_name) {
        return refuse("the project depends on a crate of that name", another());
    }
    Ok(())
}

/// The nearest thing to `name` that is well-formed.
fn proposal(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            'a'..='z' => text.push(c),
            'A'..='Z' => {
                if text.ends_with(|c: char| c.is_ascii_lowercase()) {
                    text.push('-');
                }
                text.push(c.to_ascii_lowercase());
            }
            '0'..='9' if !text.is_empty() => text.push(c),
            _ if !text.is_empty() && !text.ends_with('-') => text.push('-'),
            _ => {}
        }
    }
    let text = text.trim_end_matches('-');
    let end = text.len().min(MAX - 8);
    if text.is_empty() { "billing-admin".to_owned() } else { text[..end].to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{check, proposal};

    #[test]
    fn good_names_pass() {
        for name in ["a", "billing-admin", "billing_admin", "inventory2", "x1-2", "tests", "message"] {
            assert!(check(name, &["tokio".to_owned()]).is_ok(), "{name}");
        }
    }

    #[test]
    fn bad_names_are_refused_with_a_reason() {
        let long = "a".repeat(65);
        for (name, why) in [
            ("", "empty"),
            (long.as_str(), "65 characters"),
            ("a/b", "path"),
            ("..", "'.'"),
            ("a b", "' '"),
            ("Billing", "'B'"),
            ("größe", "'ö'"),
            ("7up", "begin with a letter"),
            ("-x", "begin with a letter"),
            ("x-", "between"),
            ("a--b", "between"),
            ("async", "keyword"),
            ("gen", "keyword"),
            ("deps", "cargo keeps"),
            ("test", "comes with Rust"),
            ("proc-macro", "comes with Rust"),
            ("google", "bundled"),
            ("nul", "Windows"),
            ("com1", "Windows"),
            ("protogate-store", "depends on"),
            ("a\u{1b}[2J", "\\u{1b}"),
        ] {
            let failure = check(name, &["protogate-store".to_owned()]).expect_err(name);
            assert!(format!("{failure:?}").contains(&why.replace('\\', "\\\\")), "{name}: {failure:?}");
        }
    }

    #[test]
    fn proposals_are_well_formed() {
        for name in ["BillingAdmin", "7up", "größe", "a--b", "..", "-x", "X Y"] {
            assert!(check(&proposal(name), &[]).is_ok(), "{name} -> {}", proposal(name));
        }
        assert_eq!(proposal("BillingAdmin"), "billing-admin");
    }
}
