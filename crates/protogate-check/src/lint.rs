//! The walk of the lint rules: once over the target files of one schema, calling the rules registered for each scope.
//!
//! Files that are there only because a target imports them are skipped. Comments that waive a rule at a declaration are honoured
//! here, for all rules alike.

use std::collections::BTreeMap;
use std::ops::Range;

use protogate_schema::Schema;
use protogate_schema::model::element::{
    Element, EnumId, FieldId, File, FileId, MessageId, MethodId, ServiceId, ValueId,
};

use crate::config::{ConfigError, LintConfig};
use crate::finding::{Finding, Findings, Report};
use crate::parallel::{self, within};
use crate::position::At;
use crate::rule::{Check, ElementCheck, FilesCheck, Rule};

/// Start of a comment line that waives a rule.
pub(crate) const COMMENT_IGNORE: &str = "buf:lint:ignore ";

/// What lint rules see: the schema and the options of the section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lint<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) config: &'a LintConfig,
}

/// Target files that belong together: one package or one directory.
#[derive(Debug)]
pub(crate) struct FileGroup<'a> {
    /// The package or the directory; `""` is none, `"."` the root directory.
    pub(crate) name: &'a str,
    /// Its files in the order of the schema.
    pub(crate) files: Vec<(FileId, &'a File)>,
}

impl<'a> Lint<'a> {
    /// The target files.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (FileId, &'a File)> + use<'a> {
        self.schema.files().filter(|(_, file)| !file.is_import)
    }

    /// Reports at a part of an element (`[]` is all of it), unless a comment there, or at a declaration around it, waives the rule.
    pub(crate) fn report<'o>(
        &self,
        out: &'o mut Findings,
        element: Element,
        part: &[i32],
        message: String,
    ) -> Option<&'o mut Finding> {
        let rule = out.rule_id();
        if self.waived_by_comment(rule, element) || self.part_is_waived(rule, element, part) {
            return None;
        }
        Some(out.report(At::part(self.schema, element, part), self.schema.full_name(element), message))
    }

    /// Reports at a place inside of an element, unless a comment at a declaration around it waives the rule.
    pub(crate) fn report_at<'o>(
        &self,
        out: &'o mut Findings,
        element: Element,
        at: At,
        message: String,
    ) -> Option<&'o mut Finding> {
        if self.waived_by_comment(out.rule_id(), element) {
            return None;
        }
        Some(out.report(at, self.schema.full_name(element), message))
    }

    /// Reports at a file as a whole; comments cannot waive that.
    pub(crate) fn report_file<'o>(
        &self,
        out: &'o mut Findings,
        file: FileId,
        message: String,
    ) -> &'o mut Finding {
        out.report(At::file(self.schema, file), self.schema.file(file).path.clone(), message)
    }

    /// Reports at a statement of a file (`package`, an import, an option), else at the file.
    pub(crate) fn report_statement<'o>(
        &self,
        out: &'o mut Findings,
        file: FileId,
        path: &[i32],
        message: String,
    ) -> Option<&'o mut Finding> {
        let comments = self.schema.comments_at(file, path).map(|comments| comments.leading.as_str());
        if comments.is_some_and(|text| self.waives(out.rule_id(), text)) {
            return None;
        }
        let name = self.schema.file(file).path.clone();
        Some(out.report(At::statement(self.schema, file, path), name, message))
    }

    fn part_is_waived(&self, rule: &str, element: Element, part: &[i32]) -> bool {
        let mut path = self.schema.path_of(element);
        path.extend_from_slice(part);
        let comments = self.schema.comments_at(self.schema.file_of(element), &path);
        comments.is_some_and(|comments| self.waives(rule, &comments.leading))
    }

    fn waives(&self, rule: &str, comment: &str) -> bool {
        !self.config.disallow_comment_ignores
            && comment.lines().any(|line| {
                line.trim().strip_prefix(COMMENT_IGNORE).is_some_and(|rest| rest.starts_with(rule))
            })
    }

    /// Whether the leading comment of the element, or of a declaration around it, waives the rule.
    fn waived_by_comment(&self, rule: &str, element: Element) -> bool {
        let schema = self.schema;
        let here = |element: Element| {
            schema.comments(element).is_some_and(|comments| self.waives(rule, &comments.leading))
        };
        if here(element) {
            return true;
        }
        let mut message = match element {
            Element::File(_) | Element::Service(_) => return false,
            Element::Method(id) => return here(Element::Service(schema.method(id).service)),
            Element::Message(id) => schema.message(id).place.parent,
            Element::Oneof(id, _) => Some(id),
            Element::Field(id) => {
                let field = schema.field(id);
                if field.is_extension() && self.extend_block_waives(rule, id) {
                    return true;
                }
                field.place.parent
            }
            Element::Enum(id) => schema.enumeration(id).place.parent,
            Element::Value(id) => {
                let parent = schema.value(id).parent;
                if here(Element::Enum(parent)) {
                    return true;
                }
                schema.enumeration(parent).place.parent
            }
        };
        while let Some(id) = message {
            if here(Element::Message(id)) {
                return true;
            }
            message = schema.message(id).place.parent;
        }
        false
    }

    /// The `extend` block of an extension has the path of the extension without its index.
    fn extend_block_waives(&self, rule: &str, id: FieldId) -> bool {
        let mut path = self.schema.path_of(Element::Field(id));
        path.pop();
        self.schema
            .comments_at(self.schema.field(id).place.file, &path)
            .is_some_and(|comments| self.waives(rule, &comments.leading))
    }
}

