//! The sections `[breaking]` and `[lint]`: which rules run, how severe they are, and which files they leave alone.
//!
//! The types are plain data that a reader of `protogate.toml` or `buf.yaml` fills in. Resolving names is here; reading files is
//! not.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use protogate_schema::Schema;
use protogate_schema::buf;
use protogate_schema::model::element::File;
use serde::Deserialize;

use crate::category::{self, ConfigVersion, Profile};
use crate::finding::Report;
use crate::package_version::PackageVersion;
use crate::rule::{Group, Rule, Severity};
use crate::rules;
use crate::severity::{Override, Places, Resolved};

/// What a build script does about breaking changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// Denied findings stop the build. The default.
    #[default]
    Deny,
    /// They are shown as warnings.
    Warn,
    /// Nothing is compared.
    Off,
}

/// Section `[breaking]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BreakingConfig {
    /// Ids and categories that run; empty: what the profile says.
    pub r#use: Vec<String>,
    /// Ids and categories taken away again.
    pub except: Vec<String>,
    /// Files or folders whose findings are dropped, relative to the configuration file.
    pub ignore: Vec<String>,
    /// The same per id or category.
    pub ignore_only: BTreeMap<String, Vec<String>>,
    /// Drop findings in packages such as `acme.v1alpha1`.
    pub ignore_unstable_packages: bool,
    /// Severity per id or category; an id wins over a category.
    pub severity: BTreeMap<String, Severity>,
    /// Severity below a path; the last table that matches wins over `severity`.
    pub r#override: Vec<Override>,
    /// What findings in packages such as `acme.v1alpha1` matter at most. Not given: `warn` with the profile of protogate, no bound with
    /// that of buf.
    pub unstable_packages: Option<Severity>,
    /// What a build script does.
    pub gate: Gate,
    /// Import roots relative to the configuration file: what `ignore` paths start with and file paths do not.
    #[serde(skip)]
    pub roots: Vec<String>,
    /// Do not compare imported files.
    #[serde(skip)]
    pub exclude_imports: bool,
    /// Version of the configuration file.
    #[serde(skip)]
    pub version: ConfigVersion,
    /// What runs when `use` is empty.
    #[serde(skip)]
    pub profile: Profile,
}

/// Section `[lint]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LintConfig {
    /// Ids and categories that run; empty: what the profile says.
    pub r#use: Vec<String>,
    /// Ids and categories taken away again.
    pub except: Vec<String>,
    /// Files or folders whose findings are dropped, relative to the configuration file.
    pub ignore: Vec<String>,
    /// The same per id or category.
    pub ignore_only: BTreeMap<String, Vec<String>>,
    /// Severity per id or category; an id wins over a category.
    pub severity: BTreeMap<String, Severity>,
    /// Severity below a path; the last table that matches wins over `severity`.
    pub r#override: Vec<Override>,
    /// Suffix that `ENUM_ZERO_VALUE_SUFFIX` asks for; empty: `_UNSPECIFIED`.
    pub enum_zero_value_suffix: String,
    /// Suffix that `SERVICE_SUFFIX` asks for; empty: `Service`.
    pub service_suffix: String,
    /// An rpc may use one message as request and response.
    pub rpc_allow_same_request_response: bool,
    /// Rpcs may take `google.protobuf.Empty`.
    pub rpc_allow_google_protobuf_empty_requests: bool,
    /// Rpcs may return `google.protobuf.Empty`.
    pub rpc_allow_google_protobuf_empty_responses: bool,
    /// Comments `buf:lint:ignore RULE` count for nothing.
    pub disallow_comment_ignores: bool,
    /// Import roots relative to the configuration file: what `ignore` paths start with and file paths do not.
    #[serde(skip)]
    pub roots: Vec<String>,
    /// Version of the configuration file.
    #[serde(skip)]
    pub version: ConfigVersion,
    /// What runs when `use` is empty.
    #[serde(skip)]
    pub profile: Profile,
}

