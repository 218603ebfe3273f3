//! Headers that hold a duration: `grpc-timeout`, `connect-timeout-ms`, `x-server-timeout`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_fuzz::seed;
use protogate_transcode::{
    MAX_TIMEOUT, format_grpc_timeout, parse_connect_timeout_ms, parse_grpc_timeout, parse_server_timeout,
};

fuzz_target!(init: seed("timeout"), |data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for parse in [parse_grpc_timeout, parse_connect_timeout_ms, parse_server_timeout] {
        let Some(timeout) = parse(&text) else { continue };
        assert!(timeout <= MAX_TIMEOUT, "{text} is {timeout:?}");
        let written = format_grpc_timeout(timeout);
        let again = parse_grpc_timeout(&written).expect("what was written can be read");
        assert!(again <= timeout, "{timeout:?} grows to {again:?}");
        // A finer unit may do for what was rounded down; it is the same time.
        assert_eq!(parse_grpc_timeout(&format_grpc_timeout(again)), Some(again), "not stable: {timeout:?}");
    }
});
