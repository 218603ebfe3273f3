//! What a rule is: its facts, its page, and the function that checks it, typed by what it looks at.
//!
//! Rules are statics, one file each under `rules/`. The engine walks the schema once and calls the functions registered for each
//! scope; a rule never walks on its own. Which rules run, and how severe they are, is the business of `config`.

use std::fmt::Write as _;

use protogate_schema::Schema;
use protogate_schema::model::element::{EnumId, FieldId, FileId, MessageId, MethodId, ServiceId, ValueId};
use protogate_schema::pair::{Pair, Pairs};
use serde::{Deserialize, Serialize};

use crate::finding::Findings;
use crate::lint::{FileGroup, Lint};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported.
    Allow,
    /// Reported; does not fail a check.
    Warn,
    /// Reported; fails a check.
    Deny,
}

/// Family of a rule; decides which configuration section selects it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Compares two schemas: `[breaking]`.
    Breaking,
    /// Looks at one schema: `[lint]`.
    Lint,
    /// Looks at waivers: always on.
    Waiver,
}

/// Who is hurt by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Readers and writers of the binary encoding, stored data included.
    Wire,
    /// Readers and writers of the JSON encoding.
    Json,
    /// Users of generated code.
    Source,
    /// Callers of REST routes.
    Rest,
    /// People who run the service: dashboards, scripts, policies.
    Operators,
}

impl Audience {
    /// Name as shown in reports.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Json => "JSON",
            Self::Source => "source",
            Self::Rest => "REST",
            Self::Operators => "operators",
        }
    }
}

/// A named check.
#[derive(Debug)]
pub struct Rule {
    /// Upper snake case, subject then promise: `FIELD_NO_DELETE`.
    pub id: &'static str,
    /// Categories of configuration version v2 that contain the rule.
    pub categories: &'static [&'static str],
    /// Severity unless configured otherwise.
    pub severity: Severity,
    /// Version of protogate that brought the rule.
    pub since: &'static str,
    /// What the rule promises, one line: lower case, no final stop.
    pub summary: &'static str,
    /// Who is hurt and how, for breaking rules.
    pub breaks: &'static [(Audience, &'static str)],
    /// Why the rule exists, in Markdown.
    pub why: &'static str,
    /// What to do about a finding: one line, lower case, no final stop.
    pub help: &'static str,
    /// Example that is reported; for breaking rules a diff of the two versions.
    pub bad: &'static str,
    /// The same example in order.
    pub good: &'static str,
    /// The check.
    pub(crate) check: Check,
}

impl Rule {
    /// Family of the rule.
    #[must_use]
    pub fn group(&self) -> Group {
        match self.check {
            Check::Schemas(_)
            | Check::FileDeleted(_)
            | Check::FilePair(_)
            | Check::MessagePair(_)
            | Check::FieldPair(_)
            | Check::EnumPair(_)
            | Check::ServicePair(_)
            | Check::MethodPair(_)
            | Check::Committed
            | Check::Never => Group::Breaking,
            Check::Schema(_)
            | Check::Package(_)
            | Check::Directory(_)
            | Check::File(_)
            | Check::Message(_)
            | Check::Field(_)
            | Check::Oneof(_)
            | Check::Enum(_)
            | Check::Value(_)
            | Check::Service(_)
            | Check::Method(_)
            | Check::NeverLint => Group::Lint,
            Check::Waiver => Group::Waiver,
        }
    }

    /// The rule's page, in Markdown.
    #[must_use]
    pub fn explanation(&self) -> String {
        let mut page = format!("# {}\n\n{}.\n\n", self.id, self.summary);
        let severity = match self.severity {
            Severity::Deny => "deny",
            Severity::Warn => "warn",
            Severity::Allow => "allow",
        };
        let categories =
            if self.categories.is_empty() { "none".to_owned() } else { self.categories.join(", ") };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "Categories: {categories} · severity: {severity} · since {}\n", self.since);
        let _ = writeln!(page, "## Why\n\n{}\n", self.why);
        if !self.breaks.is_empty() {
            page.push_str("## Whom it breaks\n\n");
            for (audience, how) in self.breaks {
                let _ = writeln!(page, "- **{}**: {how}", audience.label());
            }
            page.push('\n');
        }
        let language = match self.group() {
            Group::Breaking => "diff",
            Group::Lint => "proto",
            Group::Waiver => "toml",
        };
        let _ = writeln!(page, "## Reported\n\n```{language}\n{}\n```\n", self.bad.trim_matches('\n'));
        let _ = writeln!(page, "## In order\n\n```{language}\n{}\n```\n", self.good.trim_matches('\n'));
        let _ = writeln!(page, "## What to do\n\n{}.", self.help);
        page
    }
}

/// Check of something that exists on both sides.
pub(crate) type PairCheck<T> = fn(&Pairs<'_>, Pair<T>, &mut Findings);
/// Check of one element.
pub(crate) type ElementCheck<T> = fn(&Lint<'_>, T, &mut Findings);
/// Check of some files that belong together.
pub(crate) type FilesCheck = fn(&Lint<'_>, &FileGroup<'_>, &mut Findings);

/// The function of a rule, typed by its scope.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// Both schemas as a whole.
    Schemas(fn(&Pairs<'_>, &mut Findings)),
    /// A file of the baseline that is gone.
    FileDeleted(fn(&Schema, FileId, &mut Findings)),
    /// A file in both.
    FilePair(PairCheck<FileId>),
    /// A message in both, map entries and groups included.
    MessagePair(PairCheck<MessageId>),
    /// A field or extension in both.
    FieldPair(PairCheck<FieldId>),
    /// An enum in both.
    EnumPair(PairCheck<EnumId>),
    /// A service in both.
    ServicePair(PairCheck<ServiceId>),
    /// An rpc in both.
    MethodPair(PairCheck<MethodId>),
    /// Made by [`crate::check_history`].
    Committed,
    /// A breaking rule whose id is accepted and that never fires.
    Never,

    /// The schema as a whole.
    Schema(fn(&Lint<'_>, &mut Findings)),
    /// The target files of one package.
    Package(FilesCheck),
    /// The target files of one directory.
    Directory(FilesCheck),
    /// A target file.
    File(ElementCheck<FileId>),
    /// A message; no map entries.
    Message(ElementCheck<MessageId>),
    /// A field or extension; none of map entries.
    Field(ElementCheck<FieldId>),
    /// A oneof that the user wrote.
    Oneof(ElementCheck<(MessageId, u32)>),
    /// An enum.
    Enum(ElementCheck<EnumId>),
    /// A value of an enum.
    Value(ElementCheck<ValueId>),
    /// A service.
    Service(ElementCheck<ServiceId>),
    /// An rpc.
    Method(ElementCheck<MethodId>),
    /// A lint rule whose id is accepted and that never fires.
    NeverLint,

    /// Made by [`crate::Waivers::apply`].
    Waiver,
}
