//! Two descriptor sets are compared: all rules, both directions, grouped, in every rendering.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_check::{BreakingConfig, ConfigVersion, Direction, Earlier, Group, check_several, rules};
use protogate_fuzz::{BASELINE, on_disk, render_report, seed};
use protogate_schema::Input;
use protogate_schema::Schema;
use protogate_schema::load::{Image, load};

fn schema(name: &str, bytes: &[u8]) -> Option<Schema> {
    load(&Input::Image(Image::binary(on_disk(name, bytes)))).ok()
}

fuzz_target!(init: seed("check"), |data: &[u8]| {
    let marker = BASELINE.as_bytes();
    let Some(at) = data.windows(marker.len()).position(|window| window == marker) else { return };
    let Some(current) = schema("current.binpb", &data[..at]) else { return };
    let Some(baseline) = schema("baseline.binpb", &data[at + marker.len()..]) else { return };
    let all = rules().iter().filter(|rule| rule.group() == Group::Breaking);
    let all = all.filter(|rule| rule.categories_in(ConfigVersion::V2).is_some());
    let config = BreakingConfig { r#use: all.map(|rule| rule.id.to_owned()).collect(), ..BreakingConfig::default() };
    let earlier = [Earlier { name: "v1", schema: &baseline }, Earlier { name: "v2", schema: &baseline }];
    for direction in [Direction::Backward, Direction::Full] {
        let report = check_several(&current, &earlier, &config, direction).expect("ids are a configuration");
        render_report(&report, Some(&current), Some(&baseline));
        render_report(&report.group(), Some(&current), Some(&baseline));
    }
});
