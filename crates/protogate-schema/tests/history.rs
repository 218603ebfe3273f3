//! Histories of baselines: nothing that was ever promised is lost, whatever is edited, accepted, merged and read back.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use prost::Message as _;
use protogate_schema::compile::{Source, compile};
use protogate_schema::history::{self, Former, FormerKind, History, promised, remembered};
use protogate_schema::{ErrorKind, Schema, baseline};

/// One state of a contract: which of a few things it has, and in which of a few variants.
#[derive(Debug, Clone, Default)]
struct State {
    /// Message, number, name, type: indexes into small lists.
    fields: Vec<(u8, u8, u8, u8)>,
    /// Number and name.
    values: Vec<(u8, u8)>,
    /// Name, request, route.
    rpcs: Vec<(u8, u8, u8)>,
    reserved: Vec<u8>,
}

impl State {
    fn text(&self) -> String {
        let types = ["string", "int64", "repeated string", "map<string, int32>", "M1"];
        let mut text =
            String::from("syntax = \"proto3\";\npackage p.v1;\nimport \"google/api/annotations.proto\";\n");
        for message in 0..3 {
            writeln!(text, "message M{message} {{").unwrap();
            let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
            for &(_, number, name, kind) in self.fields.iter().filter(|it| it.0 % 3 == message) {
                if !numbers.insert(number) || !names.insert(name) {
                    continue;
                }
                let kind = types[kind as usize % types.len()];
                writeln!(text, "  {kind} f{name} = {};", number + 1).unwrap();
            }
            for number in self.reserved.iter().copied().collect::<BTreeSet<_>>() {
                if numbers.insert(number) {
                    writeln!(text, "  reserved {};", number + 1).unwrap();
                }
            }
            text.push_str("}\n");
        }
        text.push_str("enum E {\n  E_UNSPECIFIED = 0;\n");
        let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
        for &(number, name) in &self.values {
            if numbers.insert(number) && names.insert(name) {
                writeln!(text, "  E_{name} = {};", number + 1).unwrap();
            }
        }
        text.push_str("}\nservice S {\n");
        let mut names = BTreeSet::new();
        for &(name, request, route) in &self.rpcs {
            if names.insert(name) {
                let (request, route) = (request % 3, route % 4);
                writeln!(
                    text,
                    "  rpc R{name}(M{request}) returns (M0) {{ option (google.api.http).get = \"/v1/{route}/{name}\"; }}"
                )
                .unwrap();
            }
        }
        text.push_str("}\n");
        text
    }

    fn schema(&self) -> Schema {
        compile(vec![Source::new("p/v1/p.proto", self.text())]).unwrap()
    }
}

fn states() -> impl Strategy<Value = Vec<State>> {
    let few = 0..5_u8;
    let fields = prop::collection::vec((few.clone(), few.clone(), few.clone(), few.clone()), 0..8);
    let values = prop::collection::vec((few.clone(), few.clone()), 0..4);
    let rpcs = prop::collection::vec((few.clone(), few.clone(), few.clone()), 0..4);
    let reserved = prop::collection::vec(few, 0..3);
    let state = (fields, values, rpcs, reserved).prop_map(|(fields, values, rpcs, reserved)| State {
        fields,
        values,
        rpcs,
        reserved,
    });
    prop::collection::vec(state, 1..7)
}

/// Accepts one state after the other, each over the file that the one before has written.
fn accept_all(states: &[State]) -> (Vec<u8>, BTreeSet<Former>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("baseline.binpb");
    let mut ever = BTreeSet::new();
    for (day, state) in states.iter().enumerate() {
        let new = state.schema();
        let history = match path.exists() {
            false => History::default(),
            true => {
                let old = baseline::read(&path).unwrap();
                let known = History::of(&old).unwrap();
                let next = known.advance(&old, &new, &format!("2026-01-{:02}", day + 1));
                assert!(
                    known.iter().all(|(former, _)| next.iter().any(|(it, _)| it == former)),
                    "it only grows"
                );
                next
            }
        };
        std::fs::write(&path, baseline::encode(&new, &history)).unwrap();
        ever.extend(promised(&new));
    }
    (std::fs::read(&path).unwrap(), ever)
}