type Registered<F> = Vec<(&'static Rule, F)>;

/// The selected rules by scope.
#[derive(Default)]
struct Scopes {
    schema: Registered<fn(&Lint<'_>, &mut Findings)>,
    package: Registered<FilesCheck>,
    directory: Registered<FilesCheck>,
    file: Registered<ElementCheck<FileId>>,
    message: Registered<ElementCheck<MessageId>>,
    field: Registered<ElementCheck<FieldId>>,
    oneof: Registered<ElementCheck<(MessageId, u32)>>,
    enumeration: Registered<ElementCheck<EnumId>>,
    value: Registered<ElementCheck<ValueId>>,
    service: Registered<ElementCheck<ServiceId>>,
    method: Registered<ElementCheck<MethodId>>,
}

impl Scopes {
    fn new(rules: &[&'static Rule]) -> Self {
        let mut scopes = Self::default();
        for &rule in rules {
            match rule.check {
                Check::Schema(check) => scopes.schema.push((rule, check)),
                Check::Package(check) => scopes.package.push((rule, check)),
                Check::Directory(check) => scopes.directory.push((rule, check)),
                Check::File(check) => scopes.file.push((rule, check)),
                Check::Message(check) => scopes.message.push((rule, check)),
                Check::Field(check) => scopes.field.push((rule, check)),
                Check::Oneof(check) => scopes.oneof.push((rule, check)),
                Check::Enum(check) => scopes.enumeration.push((rule, check)),
                Check::Value(check) => scopes.value.push((rule, check)),
                Check::Service(check) => scopes.service.push((rule, check)),
                Check::Method(check) => scopes.method.push((rule, check)),
                _ => {}
            }
        }
        scopes
    }
}

/// Checks the style of a schema.
///
/// # Errors
/// When the configuration names unknown rules or categories, or leaves no rule.
pub fn check_lint(schema: &Schema, config: &LintConfig) -> Result<Report, ConfigError> {
    let selection = config.resolve()?;
    let Some(&first) = selection.rules.first() else { return Ok(Report::default()) };
    let scopes = Scopes::new(&selection.rules);
    let lint = Lint { schema, config };
    let list = parallel::run(&tasks(&scopes, schema), first, |task, out| task.run(&scopes, &lint, out));
    Ok(selection.finish(list, schema, schema))
}

/// A part of the walk: one rule, or some elements of a scope.
enum Task {
    Schema(usize),
    Packages,
    Directories,
    Files(Range<usize>),
    Messages(Range<usize>),
    Fields(Range<usize>),
    Enums(Range<usize>),
    Services(Range<usize>),
}

/// The walk in its order.
fn tasks(scopes: &Scopes, schema: &Schema) -> Vec<Task> {
    let mut tasks: Vec<_> = (0..scopes.schema.len()).map(Task::Schema).collect();
    tasks.extend([Task::Packages, Task::Directories]);
    tasks.extend(parallel::ranges(schema.files().len()).map(Task::Files));
    tasks.extend(parallel::ranges(schema.messages().len()).map(Task::Messages));
    if !scopes.field.is_empty() {
        tasks.extend(parallel::ranges(schema.fields().len()).map(Task::Fields));
    }
    tasks.extend(parallel::ranges(schema.enums().len()).map(Task::Enums));
    tasks.extend(parallel::ranges(schema.services().len()).map(Task::Services));
    tasks
}

impl Task {
    fn run(&self, scopes: &Scopes, lint: &Lint<'_>, out: &mut Findings) {
        let schema = lint.schema;
        let target = |file: FileId| !schema.file(file).is_import;
        match self {
            Self::Schema(index) => {
                let (rule, check) = scopes.schema[*index];
                out.enter(rule);
                check(lint, out);
            }
            Self::Packages => run_groups(&scopes.package, lint, out, |file| &file.package),
            Self::Directories => run_groups(&scopes.directory, lint, out, |file| directory(&file.path)),
            Self::Files(range) => {
                for (id, file) in within(schema.files(), range) {
                    if !file.is_import {
                        run(&scopes.file, lint, id, out);
                    }
                }
            }
            Self::Messages(range) => {
                for (id, message) in within(schema.messages(), range) {
                    if message.is_map_entry || !target(message.place.file) {
                        continue;
                    }
                    run(&scopes.message, lint, id, out);
                    for (oneof, index) in message.oneofs.iter().zip(0..) {
                        if !oneof.synthetic {
                            run(&scopes.oneof, lint, (id, index), out);
                        }
                    }
                }
            }
            Self::Fields(range) => {
                for (id, field) in within(schema.fields(), range) {
                    let in_entry = !field.is_extension()
                        && field.place.parent.is_some_and(|parent| schema.message(parent).is_map_entry);
                    if !in_entry && target(field.place.file) {
                        run(&scopes.field, lint, id, out);
                    }
                }
            }
            Self::Enums(range) => {
                for (id, enumeration) in within(schema.enums(), range) {
                    if target(enumeration.place.file) {
                        run(&scopes.enumeration, lint, id, out);
                        for &value in &enumeration.values {
                            run(&scopes.value, lint, value, out);
                        }
                    }
                }
            }
            Self::Services(range) => {
                for (id, service) in within(schema.services(), range) {
                    if target(service.file) {
                        run(&scopes.service, lint, id, out);
                        for &method in &service.methods {
                            run(&scopes.method, lint, method, out);
                        }
                    }
                }
            }
        }
    }
}

/// Directory of a file path; `"."` for the root.
pub(crate) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(directory, _)| directory)
}

fn run<T: Copy>(checks: &Registered<ElementCheck<T>>, lint: &Lint<'_>, id: T, out: &mut Findings) {
    for &(rule, check) in checks {
        out.enter(rule);
        check(lint, id, out);
    }
}

fn run_groups<'a>(
    checks: &Registered<FilesCheck>,
    lint: &Lint<'a>,
    out: &mut Findings,
    key: impl Fn(&'a File) -> &'a str,
) {
    if checks.is_empty() {
        return;
    }
    let mut groups: BTreeMap<&str, Vec<(FileId, &File)>> = BTreeMap::new();
    for (id, file) in lint.targets() {
        groups.entry(key(file)).or_default().push((id, file));
    }
    for (name, files) in groups {
        let group = FileGroup { name, files };
        for &(rule, check) in checks {
            out.enter(rule);
            check(lint, &group, out);
        }
    }
}
