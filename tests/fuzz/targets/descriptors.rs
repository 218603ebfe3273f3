//! Bytes of a descriptor set become a schema or a clear error; all lint rules look at what became one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_check::{ConfigVersion, Group, LintConfig, check_lint, rules};
use protogate_fuzz::{on_disk, render_error, render_some, seed};
use protogate_schema::Input;
use protogate_schema::load::{Image, load};

fuzz_target!(init: seed("descriptors"), |data: &[u8]| {
    match load(&Input::Image(Image::binary(on_disk("image.binpb", data)))) {
        Err(error) => render_error(&error),
        Ok(schema) => {
            let all = rules().iter().filter(|rule| rule.group() == Group::Lint);
            let all = all.filter(|rule| rule.categories_in(ConfigVersion::V2).is_some());
            let config = LintConfig { r#use: all.map(|rule| rule.id.to_owned()).collect(), ..LintConfig::default() };
            let report = check_lint(&schema, &config).expect("ids are a configuration");
            render_some(&report, Some(&schema));
        }
    }
});