/// Why a configuration cannot be used: one line for each mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The mistakes, in order of the section's keys.
    pub mistakes: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistakes.join("\n"))
    }
}

impl std::error::Error for ConfigError {}

/// The name nearest to a misspelt one.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let upper = name.to_ascii_uppercase();
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&upper, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The parts of a section that both groups have.
struct Section<'a> {
    name: &'static str,
    group: Group,
    version: ConfigVersion,
    profile: Profile,
    r#use: &'a [String],
    except: &'a [String],
    ignore: &'a [String],
    ignore_only: &'a BTreeMap<String, Vec<String>>,
    severity: &'a BTreeMap<String, Severity>,
    r#override: &'a [Override],
    roots: &'a [String],
}

/// A resolved section: the rules that run and what is dropped afterwards.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) rules: Vec<&'static Rule>,
    severity: HashMap<&'static str, Severity>,
    places: Places,
    ignore: Vec<String>,
    ignore_only: HashMap<&'static str, Vec<String>>,
    ignore_unstable: bool,
    exclude_imports: bool,
    notes: Vec<String>,
}

impl From<buf::Version> for ConfigVersion {
    fn from(version: buf::Version) -> Self {
        match version {
            buf::Version::V1Beta1 => Self::V1Beta1,
            buf::Version::V1 => Self::V1,
            buf::Version::V2 => Self::V2,
        }
    }
}

impl From<&buf::Module> for BreakingConfig {
    /// What a module of a `buf.yaml` says. Its paths are relative to the import root already.
    fn from(module: &buf::Module) -> Self {
        let section = module.breaking.clone();
        Self {
            r#use: section.r#use,
            except: section.except,
            ignore: section.ignore,
            ignore_only: section.ignore_only,
            ignore_unstable_packages: section.ignore_unstable_packages,
            version: module.version.into(),
            ..Self::default()
        }
    }
}

impl From<&buf::Module> for LintConfig {
    /// What a module of a `buf.yaml` says. Its paths are relative to the import root already.
    fn from(module: &buf::Module) -> Self {
        let section = module.lint.clone();
        let comments = match module.version {
            buf::Version::V2 => !section.disallow_comment_ignores,
            _ => section.allow_comment_ignores,
        };
        Self {
            r#use: section.r#use,
            except: section.except,
            ignore: section.ignore,
            ignore_only: section.ignore_only,
            enum_zero_value_suffix: section.enum_zero_value_suffix,
            service_suffix: section.service_suffix,
            rpc_allow_same_request_response: section.rpc_allow_same_request_response,
            rpc_allow_google_protobuf_empty_requests: section.rpc_allow_google_protobuf_empty_requests,
            rpc_allow_google_protobuf_empty_responses: section.rpc_allow_google_protobuf_empty_responses,
            disallow_comment_ignores: !comments,
            version: module.version.into(),
            ..Self::default()
        }
    }
}

impl BreakingConfig {
    pub(crate) fn resolve(&self) -> Result<Selection, ConfigError> {
        let section = Section {
            name: "breaking",
            group: Group::Breaking,
            version: self.version,
            profile: self.profile,
            r#use: &self.r#use,
            except: &self.except,
            ignore: &self.ignore,
            ignore_only: &self.ignore_only,
            severity: &self.severity,
            r#override: &self.r#override,
            roots: &self.roots,
        };
        let mut selection = section.resolve()?;
        selection.ignore_unstable = self.ignore_unstable_packages;
        let default = match self.profile {
            Profile::Buf => None,
            Profile::Protogate => Some(Severity::Warn),
        };
        selection.places.unstable = self.unstable_packages.or(default);
        selection.exclude_imports = self.exclude_imports;
        Ok(selection)
    }
}

