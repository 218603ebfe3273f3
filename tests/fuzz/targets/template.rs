//! Path templates, the matcher, overlap and examples. Lines that begin with `/` are templates, others paths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_fuzz::seed;
use protogate_transcode::{
    Config, Matcher, Outcome, Template, common_path, conflicts, example_path, overlaps, path_left_out,
};

fn finds(template: &Template, path: &str) -> bool {
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", template.clone(), 0).expect("nothing to conflict with");
    matches!(matcher.find("GET", path), Outcome::Found { .. })
}

/// Finds it, or would if its captures were UTF-8.
fn takes(template: &Template, path: &str) -> bool {
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", template.clone(), 0).expect("nothing to conflict with");
    matches!(matcher.find("GET", path), Outcome::Found { .. } | Outcome::BadPath(_))
}

fuzz_target!(init: seed("template"), |data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut templates: Vec<Template> = Vec::new();
    let mut paths: Vec<&str> = Vec::new();
    for line in text.lines().take(24) {
        if let Some(path) = line.strip_prefix('>') {
            paths.push(path);
            continue;
        }
        match Template::parse(line) {
            Ok(template) => {
                let printed = template.to_string();
                let again = Template::parse(&printed).expect("a printed template is one");
                assert_eq!(again.to_string(), printed);
                assert_eq!(again.segments(), template.segments());
                let example = example_path(&template);
                assert!(takes(&template, &example), "{printed} does not take its example {example}");
                templates.push(template);
            }
            Err(error) => assert!(!error.to_string().is_empty(), "an error that says nothing"),
        }
    }
    let mut matcher = Matcher::new(Config::default());
    for (id, template) in templates.iter().enumerate() {
        let conflict = templates[..id].iter().any(|other| conflicts("GET", other, "GET", template));
        assert_eq!(matcher.insert("GET", template.clone(), id).is_err(), conflict, "{template}");
    }
    for (a, b) in templates.iter().zip(templates.iter().skip(1)) {
        assert_eq!(overlaps(a, b), overlaps(b, a), "{a} and {b}");
        if let Some(path) = common_path(a, b) {
            assert!(takes(a, &path) && takes(b, &path), "{a} and {b} do not both take {path}");
        }
        if let Some(path) = path_left_out(a, b) {
            assert!(takes(a, &path) && !finds(b, &path), "{path} is not left out of {b} by {a}");
        }
    }
    let alone = |path: &str| templates.iter().any(|template| finds(template, path));
    for path in paths {
        match matcher.find("GET", path) {
            Outcome::Found { id, .. } => {
                assert!(finds(&templates[id], path), "{} does not take {path}", templates[id]);
            }
            // The most specific one decides, also when it cannot decode what another would not look at.
            Outcome::BadPath(why) => assert!(!why.is_empty(), "an error that says nothing"),
            _ => assert!(!alone(path), "{path} is taken by one alone but not by all"),
        }
    }
});
