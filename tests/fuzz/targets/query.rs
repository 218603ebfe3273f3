//! Query strings: decoded, resolved against a message, set.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate::json::{Fields as _, resolve, resolve_proto, set_parameter};
use protogate_fuzz::seed;
use protogate_golden::{service, well_known};
use protogate_transcode::{FieldPath, parse_query};

fuzz_target!(init: seed("query"), |data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let pairs = match parse_query(&text) {
        Ok(pairs) => pairs,
        Err(error) => {
            assert!(!error.to_string().is_empty(), "an error that says nothing");
            return;
        }
    };
    let mut book = service::acme::library::v1::Book::default();
    let mut all = well_known::well_known::v1::All::default();
    for (name, value) in &pairs {
        if let Err(error) = FieldPath::parse_parameter(name) {
            assert!(!error.to_string().is_empty(), "an error that says nothing");
        }
        for find in [resolve, resolve_proto] {
            if let Ok(parameter) = find(book.table(), name)
                && let Err(error) = set_parameter(&mut book, &parameter.path, value)
            {
                assert!(!error.to_string().is_empty() && !error.field().is_empty(), "{error:?}");
            }
            if let Ok(parameter) = find(all.table(), name)
                && let Err(error) = set_parameter(&mut all, &parameter.path, value)
            {
                assert!(!error.to_string().is_empty() && !error.field().is_empty(), "{error:?}");
            }
        }
    }
});
