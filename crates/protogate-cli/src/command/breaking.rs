//! `protogate breaking`: the compatibility rules alone, with the defaults of buf. Without anything to compare with it fails: exit 3.

use std::time::Instant;

use crate::args::{Breaking, Format, ProfileArg};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fix::Plan;
use crate::gate::{self, Limits, Past};
use crate::images::Images;
use crate::project::{Promise, Subject, no_baseline, short_name};
use crate::report::{Checked, finish, or_diagnostics, waive};
use crate::terminal::Terminal;

/// Compares the input with each `--against`, else with the baseline.
pub(crate) fn run(args: &Breaking, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let started = Instant::now();
    let format = args.report.format;
    if format == Format::ConfigIgnoreYaml {
        return Err(Failure::usage("`config-ignore-yaml` is a form for `lint` only"));
    }
    let limits = Limits { exclude_imports: args.exclude_imports, input_files: args.limit_to_input_files };
    let subject = or_diagnostics(Subject::find_in(&args.input, &args.scope), format, terminal)?;
    let baseline = if args.against.against.is_empty() {
        Some(or_diagnostics(subject.promise(None), format, terminal)?.ok_or_else(no_baseline)?)
    } else {
        None
    };
    let mut images = or_diagnostics(subject.images(), format, terminal)?;
    let mut past = Vec::new();
    past.extend(baseline.map(|it| Past::accepted(it, &subject.project)));
    for text in &args.against.against {
        let found = Past::read(&subject, &images, text, args.against_config.as_deref(), limits);
        past.push(or_diagnostics(found, format, terminal)?);
    }
    if past.len() > 1 {
        past.iter_mut().for_each(|it| it.name = short_name(&it.name).to_owned());
    }
    let direction = args.against.direction.into();
    let check = |images: &Images| {
        let found =
            gate::breaking(&subject, images, &past, &args.selection, args.profile.into(), limits, direction)?;
        // The project's baseline holds all files; what is named with `--against` is compared as a whole, as buf does.
        let whole = !args.against.against.is_empty();
        Ok::<_, Failure>(if whole { found } else { subject.about_input(found, images.whole()) })
    };
    let mut report = check(&images)?;
    if let Some(plan) = Plan::of(&args.fix, &report, &subject, images.whole(), terminal)? {
        let fixed = images.recompiled(&plan.texts).map_err(|failure| plan.refused(&failure, terminal))?;
        let found = check(&fixed)?;
        plan.verify(&report, &found)?;
        if args.fix.dry_run {
            plan.show(terminal)?;
            waive(&mut report, &subject, images.whole())?;
            return Ok(if report.has_denied() { Exit::Findings } else { Exit::Clean });
        }
        plan.write(terminal)?;
        (images, report) = (fixed, found);
    }
    let grouped = args.profile == ProfileArg::Protogate && !args.no_group;
    let report = if grouped { report.group() } else { report };
    let promises: Vec<Promise> =
        past.into_iter().map(|it| Promise { name: it.name, schema: it.images.into_whole() }).collect();
    finish(
        Checked { report, current: images.whole(), promises: &promises, started },
        &subject,
        format,
        terminal,
    )
}
