//! The readers behind witnesses agree with Python's protobuf: on bytes and JSON made by a seeded generator, over every type.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read fixtures and stop at the first surprise"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use protogate_check::witness::{read_binary, read_json};
use protogate_schema::Schema;
use protogate_schema::compile::{Source, compile};

const PROTO3: &str = r#"syntax = "proto3"; package p3;
enum E { E_ZERO = 0; E_ONE = 1; E_NEG = -1; }
message In { int32 a = 1; string b = 2; }
message M {
  double f1 = 1; float f2 = 2; int64 f3 = 3; uint64 f4 = 4; int32 f5 = 5; fixed64 f6 = 6; fixed32 f7 = 7; bool f8 = 8;
  string f9 = 9; In f10 = 10; bytes f11 = 11; uint32 f12 = 12; E f13 = 13; sfixed32 f14 = 14; sfixed64 f15 = 15;
  sint32 f16 = 16; sint64 f17 = 17; repeated int32 f18 = 18; repeated string f19 = 19; map<string, int64> f20 = 20;
  map<int32, In> f21 = 21; optional int32 f22 = 22; oneof o { string f23 = 23; In f24 = 24; sint32 f25 = 25; }
  repeated E f26 = 26; repeated In f27 = 27; repeated double f28 = 28; map<bool, E> f29 = 29; repeated int64 f30 = 30 [packed = false];
}"#;

const PROTO2: &str = r#"syntax = "proto2"; package p2;
enum E { E_ONE = 1; E_TWO = 2; } enum Z { Z_ZERO = 0; Z_ONE = 1; }
message In { optional int32 a = 1; optional string b = 2; }
message M {
  optional double f1 = 1; optional float f2 = 2; optional int64 f3 = 3; optional uint64 f4 = 4; optional int32 f5 = 5;
  optional fixed64 f6 = 6; optional fixed32 f7 = 7; optional bool f8 = 8; optional bytes f9 = 9; optional In f10 = 10;
  optional bytes f11 = 11; optional uint32 f12 = 12; optional E f13 = 13; repeated int32 f14 = 14; repeated E f15 = 15 [packed = true];
  optional group G = 16 { optional int32 x = 1; } map<string, Z> f17 = 17; repeated group H = 18 { optional sint64 y = 1; }
  oneof o { int32 f19 = 19; E f20 = 20; }
}"#;

const REQUIRED: &str = r#"syntax = "proto2"; package pr;
message In { required int32 a = 1; }
message M { required int32 r = 1; optional In i = 2; repeated In l = 3; }"#;

/// A small generator of its own, so that a case is its number.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len() as u64) as usize]
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Fields of any number and wire type, most of them plausible, now and then cut off.
fn bytes(random: &mut Random, depth: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random.below(4) {
        let number = 1 + random.below(32);
        let wire = *random.pick(&[0, 0, 1, 2, 2, 2, 5, 3]);
        varint(&mut out, number << 3 | wire);
        match wire {
            0 => {
                let value = *random.pick(&[
                    0,
                    1,
                    2,
                    7,
                    127,
                    300,
                    1 << 31,
                    1 << 32,
                    (1 << 32) + 1,
                    u64::MAX,
                    u64::MAX - 6,
                ]);
                varint(&mut out, value);
            }
            1 => out.extend(random.pick(&[0_u64, 1, 0x3ff8_0000_0000_0000, u64::MAX - 1]).to_le_bytes()),
            5 => out.extend(random.pick(&[0_u32, 1, 0x3fc0_0000, 0xffff_fffe]).to_le_bytes()),
            2 => {
                let inner = match random.below(4) {
                    0 if depth > 0 => bytes(random, depth - 1),
                    1 => b"text".to_vec(),
                    2 => random
                        .pick(&[&b"\xff"[..], b"", b"\x01\x02", b"\xc3\xa9", b"\x08\x01\x10\x02"])
                        .to_vec(),
                    _ => (0..random.below(9)).map(|_| random.below(3) as u8).collect(),
                };
                varint(&mut out, inner.len() as u64);
                out.extend(inner);
            }
            _ => {
                if depth > 0 {
                    out.extend(bytes(random, depth - 1));
                }
                varint(&mut out, number << 3 | 4);
            }
        }
    }
    if random.below(12) == 0 {
        out.pop();
    }
    out
}

