//! Rules engine: schemas and configuration in, a report out.
//!
//! Pure: no files, no environment, no clock. [`check_breaking`] compares a schema with its baseline, [`check_lint`] looks at one
//! schema, [`Waivers::apply`] takes recorded exceptions out, and [`report`] renders what is left. Only [`Report::has_denied`]
//! decides success.

mod against;
mod breakage;
mod canonical;
mod cardinality;
mod category;
mod config;
mod declaration;
mod default_value;
pub mod difference;
mod engine;
mod finding;
mod fix;
mod group;
mod history;
mod kind;
mod language_features;
mod lint;
mod names;
mod number_ranges;
mod package_version;
mod parallel;
mod patch;
mod position;
pub mod report;
mod rule;
mod rules;
mod severity;
mod subject;
mod waiver;
pub mod witness;

pub use against::{Direction, Earlier, check_direction, check_several};
pub use canonical::{Texts, texts};
pub use category::{ConfigVersion, Profile};
pub use config::{BreakingConfig, ConfigError, Gate, LintConfig};
pub use engine::check_breaking;
pub use finding::{Against, Finding, Impact, Report, Side, Waived};
pub use fix::{Edit, Fix};
pub use history::{check_history, describe};
pub use lint::check_lint;
pub use patch::Patch;
pub use rule::{Audience, Group, Rule, Severity};
pub use rules::notes;
pub use severity::Override;
pub use waiver::{InComment, Waiver, Waivers, day_of};
pub use witness::{Encoding, Version, Witness};

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

/// Whether a package says that it may break: `acme.v1alpha1`, `acme.v2beta`.
#[must_use]
pub fn is_unstable(package: &str) -> bool {
    package_version::PackageVersion::of(package) == Some(package_version::PackageVersion::Unstable)
}

impl Rule {
    /// Categories of the rule in a version of the configuration; `None` when that version does not have the rule.
    #[must_use]
    pub fn categories_in(&self, version: ConfigVersion) -> Option<Vec<&'static str>> {
        category::of(self, version)
    }

    /// Whether the rule runs when nothing is selected.
    #[must_use]
    pub fn is_default(&self, profile: Profile) -> bool {
        let defaults = category::defaults_of(self.group(), profile);
        self.group() == Group::Waiver || self.categories.iter().any(|category| defaults.contains(category))
    }

    /// Whether the rule looks at annotations that the reference checker does not know.
    #[must_use]
    pub fn is_contract(&self) -> bool {
        self.categories.iter().any(|category| category::is_contract(category))
    }
}