impl LintConfig {
    pub(crate) fn resolve(&self) -> Result<Selection, ConfigError> {
        let section = Section {
            name: "lint",
            group: Group::Lint,
            version: self.version,
            profile: self.profile,
            r#use: &self.r#use,
            except: &self.except,
            ignore: &self.ignore,
            ignore_only: &self.ignore_only,
            severity: &self.severity,
            r#override: &self.r#override,
            roots: &self.roots,
        };
        section.resolve()
    }
}

impl Section<'_> {
    fn resolve(&self) -> Result<Selection, ConfigError> {
        let known: Vec<(&'static Rule, Vec<&'static str>)> = rules::all()
            .iter()
            .filter(|rule| rule.group() == self.group)
            .filter_map(|rule| Some((*rule, category::of(rule, self.version)?)))
            .collect();
        let mut mistakes = Vec::new();
        let mut notes = Vec::new();
        let mut expand = |key: &str, name: &str| -> Vec<&'static Rule> {
            let section = self.name;
            let found = lookup(&known, self.group, self.version, name);
            if let Some(found) = found {
                return found;
            }
            if let Some(new) = category::replacement(self.group, self.version, name) {
                let instead =
                    if new.is_empty() { "nothing".to_owned() } else { format!("`{}`", new.join("`, `")) };
                notes.push(format!("`{name}` in `{section}.{key}` stands for {instead} in this version"));
                return new
                    .iter()
                    .filter_map(|new| lookup(&known, self.group, self.version, new))
                    .flatten()
                    .collect();
            }
            let names = known.iter().map(|(rule, _)| rule.id);
            let similar = nearest(name, names.chain(category::names(self.group, self.version)));
            let hint = similar.map_or_else(
                || "`protogate rules` lists them".to_owned(),
                |similar| format!("did you mean `{similar}`?"),
            );
            mistakes.push(format!("`{section}.{key}`: no rule or category `{name}`; {hint}"));
            Vec::new()
        };

        let used = if self.r#use.is_empty() {
            category::defaults_of(self.group, self.profile)
        } else {
            self.r#use.iter().map(String::as_str).collect()
        };
        let mut selected: Vec<&'static Rule> =
            used.into_iter().flat_map(|name| expand("use", name)).collect();
        for name in self.except {
            let removed = expand("except", name);
            selected.retain(|rule| removed.iter().all(|it| it.id != rule.id));
        }
        selected.sort_by_key(|rule| rule.id);
        selected.dedup_by_key(|rule| rule.id);

        let mut ignore_only: HashMap<&'static str, Vec<String>> = HashMap::new();
        for (name, paths) in self.ignore_only {
            for rule in expand("ignore_only", name) {
                ignore_only
                    .entry(rule.id)
                    .or_default()
                    .extend(paths.iter().flat_map(|path| self.in_roots(path)));
            }
        }
        // Sets of rules first, so that an id wins over its categories.
        let mut severity = HashMap::new();
        let mut levels: Vec<(Vec<&'static Rule>, Severity)> =
            self.severity.iter().map(|(name, level)| (expand("severity", name), *level)).collect();
        levels.sort_by_key(|(rules, _)| std::cmp::Reverse(rules.len()));
        for (rules, level) in levels {
            severity.extend(rules.iter().map(|rule| (rule.id, level)));
        }
        let mut overrides = Vec::new();
        for table in self.r#override {
            let rules: Vec<_> = table.rules.iter().flat_map(|name| expand("override", name)).collect();
            overrides.push(Resolved::new(table, self.in_roots(&table.path), &rules));
        }
        if selected.is_empty() && mistakes.is_empty() {
            mistakes.push(format!("`{}.except` leaves no rule of `use`; take one of them out", self.name));
        }
        let ignored = self.ignore.iter().chain(self.ignore_only.values().flatten());
        let paths = ignored
            .map(|path| ("ignore", path))
            .chain(self.r#override.iter().map(|table| ("override", &table.path)));
        for (key, path) in paths {
            if path.split('/').any(|part| part == "..") || path.starts_with('/') {
                mistakes.push(format!(
                    "`{}.{key}`: `{path}` must be relative to the configuration file and below it",
                    self.name
                ));
            }
        }
        if !mistakes.is_empty() {
            return Err(ConfigError { mistakes });
        }
        let ignore = self.ignore.iter().flat_map(|path| self.in_roots(path)).collect();
        Ok(Selection {
            rules: selected,
            severity,
            places: Places { overrides, unstable: None },
            ignore,
            ignore_only,
            ignore_unstable: false,
            exclude_imports: false,
            notes,
        })
    }

    /// A path of the configuration as file paths would start: without the import root. `""` covers everything.
    fn in_roots(&self, path: &str) -> Vec<String> {
        let normal = |path: &str| {
            let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
            parts.collect::<Vec<_>>().join("/")
        };
        let path = normal(path);
        let roots: Vec<String> = self.roots.iter().map(|root| normal(root)).collect();
        if roots.is_empty() {
            return vec![path];
        }
        let below = roots.iter().filter_map(|root| {
            if root.is_empty() {
                Some(path.clone())
            } else if is_within(root, &path) {
                Some(String::new())
            } else {
                path.strip_prefix(root)?.strip_prefix('/').map(str::to_owned)
            }
        });
        below.collect()
    }
}

