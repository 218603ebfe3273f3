//! The gate: a breaking change stops `cargo build` as it stops the command line, by the same rules.
//!
//! Which rules run and how severe they are is the configuration's; here is only decided what becomes of the findings.

use protogate_check::report::{self, Format, View};
use protogate_check::{BreakingConfig, Gate, Profile, Report, Severity, Waivers, check_breaking, day_of};
use protogate_schema::{Error, Project, Schema, baseline, load};

use crate::directive::Directives;

/// Whether the build goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pass,
    /// Denied findings; they have been printed.
    Stop,
}

/// Compares the schema with the baseline, if there is one and the gate is not off.
pub(crate) fn check(
    project: &Project,
    schema: &Schema,
    gate: Option<Gate>,
    directives: &mut Directives<'_>,
) -> Result<Outcome, Error> {
    let mut config: BreakingConfig = project.section("breaking")?;
    let gate = gate.unwrap_or(config.gate);
    if gate == Gate::Off {
        return Ok(Outcome::Pass);
    }
    for path in baseline::files_read(project)? {
        directives.rerun(&path)?;
    }
    let Some(accepted) = baseline::load(project)? else { return Ok(Outcome::Pass) };
    let roots = &project.proto().roots;
    config.profile = Profile::Protogate;
    config.roots = roots.iter().map(|it| it.to_string_lossy().replace('\\', "/")).collect();
    let mut report = check_breaking(schema, &accepted, &config)
        .map_err(|error| project.section_error("breaking", error.to_string()))?;
    let mut waivers: Waivers = project.section("waiver")?;
    waivers.places = project.table_places("waiver");
    waivers.path = project.file().map(|it| it.display().to_string());
    waivers.read_comments(schema);
    waivers.apply(&mut report, day_of(jiff::Timestamp::now()));
    show(&report, schema, gate, directives);
    Ok(if gate == Gate::Deny && report.has_denied() { Outcome::Stop } else { Outcome::Pass })
}

fn show(report: &Report, schema: &Schema, gate: Gate, directives: &mut Directives<'_>) {
    let origin = load::inputs_read(schema);
    let show_path = |path: &str| origin.display_path(path).to_owned();
    let view = View { current: Some(schema), show_path: &show_path, frames: false, ..View::default() };
    for finding in report.findings.iter().filter(|it| it.severity != Severity::Allow) {
        let one = Report { findings: vec![finding.clone()], ..Report::default() };
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = report::render(Format::Text, &one, &view, &mut text);
        if let Some(help) = &finding.help {
            text.push_str("  help: ");
            text.push_str(help);
        }
        if gate == Gate::Deny && finding.severity == Severity::Deny {
            directives.error_text(&text);
        } else {
            directives.warning(&text);
        }
    }
}
