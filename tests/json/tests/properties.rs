//! Properties of the JSON mapping: no input makes the reader panic, and what is printed reads back as the same message.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message as _;
use protogate::json::{self, JsonMessage, ReadOptions, Unknown, WriteOptions};
use protogate_json_test::TYPES;
use protogate_json_test::kinds::{self, choice, tree};

/// Text that is nearly JSON: pieces that a reader minds, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(":"),
        Just(","),
        Just("\""),
        Just("\\"),
        Just("\\u"),
        Just("d83d"),
        Just("null"),
        Just("true"),
        Just("-"),
        Just("1e5"),
        Just("0."),
        Just("\"int32\":"),
        Just("\"any\":{"),
        Just("\"@type\":\"t/google.protobuf.Any\""),
        Just("\"value\":"),
        Just("\"choice\":"),
        Just("\"self\":{"),
        Just("\"children\":[{"),
        Just("1970-01-01T00:00:00Z"),
        Just(" "),
        Just("\u{e9}"),
    ];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn read_all(bytes: &[u8]) {
    for unknown in [Unknown::Reject, Unknown::Ignore] {
        let options = ReadOptions { unknown, ..ReadOptions::default() };
        for message in TYPES {
            if let Err(error) = message.read(bytes, options) {
                assert!(!error.to_string().is_empty());
            }
        }
    }
}

prop_compose! {
    fn scalars()(
        (int32, int64, uint32, uint64) in any::<(i32, i64, u32, u64)>(),
        (sint32, sint64, fixed32, fixed64) in any::<(i32, i64, u32, u64)>(),
        (sfixed32, sfixed64, bool) in any::<(i32, i64, bool)>(),
        float in prop_oneof![any::<f32>(), any::<u32>().prop_map(f32::from_bits)],
        double in prop_oneof![any::<f64>(), any::<u64>().prop_map(f64::from_bits)],
        string in any::<String>(),
        bytes in any::<Vec<u8>>(),
        color in -3..5,
    ) -> kinds::Scalars {
        // Every NaN prints alike, and prost does not send a negative zero.
        let float = if float.is_nan() || float == 0.0 { 0.0 } else { float };
        let double = if double.is_nan() || double == 0.0 { 0.0 } else { double };
        kinds::Scalars {
            int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64, float, double, bool, string, bytes, color,
        }
    }
}

fn timestamp() -> impl Strategy<Value = prost_types::Timestamp> {
    (-62_135_596_800_i64..=253_402_300_799, 0..=999_999_999)
        .prop_map(|(seconds, nanos)| prost_types::Timestamp { seconds, nanos })
}

fn duration() -> impl Strategy<Value = prost_types::Duration> {
    (0..=315_576_000_000_i64, 0..=999_999_999, any::<bool>()).prop_map(
        |(seconds, nanos, negative): (i64, i32, bool)| {
            if negative {
                prost_types::Duration { seconds: -seconds, nanos: -nanos }
            } else {
                prost_types::Duration { seconds, nanos }
            }
        },
    )
}

fn value() -> impl Strategy<Value = prost_types::Value> {
    use prost_types::value::Kind;
    let leaf = prop_oneof![
        Just(Kind::NullValue(0)),
        any::<bool>().prop_map(Kind::BoolValue),
        any::<f64>()
            .prop_filter("JSON has finite numbers only", |it| it.is_finite())
            .prop_map(Kind::NumberValue),
        any::<String>().prop_map(Kind::StringValue),
    ];
    let leaf = leaf.prop_map(|kind| prost_types::Value { kind: Some(kind) });
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Kind::ListValue(prost_types::ListValue { values })),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|fields| Kind::StructValue(prost_types::Struct { fields })),
        ]
        .prop_map(|kind| prost_types::Value { kind: Some(kind) })
    })
}