fn lookup(
    known: &[(&'static Rule, Vec<&'static str>)],
    group: Group,
    version: ConfigVersion,
    name: &str,
) -> Option<Vec<&'static Rule>> {
    if let Some((rule, _)) = known.iter().find(|(rule, _)| rule.id == name) {
        return Some(vec![*rule]);
    }
    if !category::names(group, version).contains(&name) {
        return None;
    }
    let inside = known.iter().filter(|(_, categories)| categories.contains(&name));
    Some(inside.map(|(rule, _)| *rule).collect())
}

/// Whether `path` is `outer` or below it.
pub(crate) fn is_within(path: &str, outer: &str) -> bool {
    outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Selection {
    /// Severities, what is ignored, fingerprints, order: from what the rules found to what is reported.
    pub(crate) fn finish(
        self,
        findings: Vec<crate::finding::Finding>,
        current: &Schema,
        baseline: &Schema,
    ) -> Report {
        let dropped = |rule: &str, path: Option<&str>, schema: &Schema| {
            let Some(path) = path else { return false };
            let file = schema.find_file(path).map(|id| schema.file(id));
            self.is_ignored(rule, path, file)
        };
        let mut report = Report { notes: self.notes.clone(), ..Report::default() };
        for mut finding in findings {
            if let Some(severity) = self.severity.get(finding.rule) {
                finding.severity = *severity;
            }
            let against = finding.against.as_ref().map(|against| against.path.as_str());
            let place = match finding.path.as_deref() {
                Some(path) => Some((path, current)),
                None => against.map(|path| (path, baseline)),
            };
            let file = place.and_then(|(path, schema)| Some(schema.file(schema.find_file(path)?)));
            finding.severity =
                self.places.severity(finding.rule, place.map(|(path, _)| path), file, finding.severity);
            if finding.severity == Severity::Allow
                || dropped(finding.rule, finding.path.as_deref(), current)
                || dropped(finding.rule, against, baseline)
            {
                continue;
            }
            finding.seal();
            report.findings.push(finding);
        }
        report.rules = self.rules.iter().map(|rule| rule.id).collect();
        report.files = current.files().filter(|(_, file)| !file.is_import).count();
        report.sort();
        report
    }

    fn is_ignored(&self, rule: &str, path: &str, file: Option<&File>) -> bool {
        self.ignore.iter().any(|outer| is_within(path, outer))
            || self
                .ignore_only
                .get(rule)
                .is_some_and(|outer| outer.iter().any(|outer| is_within(path, outer)))
            || file.is_some_and(|file| {
                (self.exclude_imports && file.is_import)
                    || (self.ignore_unstable
                        && PackageVersion::of(&file.package) == Some(PackageVersion::Unstable))
            })
    }
}
