//! Sources, several in one input, become a schema or clear errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_check::{LintConfig, Profile, check_lint};
use protogate_fuzz::{render_error, render_some, seed, sources};
use protogate_schema::compile::compile;

fuzz_target!(init: seed("compile"), |data: &[u8]| {
    match compile(sources(data)) {
        Err(error) => render_error(&error),
        Ok(schema) => {
            let config = LintConfig { profile: Profile::Protogate, ..LintConfig::default() };
            let report = check_lint(&schema, &config).expect("the defaults are a configuration");
            render_some(&report, Some(&schema));
        }
    }
});
