//! In which order and on which lines do the statements of a file stand?

use super::comments::{Around, Scope};
use super::ink::{Gap, Ink, Manner};
use super::tree::{At, Body, Part, Path, PathPart, Section, Statement, Type, Types};

/// Writes a file.
pub(super) fn file(ink: &mut Ink<'_>, statements: &[Statement]) {
    // Sorting is stable: what is in no order keeps that of the source.
    let mut order: Vec<usize> = (0..statements.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&statements[a], &statements[b]);
        (a.section, &a.key).cmp(&(b.section, &b.key))
    });
    let comments = ink.comments;
    let scope = &comments.file;
    ink.statements(scope, statements, &order, true);
    let has_comment = ink.has_waiting_comment();
    ink.flush(match (has_comment, statements.is_empty()) {
        (true, _) if scope.blank_at_end => Gap::EmptyLine,
        (false, true) => Gap::Nothing,
        _ => Gap::Line,
    });
}

impl Ink<'_> {
    fn statements(&mut self, scope: &Scope, statements: &[Statement], order: &[usize], is_file: bool) {
        // What is set apart stays at its place, before whichever statement is there now.
        let mut next_slot = 0;
        let mut previous: Option<&Statement> = None;
        for &index in order {
            let statement = &statements[index];
            while next_slot <= index {
                self.slot(scope, next_slot);
                next_slot += 1;
            }
            let gap = match previous {
                None if is_file => Gap::Nothing,
                None => Gap::Line,
                Some(previous) if is_file => file_gap(previous.section, statement.section, scope, index),
                Some(_) if scope.has_blank_before(index) => Gap::EmptyLine,
                Some(_) => Gap::Line,
            };
            self.statement(statement, gap);
            previous = Some(statement);
        }
        self.slots_from(scope, next_slot);
    }

    fn statement(&mut self, statement: &Statement, gap: Gap) {
        for (index, part) in statement.parts.iter().enumerate() {
            self.part(part, if index == 0 { gap } else { Gap::Space });
        }
    }

    fn part(&mut self, part: &Part, gap: Gap) {
        match part {
            Part::Word(at) => self.token(*at, gap),
            Part::Path(path) => self.path(path, gap),
            Part::Type(it) => self.r#type(it, gap),
            Part::Value(value) => self.value(value, gap),
            Part::OptionValue(value) => {
                let manner = Manner { goes_on: true, indents_strings: true, ..self.manner };
                self.in_manner(manner, |ink| ink.value(value, gap));
            }
            Part::Options(options) => self.options(options),
            Part::Inputs(types) => self.signature(types, Gap::Keep),
            Part::Outputs(types) => self.signature(types, Gap::Space),
            Part::Body(body) => self.body(body),
            Part::Stop(at) => self.token(*at, Gap::Tight),
            Part::Nothing(at) => {
                let comments = self.comments;
                self.wait(&comments.around(*at).before);
                self.wait(&comments.around(*at).after);
                if self.flush_comments(gap).is_none() {
                    self.gap(gap);
                }
            }
        }
    }

    fn body(&mut self, body: &Body) {
        // Every statement has its own line, so no comment is in the way.
        self.in_manner(Manner { goes_on: false, ..self.manner }, |ink| {
            let (open, close) = (body.open, ink.close_of(body.open));
            ink.token(open, Gap::Space);
            let comments = ink.comments;
            let scope = comments.scope(open);
            let before = &comments.around(close).before;
            let has_comment = ink.has_comment(before);
            let says_nothing = |it: &Statement| matches!(it.parts[..], [Part::Nothing(_)]);
            if body.statements.iter().all(says_nothing)
                && !ink.scope_has_comment(scope)
                && !ink.has_comment_inside(open)
            {
                ink.token(close, Gap::Nothing);
                return;
            }
            let order: Vec<usize> = (0..body.statements.len()).collect();
            ink.indented(|ink| {
                ink.statements(scope, &body.statements, &order, false);
                if has_comment || ink.has_waiting_comment() {
                    let none = before.end..before.end;
                    ink.comments_before_close(if has_comment { before } else { &none }, scope.blank_at_end);
                }
            });
            ink.close(close, ink.text_of(close), has_comment);
        });
    }

    fn signature(&mut self, types: &Types, gap: Gap) {
        self.grouped(|ink| {
            ink.token(types.open, gap);
            ink.indented(|ink| {
                ink.page.break_if_broken();
                ink.types(types, Gap::Soft);
            });
            ink.page.break_if_broken();
            ink.token(ink.close_of(types.open), Gap::Keep);
        });
    }

    fn types(&mut self, types: &Types, gap: Gap) {
        let comments = self.comments;
        let scope = comments.scope(types.open);
        for (index, it) in types.types.iter().enumerate() {
            self.slot(scope, index);
            if index > 0 {
                self.token(types.commas[index - 1], Gap::Tight);
            }
            self.r#type(it, if index > 0 { gap } else { Gap::Keep });
        }
        self.slots_from(scope, types.types.len());
    }

    fn r#type(&mut self, it: &Type, mut gap: Gap) {
        for &prefix in &it.prefixes {
            self.token(prefix, gap);
            gap = Gap::Space;
        }
        self.path(&it.path, gap);
        if let Some(arguments) = &it.arguments {
            self.token(arguments.open, Gap::Keep);
            self.types(arguments, Gap::Space);
            self.token(self.close_of(arguments.open), Gap::Keep);
        }
    }

    pub(super) fn path(&mut self, path: &Path, gap: Gap) {
        let manner = Manner {
            goes_on: true,
            block_below: self.manner.block_below && self.manner.path_is_value,
            path_is_value: false,
            ..self.manner
        };
        self.in_manner(manner, |ink| {
            for (index, part) in path.parts.iter().enumerate() {
                let gap = if index == 0 { gap } else { Gap::Keep };
                match part {
                    PathPart::Separator(at) | PathPart::Name(at) => ink.token(*at, gap),
                    PathPart::Extension { open, inner } => {
                        let comments = ink.comments;
                        let scope = comments.scope(*open);
                        ink.token(*open, gap);
                        ink.slot(scope, 0);
                        ink.path(inner, Gap::KeepAfterBracket);
                        ink.slot(scope, 1);
                        ink.token(ink.close_of(*open), Gap::Keep);
                    }
                }
            }
        });
    }

    /// What is around the first token of something.
    pub(super) fn around_first(&self, first: Option<At>) -> Option<&Around> {
        first.map(|it| self.comments.around(it))
    }
}

fn file_gap(previous: Section, section: Section, scope: &Scope, index: usize) -> Gap {
    let is_sorted = matches!(section, Section::Import | Section::Option);
    let blank = if previous == section || !is_sorted {
        let after_syntax =
            previous == Section::Syntax && section != Section::Package && section != Section::Syntax;
        after_syntax || !is_sorted && scope.has_blank_before(index)
    } else {
        true
    };
    if blank { Gap::EmptyLine } else { Gap::Line }
}