fn read(bytes: &[u8]) -> Schema {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("set.binpb");
    std::fs::write(&path, bytes).unwrap();
    baseline::read(&path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_edits_loses_anything(states in states()) {
        let (bytes, ever) = accept_all(&states);
        let last = read(&bytes);
        prop_assert_eq!(&remembered(&last), &ever);
        prop_assert_eq!(&accept_all(&states).0, &bytes, "equal runs have equal bytes");
        let history = History::of(&last).unwrap();
        prop_assert!(history.forgotten(&last, &ever).is_empty());
        // Written again, nothing changes.
        prop_assert_eq!(baseline::encode(&last, &history), bytes);
    }

    #[test]
    fn two_lines_of_work_merge(left in states(), right in states()) {
        let (left, mut ever) = accept_all(&left);
        let (right, other) = accept_all(&right);
        ever.extend(other.iter().cloned());
        let (left, right) = (read(&left), read(&right));
        let mut history = History::of(&left).unwrap().advance(&right, &left, "2026-02-01");
        history.merge(History::of(&right).unwrap());
        let merged = read(&baseline::encode(&left, &history));
        prop_assert_eq!(remembered(&merged), ever);
    }

    #[test]
    fn damaged_files_are_refused_and_nothing_panics(states in states(), at in any::<prop::sample::Index>(), byte: u8) {
        let (mut bytes, _) = accept_all(&states);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = History::from_descriptor_set(&bytes);
        let _ = History::from_descriptor_set(&bytes[..at]);
    }
}

/// Histories are written in the messages that `protogate/v1/history.proto` describes.
#[test]
fn the_contract_of_the_file_is_what_is_written() {
    let mut history = History::default();
    let former = |kind, name: &str| Former {
        scope: "p.v1.M".to_owned(),
        kind,
        number: 3,
        end: 9,
        name: name.to_owned(),
        text: "int64".to_owned(),
        json_name: "jsonName".to_owned(),
    };
    let kinds = [
        (FormerKind::Field, "FIELD"),
        (FormerKind::Extension, "EXTENSION"),
        (FormerKind::Value, "VALUE"),
        (FormerKind::Rpc, "RPC"),
        (FormerKind::Route, "ROUTE"),
        (FormerKind::ReservedNumbers, "RESERVED_NUMBERS"),
        (FormerKind::ReservedName, "RESERVED_NAME"),
        (FormerKind::ReservedValueNumbers, "RESERVED_VALUE_NUMBERS"),
        (FormerKind::ReservedValueName, "RESERVED_VALUE_NAME"),
    ];
    for (kind, name) in kinds {
        history.end(former(kind, name), "2026-10-02");
    }
    let bytes = baseline::encode(&State::default().schema(), &history);

    let text = protogate_schema::bundled::source("protogate/v1/history.proto").unwrap();
    let described = compile(vec![Source::new("protogate/v1/history.proto", text)]).unwrap();
    let set = prost_types::FileDescriptorSet::decode(described.descriptor_bytes().clone()).unwrap();
    let pool = prost_reflect::DescriptorPool::from_file_descriptor_set(set).unwrap();
    let any = prost_reflect::DynamicMessage::decode(
        pool.get_message_by_name("protogate.v1.BaselineHistory").unwrap(),
        &bytes[last_field(&bytes)..],
    )
    .unwrap();
    assert_eq!(any.get_field_by_name("format").unwrap().as_u32(), Some(1));
    let entries = any.get_field_by_name("former").unwrap().into_owned();
    let entries = entries.as_list().unwrap();
    assert_eq!(entries.len(), kinds.len());
    for (entry, (_, name)) in entries.iter().zip(kinds) {
        let entry = entry.as_message().unwrap();
        assert_eq!(entry.unknown_fields().count(), 0, "{name}");
        assert_eq!(entry.get_field_by_name("name").unwrap().as_str(), Some(name));
        let number = entry.get_field_by_name("kind").unwrap().as_enum_number().unwrap();
        let kind = pool.get_enum_by_name("protogate.v1.Former.Kind").unwrap().get_value(number).unwrap();
        assert_eq!(kind.name(), name);
        for (field, expected) in
            [("scope", "p.v1.M"), ("text", "int64"), ("json_name", "jsonName"), ("until", "2026-10-02")]
        {
            assert_eq!(entry.get_field_by_name(field).unwrap().as_str(), Some(expected), "{field}");
        }
        assert_eq!(entry.get_field_by_name("number").unwrap().as_i32(), Some(3));
        assert_eq!(entry.get_field_by_name("end").unwrap().as_i32(), Some(9));
    }
}

/// Where the content of the last field of a message starts.
fn last_field(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut start = 0;
    while !rest.is_empty() {
        prost::encoding::decode_key(&mut rest).unwrap();
        let length = prost::encoding::decode_varint(&mut rest).unwrap() as usize;
        start = bytes.len() - rest.len();
        rest = &rest[length..];
    }
    start
}

#[test]
fn newer_and_damaged_histories_are_errors() {
    let plain = State::default().schema().descriptor_bytes().to_vec();
    let field = |content: &[u8]| {
        let mut out = plain.clone();
        prost::encoding::encode_key(history::FIELD, prost::encoding::WireType::LengthDelimited, &mut out);
        prost::encoding::encode_varint(content.len() as u64, &mut out);
        out.extend_from_slice(content);
        out
    };
    for (content, part) in [
        (&[8, 2][..], "newer protogate"),
        (&[18, 1][..], "damaged"),
        (&[18, 2, 16, 77][..], "unknown kind 77"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baseline.binpb");
        std::fs::write(&path, field(content)).unwrap();
        let error = baseline::read(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn committed_versions_are_found_on_every_branch() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("proto/baseline.binpb");
    assert!(baseline::committed(&path, 10).unwrap().is_empty(), "no folder");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(baseline::committed(&path, 10).unwrap().is_empty(), "no repository");
    assert!(baseline::newest(&path).unwrap().is_empty(), "no repository");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(dir.path()).args(["-c", "user.name=x", "-c", "user.email=x@example.com"]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        assert!(command.args(arguments).output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    assert!(baseline::committed(&path, 10).unwrap().is_empty(), "no commit");
    let accept = |state: &State, branch: &str| {
        git(&["checkout", "-q", "-B", branch]);
        baseline::write(&state.schema(), &path).unwrap();
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "accept"]);
    };
    let field = |number| State { fields: vec![(0, number, number, 0)], ..State::default() };
    accept(&field(1), "main");
    accept(&field(2), "side");
    git(&["checkout", "-q", "main"]);
    accept(&field(3), "main");
    // The merge keeps one side of the file; what the other recorded is still known.
    git(&["merge", "-q", "-s", "ours", "--no-edit", "side"]);
    let found = baseline::committed(&path, 10).unwrap();
    assert_eq!(found.len(), 3);
    let names: BTreeSet<_> = found
        .iter()
        .flat_map(|it| &it.remembered)
        .filter(|it| it.kind == FormerKind::Field)
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, BTreeSet::from(["f1", "f2", "f3"]));
    let now = baseline::read(&path).unwrap();
    let lost: Vec<_> = found
        .iter()
        .flat_map(|it| History::of(&now).unwrap().forgotten(&now, &it.remembered))
        .map(|it| it.name)
        .collect();
    assert!(lost.contains(&"f1".to_owned()) && lost.contains(&"f2".to_owned()), "{lost:?}");
    assert_eq!(baseline::committed(&path, 1).unwrap().len(), 1, "the newest only");
    // What the file holds now is left out, the other side of the merge is there.
    let newest: Vec<_> = baseline::newest(&path).unwrap().into_iter().map(|it| it.commit).collect();
    assert_eq!(newest, ["HEAD^2"]);
    assert!(baseline::newest(Path::new("nowhere/x.binpb")).unwrap().is_empty());
    assert!(baseline::committed(Path::new("nowhere/x.binpb"), 1).unwrap().is_empty());
}
