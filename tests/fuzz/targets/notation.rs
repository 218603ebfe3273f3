//! The notation of inputs. Nothing is loaded.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_fuzz::{render_error, seed};
use protogate_schema::Input;

fuzz_target!(init: seed("notation"), |data: &[u8]| {
    if let Err(error) = Input::parse(&String::from_utf8_lossy(data)) {
        render_error(&error);
    }
});
