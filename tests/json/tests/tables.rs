//! Runs `fixtures/json/tables`: text to message and back, or the error. The format is in the README there.

use protogate::json::{MAX_DEPTH, ReadOptions, Unknown, WriteOptions};
use protogate_fixture::case;
use protogate_json_test::Type;

fn run(options: &str, name: &str, input: &str) -> String {
    let mut read = ReadOptions::default();
    let mut write = WriteOptions::default();
    for option in options.split(',') {
        match option {
            "-" => {}
            "ignore" => read.unknown = Unknown::Ignore,
            "defaults" => write.always_print_fields_with_no_presence = true,
            "proto" => write.proto_names = true,
            "numbers" => write.enum_as_int = true,
            other => panic!("unknown option `{other}`"),
        }
    }
    let message = Type::find(name);
    match message.convert(&unescape(input), read, write) {
        Ok(text) => format!("-> {text}"),
        Err(error) => format!("!! {error}"),
    }
}

/// `\xHH` is a byte; JSON has no such escape.
fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).expect("two hexadecimal digits after \\x"));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

fn check(file: &str) {
    let tables = case("json", "tables");
    let mut actual = String::new();
    for line in tables.read(file).lines() {
        if line.is_empty() || line.starts_with('#') {
            actual.push_str(line);
        } else {
            let end = [line.find(" ->"), line.find(" !!")].into_iter().flatten().min().expect("`->` or `!!`");
            let mut parts = line[..end].splitn(3, ' ');
            let (options, name) = (parts.next().expect("options"), parts.next().expect("message"));
            let input = parts.next().expect("input");
            actual.push_str(&format!("{} {}", &line[..end], run(options, name, input)));
        }
        actual.push('\n');
    }
    tables.check(file, &actual);
}

macro_rules! tables {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            check(concat!(stringify!($name), ".txt"));
        }
    )*};
}

tables!(any collections names oneof scalars syntax well_known);

#[test]
fn depth_is_limited_on_the_way_in_and_out() {
    let nested = |depth: usize| format!("{}{}{}", "{\"left\":".repeat(depth), "{}", "}".repeat(depth));
    let tree = Type::find("Tree");
    // The binary decoder has a limit of its own, so only the text is read here.
    assert!(tree.read(nested(MAX_DEPTH - 1).as_bytes(), ReadOptions::default()).is_ok());
    let error = tree.read(nested(MAX_DEPTH).as_bytes(), ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("nested deeper than 100"), "{error}");
    for open in ["[", "{\"a\":"] {
        let text = format!("{{\"unknown\": {}", open.repeat(100_000));
        let ignore = ReadOptions { unknown: Unknown::Ignore, ..ReadOptions::default() };
        assert!(tree.read(text.as_bytes(), ignore).is_err());
    }
}

#[test]
fn elements_are_limited() {
    let lists = Type::find("Lists");
    let text = |count: usize| format!("{{\"int32\": [0{}]}}", ",0".repeat(count - 1));
    let few = ReadOptions { max_elements: 10, ..ReadOptions::default() };
    assert!(lists.read(text(10).as_bytes(), few).is_ok());
    assert!(lists.read(text(11).as_bytes(), few).is_err());
}