/// Documents with members of any name and value.
fn json(random: &mut Random, names: &[&str]) -> String {
    let values = [
        "7",
        "-1",
        "\"7\"",
        "1.5",
        "1.0",
        "true",
        "\"text\"",
        "\"E_ONE\"",
        "\"E_TWO\"",
        "\"NONE\"",
        "{}",
        "[]",
        "[1,2]",
        "null",
        "{\"a\":1}",
        "{\"b\":\"x\"}",
        "{\"k\":\"1\"}",
        "{\"1\":{\"a\":2}}",
        "{\"true\":\"E_ONE\"}",
        "4294967296",
        "\"-1\"",
        "\"/w==\"",
        "\"NaN\"",
        "[\"a\"]",
        "[{}]",
        "18446744073709551615",
        "1e2",
        "99",
    ];
    // No name twice: parsers differ in which one they take.
    let first = random.below(names.len() as u64) as usize;
    let members: Vec<String> = (0..random.below(3) as usize)
        .map(|index| format!("\"{}\":{}", names[(first + 7 * index) % names.len()], random.pick(&values)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Reads lines `b|j MESSAGE PAYLOAD`; answers `ok JSON UNKNOWN-NUMBERS`, `ok HEX` or `no`.
const PYTHON: &str = r#"
import sys, json
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, json_format
from google.protobuf.unknown_fields import UnknownFieldSet
pool = descriptor_pool.DescriptorPool()
files = descriptor_pb2.FileDescriptorSet.FromString(bytes.fromhex(sys.stdin.readline().strip()))
for f in files.file:
    pool.Add(f)
def unknown(message):
    count = len(UnknownFieldSet(message))
    for field, value in message.ListFields():
        if field.message_type is None: continue
        if field.message_type.GetOptions().map_entry:
            v = field.message_type.fields_by_name['value']
            if v.message_type is not None: count += sum(unknown(x) for x in value.values())
        elif field.is_repeated: count += sum(unknown(x) for x in value)
        else: count += unknown(value)
    return count
for line in sys.stdin:
    kind, name, payload = line.rstrip('\n').split(' ', 2)
    cls = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    message = cls()
    try:
        if kind == 'b':
            message.ParseFromString(bytes.fromhex(payload))
            if not message.IsInitialized(): raise ValueError('required')
            print('ok', json.dumps(json_format.MessageToDict(message)), unknown(message))
        else:
            json_format.Parse(payload, message)
            if not message.IsInitialized(): raise ValueError('required')
            print('ok', message.SerializeToString(deterministic=True).hex())
    except Exception as e:
        print('no', type(e).__name__, str(e).replace('\n', ' ')[:100])
"#;

fn python(schema: &Schema, lines: &[String]) -> Option<Vec<String>> {
    let Some(python) = std::env::var_os("PROTOGATE_PYTHON") else {
        eprintln!("PROTOGATE_PYTHON is not set: not compared with Python's protobuf");
        return None;
    };
    let mut child = Command::new(python)
        .args(["-c", PYTHON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = hex(schema.descriptor_bytes());
    input.push('\n');
    lines.iter().for_each(|line| {
        input.push_str(line);
        input.push('\n');
    });
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn schema() -> Schema {
    let sources = [("p3.proto", PROTO3), ("p2.proto", PROTO2), ("pr.proto", REQUIRED)];
    compile(sources.into_iter().map(|(path, text)| Source::new(path, text)).collect()).unwrap()
}

#[test]
fn bytes_are_read_as_python_reads_them() {
    let schema = schema();
    let mut random = Random(1);
    let cases: Vec<(&str, Vec<u8>)> =
        (0..6000).map(|_| (*random.pick(&["p3.M", "p2.M", "pr.M"]), bytes(&mut random, 2))).collect();
    let lines: Vec<String> = cases.iter().map(|(name, bytes)| format!("b {name} {}", hex(bytes))).collect();
    let Some(answers) = python(&schema, &lines) else { return };
    assert_eq!(answers.len(), cases.len());
    let (mut read, mut refused, mut wrong) = (0, 0, Vec::new());
    for ((name, bytes), answer) in cases.iter().zip(&answers) {
        let ours = read_binary(&schema, name, bytes);
        match (answer.strip_prefix("ok "), &ours) {
            (None, Err(_)) => refused += 1,
            (Some(theirs), Ok(ours)) => {
                read += 1;
                let (theirs, unknown) = theirs.rsplit_once(' ').unwrap();
                let (json, rest) = ours.split_once(" (unknown").unwrap_or((ours, ""));
                let same = parsed(theirs) == parsed(json) && (unknown != "0") != rest.is_empty();
                if !same {
                    wrong.push(format!("{name} {}: Python {answer}, ours {ours}", hex(bytes)));
                }
            }
            _ => wrong.push(format!("{name} {}: Python {answer}, ours {ours:?}", hex(bytes))),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(read > 1500 && refused > 500, "{read} read, {refused} refused");
}

/// Numbers by value: Python writes 1.0 where we write 1.
fn parsed(text: &str) -> serde_json::Value {
    fn normal(value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::Number(it) => {
                let it = it.as_f64().unwrap_or_default();
                // Denormal floats are written with as many digits as the writer likes.
                Value::from(if it.abs() < 1e-37 { f64::from(it as f32) } else { it })
            }
            Value::Array(list) => list.into_iter().map(normal).collect(),
            Value::Object(members) => {
                Value::Object(members.into_iter().map(|(key, value)| (key, normal(value))).collect())
            }
            other => other,
        }
    }
    normal(serde_json::from_str(text).unwrap())
}

#[test]
fn json_is_read_as_python_reads_it() {
    let schema = schema();
    let names: Vec<String> = (1..=30).map(|number| format!("f{number}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["other", "g", "h", "r", "i", "l"]);
    let mut random = Random(2);
    let cases: Vec<(&str, String)> = (0..6000)
        .map(|_| (*random.pick(&["p3.M", "p2.M", "pr.M"]), json(&mut random, &names)))
        .filter(|(_, text)| serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(text).is_ok())
        .collect();
    let lines: Vec<String> = cases.iter().map(|(name, text)| format!("j {name} {text}")).collect();
    let Some(answers) = python(&schema, &lines) else { return };
    let (mut read, mut refused, mut lenient, mut wrong) = (0, 0, 0, Vec::new());
    for ((name, text), answer) in cases.iter().zip(&answers) {
        let ours = read_json(&schema, name, text);
        match (answer.strip_prefix("ok"), &ours) {
            (None, Err(_)) => refused += 1,
            (Some(theirs), Ok(ours)) if theirs.trim() == hex(ours) => read += 1,
            (Some(_), Err(why)) if LENIENT.iter().any(|it| why.contains(it)) => lenient += 1,
            _ => wrong.push(format!("{name} {text}: Python {answer}, ours {ours:?}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(
        read > 500 && refused > 1500 && lenient < 300,
        "{read} read, {refused} refused, {lenient} lenient"
    );
}

/// What Python takes beyond the specification: digits, fractions and bools for enums and numbers, an empty list for a message.
const LENIENT: [&str; 6] = [
    "where a name is expected",
    "where the number of a value is expected",
    "is no value of",
    "a list where an object is expected",
    "true where a number is expected",
    "true where an integer is expected",
];
