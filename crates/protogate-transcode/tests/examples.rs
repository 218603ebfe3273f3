//! Example paths against the matcher: every path over a small alphabet, for all pairs of templates.

#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use protogate_transcode::{
    Config, Matcher, Outcome, Template, common_path, example_path, overlaps, path_left_out,
};

/// Pairs of these are compared.
const TEMPLATES: &[&str] = &[
    "/",
    "/a",
    "/a/b",
    "/{x}",
    "/{x}/{y}",
    "/a/{x}",
    "/{x}/b",
    "/a/{x}/b",
    "/{x=a/*}",
    "/{x=a/**}",
    "/{x=**}",
    "/{x=**}/b",
    "/a/{x=**}/b",
    "/{x}/{y=**}",
    "/{x}/{y=**}/{z}",
    "/{x=**}/{y}",
    "/{x=**}:v",
    "/a:v",
    "/{x}:v",
    "/{x}:w",
    "/a/{x}:v",
    "/a%3Av",
    "/7",
    "/a/7",
];

fn takes(template: &Template, path: &str) -> bool {
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", template.clone(), 0).unwrap();
    matches!(matcher.find("GET", path), Outcome::Found { .. })
}

/// All paths of up to four segments over an alphabet that has every literal, an unknown text and the empty segment.
fn paths() -> Vec<String> {
    // Escaped, the colon of a literal is no verb.
    let mut paths = vec!["/".to_owned(), "/a%3Av".to_owned()];
    let mut last = vec![String::new()];
    for _ in 0..4 {
        let alphabet = ["a", "b", "7", "q", ""];
        last =
            last.iter().flat_map(|front| alphabet.iter().map(move |end| format!("{front}/{end}"))).collect();
        for path in &last {
            paths.push(path.clone());
            paths.extend([format!("{path}:v"), format!("{path}:w")]);
        }
    }
    paths
}

#[test]
fn examples_agree_with_all_paths() {
    let templates: Vec<Template> = TEMPLATES.iter().map(|text| Template::parse(text).unwrap()).collect();
    let paths = paths();
    let taken: Vec<Vec<bool>> =
        templates.iter().map(|it| paths.iter().map(|path| takes(it, path)).collect()).collect();
    for (i, a) in templates.iter().enumerate() {
        assert!(takes(a, &example_path(a)), "{a}: {}", example_path(a));
        for (j, b) in templates.iter().enumerate() {
            let is_left_out = taken[i].iter().zip(&taken[j]).any(|(a, b)| *a && !b);
            let left_out = path_left_out(a, b);
            assert_eq!(left_out.is_some(), is_left_out, "{a} without {b}: {left_out:?}");
            if let Some(path) = left_out {
                assert!(takes(a, &path) && !takes(b, &path), "{a} without {b}: {path}");
            }
            let common = common_path(a, b);
            assert_eq!(common.is_some(), a.verb() == b.verb() && overlaps(a, b), "{a} and {b}");
            if let Some(path) = common {
                assert!(takes(a, &path) && takes(b, &path), "{a} and {b}: {path}");
            }
        }
    }
}

#[test]
fn examples_are_readable() {
    let example = |text: &str| example_path(&Template::parse(text).unwrap());
    assert_eq!(example("/v1/{name=sites/*/devices/*}:reboot"), "/v1/sites/7/devices/8:reboot");
    assert_eq!(example("/v1/7/{id}"), "/v1/7/8", "not the literal");
    assert_eq!(example("/"), "/");
    assert_eq!(example("/a%2Fb/{x=**}"), "/a%2Fb/7");
    let left_out =
        |a: &str, b: &str| path_left_out(&Template::parse(a).unwrap(), &Template::parse(b).unwrap());
    assert_eq!(
        left_out("/v1/{name=**}", "/v1/{name=devices/*}").as_deref(),
        Some("/v1/7"),
        "the shortest that shows it"
    );
    assert_eq!(left_out("/v1/{name=shelves/*}", "/v1/{name=**}"), None, "widened");
}
