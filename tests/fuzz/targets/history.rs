//! The history in a baseline: what can be read is written and read again unchanged.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protogate_check::describe;
use protogate_fuzz::seed;
use protogate_schema::compile::{Source, compile};
use protogate_schema::history::History;
use protogate_schema::{Schema, baseline};

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = "syntax = \"proto3\"; package a; message M { int32 x = 1; }";
    compile(vec![Source::new("a.proto", text)]).expect("a small schema")
});

fuzz_target!(init: seed("history"), |data: &[u8]| {
    match History::from_descriptor_set(data) {
        Err(why) => assert!(!why.trim().is_empty(), "an error that says nothing"),
        Ok(None) => {}
        Ok(Some(history)) => {
            for (former, _) in history.iter() {
                assert!(!describe(former).is_empty(), "a promise without words: {former:?}");
            }
            let bytes = baseline::encode(&SCHEMA, &history);
            let again = History::from_descriptor_set(&bytes).expect("what was written can be read");
            assert_eq!(again.unwrap_or_default(), history);
            let next = history.advance(&SCHEMA, &SCHEMA, "2027-01-31");
            assert!(next.forgotten(&SCHEMA, &protogate_schema::history::remembered(&SCHEMA)).is_empty());
        }
    }
});
