//! The formatter: by its cases, by what must always hold, and next to `buf format`.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use prost::Message as _;
use protogate_schema::format::format;
use protogate_schema::{Input, load};

/// Cases in which we keep a comment or its place and buf does not, or in which buf needs a second run: `docs/guide/format.md`.
const DIFFERENT: [&str; 4] = ["comments", "gaps", "separators", "values"];

fn cases() -> Vec<(String, PathBuf)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/format");
    let mut cases: Vec<_> = std::fs::read_dir(top)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.is_dir())
        .map(|it| (it.file_name().unwrap().to_string_lossy().into_owned(), it))
        .collect();
    cases.sort();
    assert!(cases.len() > 10);
    cases
}

fn formatted(text: &str) -> String {
    format("in.proto", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn fault(bytes: &[u8]) -> String {
    format("x.proto", bytes).expect_err("not a source").to_string()
}

#[test]
fn cases_become_what_is_expected_and_stay_so() {
    for (name, dir) in cases() {
        let text = std::fs::read_to_string(dir.join("in.proto")).unwrap();
        let found = formatted(&text);
        let expected = dir.join("expected.proto");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        assert_eq!(found, std::fs::read_to_string(expected).unwrap(), "{name}");
        assert_eq!(formatted(&found), found, "{name}: a second time");
    }
}

#[test]
fn cases_are_as_buf_has_them() {
    let Some(buf) = std::env::var_os("PROTOGATE_BUF") else {
        eprintln!("note: PROTOGATE_BUF is not set; nothing was compared with `buf format`");
        return;
    };
    for (name, dir) in cases() {
        let output = Command::new(&buf).arg("format").arg(dir.join("in.proto")).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let expected = std::fs::read_to_string(dir.join("expected.proto")).unwrap();
        let is_same = String::from_utf8_lossy(&output.stdout) == expected;
        assert_eq!(is_same, !DIFFERENT.contains(&&*name), "{name}");
    }
}

/// Every file of the public tree, byte for byte.
#[test]
fn the_corpus_is_as_buf_has_it() {
    let (Some(buf), Some(corpus), Some(_)) = (
        std::env::var_os("PROTOGATE_BUF"),
        std::env::var_os("PROTOGATE_CORPUS"),
        std::env::var_os("RUN_SLOW_TESTS"),
    ) else {
        eprintln!(
            "note: PROTOGATE_BUF, PROTOGATE_CORPUS and RUN_SLOW_TESTS are not all set; the corpus was not formatted"
        );
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let status = Command::new(&buf).arg("format").arg(&corpus).arg("-o").arg(&out).status().unwrap();
    assert!(status.success());
    let sources = load::sources(&Input::Directory(corpus.clone().into()), &Ok).unwrap();
    assert!(sources.len() > 7000, "{}", sources.len());
    for source in sources {
        let inside = Path::new(&source.path).strip_prefix(&corpus).unwrap();
        let found = format(&source.path, &source.bytes).unwrap();
        let expected = std::fs::read_to_string(out.join(inside)).unwrap();
        assert!(found == expected, "{}", source.path);
        assert!(format(&source.path, found.as_bytes()).unwrap() == found, "{}: a second time", source.path);
    }
}

/// What a folder compiles to, without places; imports and files are in no order.
fn compiled(dir: &Path) -> Vec<prost_types::FileDescriptorProto> {
    let schema = load::load(&Input::Directory(dir.into())).unwrap_or_else(|error| panic!("{error}"));
    let mut set = prost_types::FileDescriptorSet::decode(schema.descriptor_bytes().clone()).unwrap();
    for file in &mut set.file {
        file.source_code_info = None;
        let mut public: Vec<_> = file
            .public_dependency
            .drain(..)
            .map(|it| file.dependency[usize::try_from(it).unwrap()].clone())
            .collect();
        public.sort();
        file.dependency.sort();
        file.dependency.push(format!("public: {public:?}"));
    }
    set.file.sort_by(|a, b| a.name.cmp(&b.name));
    set.file
}

#[test]
fn a_formatted_source_compiles_to_the_same() {
    let sources =
        load::sources(&Input::Directory(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")), &Ok)
            .unwrap();
    assert!(sources.len() > 5);
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, change: &dyn Fn(&str) -> String| {
        for source in &sources {
            let inside = source.path.rsplit_once("/proto/").unwrap().1;
            let path = dir.path().join(name).join(inside);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, change(std::str::from_utf8(&source.bytes).unwrap())).unwrap();
        }
        compiled(&dir.path().join(name))
    };
    let ugly = |text: &str| {
        let trimmed: Vec<_> = text.lines().map(str::trim).collect();
        trimmed.join("\n").replace(" = ", "=").replace("{\n", "{ // open\n")
    };
    let plain = write("plain", &str::to_owned);
    assert!(!plain.is_empty());
    assert!(write("formatted", &formatted) == plain);
    assert!(write("ugly", &|text| formatted(&ugly(text))) == write("only_ugly", &ugly));
}

#[test]
fn comments_next_to_separators_are_kept() {
    let kept = "option (a) = {\n  b: 1\n  /* before */\n  c: 2\n};\n";
    assert_eq!(formatted("option (a) = {b: 1 /* before */, c: 2};"), kept);
    let kept = "option (a) = {\n  b: 1\n  c: 2\n\n  // apart\n\n  d: 3\n};\n";
    assert_eq!(formatted("option (a) = {b: 1 c: 2,\n\n// apart\n\nd: 3};"), kept);
}

#[test]
fn what_is_no_source_is_refused_with_a_place() {
    for (text, place) in [
        (&b"message {"[..], "x.proto:1:9: `{` is never closed"),
        (b"message M }", "x.proto:1:11: `}` closes nothing"),
        (b"message M { int32 a = 1 }", "x.proto:1:25: found `}`, but expected `;`"),
        (b"\n  int32 a = 1;", "x.proto:2:3: found `int32`"),
        (b"option a = \"x\n\";", "x.proto:1:12: a string does not end on its line"),
        (b"/* a", "x.proto:1:1: a block comment has no end"),
        (b"message M {}\0", "x.proto:1:13: a NUL character"),
        (b"// \0", "x.proto:1:4: holds a NUL"),
        (b"// \xff", "x.proto:1:4: is not UTF-8"),
        (b"# x", "x.proto:1:1: `#`"),
        (b"option a = [1,];", "x.proto:1:15: found `]`"),
        (b"message", "x.proto:1:1: found `message`"),
        (b"option (", "x.proto:1:8: `(` is never closed"),
    ] {
        let found = fault(text);
        assert!(found.contains(place), "{found}");
    }
}

#[test]
fn hostile_depth_and_length_is_an_error_or_a_result() {
    for text in
        ["{", "[", "(", "<", "message A {", "option a = {b ", "option a = [", "option a = <b", "option (("]
    {
        assert!(!fault(text.repeat(100_000).as_bytes()).is_empty());
    }
    let deep = |open: &str, close: &str| format!("option a = {}{};", open.repeat(200), close.repeat(200));
    for text in [
        deep("{b ", "}"),
        deep("[", "]"),
        deep("<b ", ">"),
        format!("option {}a{} = 1;", "(".repeat(200), ")".repeat(200)),
    ] {
        assert!(fault(text.as_bytes()).contains("nested more than"), "{text:.80}");
    }
    let types = format!("message M {{ {}int32{} a = 1; }}", "map<".repeat(500), ">".repeat(500));
    assert!(fault(types.as_bytes()).contains("nested more than"));
    let wide = format!("option a = \"{}\";\n", "x".repeat(1 << 20));
    assert_eq!(formatted(&wide), wide);
    let long = format!("option a{} = 1;\n", ".a".repeat(100_000));
    assert_eq!(formatted(&long), long);
    let deepest = format!("{}{}", "message A {".repeat(90), "}".repeat(90));
    assert_eq!(formatted(&formatted(&deepest)), formatted(&deepest));
}

/// Places of a text that hold white space, outside strings and comments.
fn gaps(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut gaps) = (0, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\n' => gaps.push(at),
            quote @ (b'"' | b'\'') => {
                at += 1;
                while bytes[at] != quote {
                    at += 1 + usize::from(bytes[at] == b'\\');
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at) - 1
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => at += text[at..].find("*/").unwrap() + 1,
            _ => {}
        }
        at += 1;
    }
    gaps
}

/// What is left without comments, white space and the signs that a formatter adds and leaves out; sorted, because it also sorts.
fn signs(text: &str) -> Vec<char> {
    let mut left = String::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").unwrap() + 2
        } else if let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) {
            let mut end = 1;
            while bytes[at + end] != quote as u8 {
                end += 1 + usize::from(bytes[at + end] == b'\\');
            }
            left.push_str(&rest[..=end]);
            end + 1
        } else {
            let next = rest.chars().next().unwrap();
            left.push(next);
            next.len_utf8()
        };
    }
    let mut signs: Vec<char> = left
        .chars()
        .filter(|it| {
            !it.is_whitespace() && !matches!(it, ',' | ';' | ':' | '<' | '>' | '{' | '}' | '\u{feff}')
        })
        .collect();
    signs.sort_unstable();
    signs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// White space and comments anywhere: no comment and no token is lost.
    #[test]
    fn nothing_is_lost(case in 0_usize..12, places in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..6), 1..12)) {
        let all = cases();
        let (name, dir) = &all[case % all.len()];
        let source = std::fs::read_to_string(dir.join("in.proto")).unwrap();
        let gaps = gaps(&source);
        let mut places: Vec<_> = places.iter().map(|(index, kind)| (gaps[index.index(gaps.len())], *kind)).collect();
        places.sort_unstable();
        places.dedup_by_key(|it| it.0);
        let mut text = source;
        for (number, (at, kind)) in places.iter().enumerate().rev() {
            text.insert_str(*at, &match kind {
                0 => format!(" /* c{number}. */ "),
                1 => format!(" // c{number}.\n"),
                2 => format!("\n // c{number}.\n"),
                3 => format!("\n\n/* c{number}.\n * x */\n\n"),
                4 => format!("/* c{number}. */\n"),
                _ => format!("\n\n \t// c{number}.\n\n"),
            });
        }
        let once = formatted(&text);
        for number in 0..places.len() {
            prop_assert_eq!(once.matches(&format!(" c{number}.")).count(), 1, "{}: {}\n{}", name, number, once);
        }
        prop_assert_eq!(signs(&once), signs(&text), "{}", name);
        // It is a source again, and of that nothing is lost either.
        let twice = formatted(&once);
        prop_assert_eq!(&twice, &once, "{}", name);
    }

    /// Whatever the bytes, there is an answer.
    #[test]
    fn any_text_has_an_answer(text in "[a-c{}\\[\\]()<>;=,:.\"'/* \n0-9-]{0,80}") {
        if let Ok(once) = format("x.proto", text.as_bytes()) {
            prop_assert_eq!(formatted(&once), once);
        }
    }
}
