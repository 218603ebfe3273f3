//! ProtoJSON: what can be read is printed in every form and read again as the same message; the wire form as well.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prost::Message;
use protogate::json::{JsonMessage, ReadOptions, Unknown, WriteOptions, parse, print};
use protogate_fuzz::seed;
use protogate_golden::{service, well_known};

fn reads<M: JsonMessage + Message + Default>(bytes: &[u8]) {
    let ignore = ReadOptions { unknown: Unknown::Ignore, ..ReadOptions::default() };
    for options in [ReadOptions::default(), ignore] {
        match parse::<M>(bytes, options) {
            Ok(message) => prints(&message),
            Err(error) => assert!(!error.to_string().trim().is_empty(), "an error that says nothing"),
        }
    }
    if let Ok(message) = M::decode(bytes) {
        // A message from the wire may hold what JSON has no form for, such as a time after the year 9999.
        if print(&message, WriteOptions::default()).is_ok() {
            prints(&message);
        }
    }
}

fn prints<M: JsonMessage + Message + Default>(message: &M) {
    let plain = WriteOptions::default();
    for options in [
        plain,
        WriteOptions { always_print_fields_with_no_presence: true, enum_as_int: true, ..plain },
        WriteOptions { proto_names: true, pretty: true, ..plain },
    ] {
        let text = print(message, options).expect("what was read can be printed");
        let again: M = parse(&text, ReadOptions::default()).expect("what was printed can be read");
        let second = print(&again, options).expect("and printed again");
        // NaN is not equal to itself, so texts are compared. A `NullValue` that is no null is printed as one and then stays one.
        if !text.windows(4).any(|it| it == b"null") {
            assert_eq!(second, text);
        }
        let last: M = parse(&second, ReadOptions::default()).expect("and read");
        assert_eq!(print(&last, options).expect("and printed"), second);
    }
}

fuzz_target!(init: seed("json"), |data: &[u8]| {
    reads::<service::acme::library::v1::Book>(data);
    reads::<well_known::well_known::v1::All>(data);
});