prop_compose! {
    fn well_known()(
        timestamp in proptest::option::of(timestamp()),
        duration in proptest::option::of(duration()),
        value in proptest::option::of(value()),
        mask in proptest::option::of(vec("[a-z]{1,3}(_[a-z]{1,3}){0,2}(\\.[a-z]{1,3})?", 0..3)),
        inner in proptest::option::of(scalars()),
        int64_value in any::<Option<i64>>(),
        string_value in any::<Option<String>>(),
        empty in any::<Option<()>>(),
    ) -> kinds::WellKnown {
        let any = inner.map(|inner| prost_types::Any {
            type_url: "type.googleapis.com/fixture.json.v1.Scalars".to_owned(),
            value: inner.encode_to_vec(),
        });
        kinds::WellKnown {
            timestamp, duration, value, mask: mask.map(|paths| prost_types::FieldMask { paths }), any, int64_value, string_value, empty,
            ..kinds::WellKnown::default()
        }
    }
}

prop_compose! {
    fn maps()(
        string in proptest::collection::hash_map(any::<String>(), any::<String>(), 0..4),
        int32 in proptest::collection::hash_map(any::<i32>(), any::<i64>(), 0..4),
        bool in proptest::collection::hash_map(any::<bool>(), -3..5, 0..3),
        uint64 in proptest::collection::hash_map(any::<u64>(), any::<Vec<u8>>(), 0..4),
        message in proptest::collection::hash_map(any::<String>(), scalars(), 0..3),
    ) -> kinds::Maps {
        kinds::Maps { string, int32, bool, uint64, message, ..kinds::Maps::default() }
    }
}

fn choices() -> impl Strategy<Value = kinds::Choice> {
    let choice = prop_oneof![
        any::<i32>().prop_map(choice::Choice::Number),
        any::<String>().prop_map(choice::Choice::Text),
        scalars().prop_map(choice::Choice::Message),
        timestamp().prop_map(choice::Choice::Time),
        Just(choice::Choice::Null(0)),
        value().prop_map(choice::Choice::Value),
        any::<bool>().prop_map(choice::Choice::Wrapper),
        Just(choice::Choice::Empty(())),
    ];
    (proptest::option::of(choice), any::<String>()).prop_map(|(choice, outside)| kinds::Choice {
        choice,
        outside,
        ..kinds::Choice::default()
    })
}

fn trees() -> impl Strategy<Value = kinds::Tree> {
    let leaf = (any::<String>(), -3..5).prop_map(|(name, form)| kinds::Tree {
        name: name.clone(),
        leaf: Some(tree::Leaf { name, form }),
        ..kinds::Tree::default()
    });
    leaf.prop_recursive(5, 20, 3, |inner| {
        (proptest::option::of(inner.clone()), vec(inner, 0..3)).prop_map(|(left, children)| kinds::Tree {
            left: left.map(Box::new),
            children,
            ..kinds::Tree::default()
        })
    })
}

fn there_and_back<M: JsonMessage + PartialEq + std::fmt::Debug>(message: &M) {
    for always_print_fields_with_no_presence in [false, true] {
        for (proto_names, enum_as_int, pretty) in [(false, false, false), (true, true, true)] {
            let options = WriteOptions {
                always_print_fields_with_no_presence,
                proto_names,
                enum_as_int,
                pretty,
                ..WriteOptions::default()
            };
            let text = json::print(message, options).expect("it prints");
            let back: M = json::parse(&text, ReadOptions::default())
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&text)));
            assert_eq!(&back, message, "{}", String::from_utf8_lossy(&text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn near_json_is_read_or_refused(bytes in pieces()) {
        read_all(&bytes);
    }

    #[test]
    fn scalars_there_and_back(message in scalars()) {
        there_and_back(&message);
    }

    #[test]
    fn well_known_there_and_back(message in well_known()) {
        there_and_back(&message);
    }

    #[test]
    fn maps_there_and_back(message in maps()) {
        there_and_back(&message);
    }

    #[test]
    fn choices_there_and_back(message in choices()) {
        there_and_back(&message);
    }

    #[test]
    fn trees_there_and_back(message in trees()) {
        there_and_back(&message);
    }
}
