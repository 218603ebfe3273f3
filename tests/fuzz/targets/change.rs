//! Two versions of sources are compared: all rules, grouped, in every rendering.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_check::{BreakingConfig, Direction, Earlier, Profile, check_several};
use protogate_fuzz::{render_report, seed, sides};
use protogate_schema::compile::compile;

fuzz_target!(init: seed("change"), |data: &[u8]| {
    let (current, baseline) = sides(data);
    let (Ok(current), Ok(baseline)) = (compile(current), compile(baseline)) else { return };
    let config = BreakingConfig { profile: Profile::Protogate, ..BreakingConfig::default() };
    let earlier = [Earlier { name: "v1", schema: &baseline }];
    let report = check_several(&current, &earlier, &config, Direction::Full);
    let report = report.expect("the defaults are a configuration").group();
    render_report(&report, Some(&current), Some(&baseline));
});
