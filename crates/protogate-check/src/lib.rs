//! Rules engine: schemas and configuration in, a report out.
//!
//! Pure: no files, no environment, no clock. [`check_breaking`] compares a schema with its baseline, [`check_lint`] looks at one
//! schema, [`Waivers::apply`] takes recorded exceptions out, and [`report`] renders what is left. Only [`Report::has_denied`]
//! decides success.

mod cardinality;
mod category;
mod config;
mod declaration;
mod default_value;
mod engine;
mod finding;
mod kind;
mod language_features;
mod lint;
mod names;
mod number_ranges;
mod package_version;
mod position;
pub mod report;
mod rule;
mod rules;
mod subject;
mod waiver;
mod wire;

pub use category::ConfigVersion;
pub use config::{BreakingConfig, ConfigError, Gate, LintConfig};
pub use engine::check_breaking;
pub use finding::{Against, Finding, Impact, Report, Waived};
pub use lint::check_lint;
pub use rule::{Audience, Group, Rule, Severity};
pub use waiver::{Waiver, Waivers, day_of};

/// All rules, sorted by id.
#[must_use]
pub fn rules() -> &'static [&'static Rule] {
    rules::all()
}

/// The rule with this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules::find(id)
}

impl Rule {
    /// Categories of the rule in a version of the configuration; `None` when that version does not have the rule.
    #[must_use]
    pub fn categories_in(&self, version: ConfigVersion) -> Option<Vec<&'static str>> {
        category::of(self, version)
    }

    /// Whether the rule runs when nothing is selected.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.group() == Group::Waiver || self.categories.contains(&category::default_of(self.group()))
    }
}
