//! How much a finding matters where it is: `[[breaking.override]]`, `[[lint.override]]` and `unstable_packages`.
//!
//! Severities per rule and category are resolved by [`crate::config`]; these come after them. The last table that matches decides.

use std::collections::HashSet;

use protogate_schema::model::element::File;
use serde::Deserialize;

use crate::config::is_within;
use crate::package_version::PackageVersion;
use crate::rule::{Rule, Severity};

/// A table that gives findings below a path another severity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// File or folder, relative to the configuration file.
    pub path: String,
    /// Ids and categories that it is about; empty: all.
    #[serde(default)]
    pub rules: Vec<String>,
    /// What their findings matter there.
    pub severity: Severity,
}

/// An [`Override`] with names looked up and paths as file paths start.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) paths: Vec<String>,
    /// `None`: all rules.
    pub(crate) rules: Option<HashSet<&'static str>>,
    pub(crate) severity: Severity,
}

impl Resolved {
    /// `paths` as file paths start; `rules` those that the table's names stand for.
    pub(crate) fn new(table: &Override, paths: Vec<String>, rules: &[&'static Rule]) -> Self {
        let rules = (!table.rules.is_empty()).then(|| rules.iter().map(|rule| rule.id).collect());
        Self { paths, rules, severity: table.severity }
    }

    fn holds(&self, rule: &str, path: &str) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.contains(rule))
            && self.paths.iter().any(|outer| is_within(path, outer))
    }
}

/// What changes severities by place.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) overrides: Vec<Resolved>,
    /// What findings in unstable packages matter at most.
    pub(crate) unstable: Option<Severity>,
}

impl Places {
    /// The severity of a finding of `rule` in a file, from its severity elsewhere.
    pub(crate) fn severity(
        &self,
        rule: &str,
        path: Option<&str>,
        file: Option<&File>,
        elsewhere: Severity,
    ) -> Severity {
        let found = path.and_then(|path| self.overrides.iter().rev().find(|it| it.holds(rule, path)));
        if let Some(found) = found {
            return found.severity;
        }
        let unstable = self.unstable.filter(|_| {
            file.is_some_and(|it| PackageVersion::of(&it.package) == Some(PackageVersion::Unstable))
        });
        unstable.map_or(elsewhere, |most| elsewhere.min(most))
    }
}
