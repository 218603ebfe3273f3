//! The gate: a breaking change stops `cargo build` as it stops the command line, by the same rules.
//!
//! Which rules run and how severe they are is the configuration's; here is only decided what becomes of the findings.

use protogate_check::report::{self, Format, View};
use protogate_check::{BreakingConfig, Gate, Report, Severity, Waivers, check_breaking};
use protogate_schema::project::Baseline;
use protogate_schema::{Error, Input, Project, Schema, baseline, load};

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
    let Some(accepted) = accepted(project, directives)? else { return Ok(Outcome::Pass) };
    let roots = &project.proto().roots;
    config.roots = roots.iter().map(|it| it.to_string_lossy().replace('\\', "/")).collect();
    let mut report = check_breaking(schema, &accepted, &config)
        .map_err(|error| project.section_error("breaking", error.to_string()))?;
    let mut waivers: Waivers = project.section("waiver")?;
    waivers.path = project.file().map(|it| it.display().to_string());
    waivers.apply(&mut report, jiff::Zoned::now().date());
    show(&report, schema, gate, directives);
    Ok(if gate == Gate::Deny && report.has_denied() { Outcome::Stop } else { Outcome::Pass })
}

/// The accepted schema; `None` when the project has none. One that is configured and missing is an error: a gate that is open
/// because a file is not there is no gate.
fn accepted(project: &Project, directives: &mut Directives<'_>) -> Result<Option<Schema>, Error> {
    match project.baseline() {
        Baseline::File(path) => {
            directives.rerun(path)?;
            baseline::read(path).map(Some)
        }
        Baseline::Git(rev) => {
            let git = project.dir().join(".git");
            // Follows commits and branch changes where the package is the repository; elsewhere the protos are what is watched.
            for name in ["HEAD", "packed-refs", "refs/heads"] {
                let path = git.join(name);
                if path.exists() {
                    directives.rerun(&path)?;
                }
            }
            let repo = project.dir().to_owned();
            load::load(&Input::Git { repo, rev: rev.clone(), subdir: None }).map(Some)
        }
        Baseline::None | Baseline::Unset => Ok(None),
    }
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
