//! On which lines do values and options stand?
//!
//! A list or message of two or more has one on each line; a single one stays on the line unless it is a list or message itself, or
//! breaks it.

use super::comments::Scope;
use super::ink::{Gap, Ink, Manner};
use super::token::Kind;
use super::tree::{At, Field, Options, Value};

impl Ink<'_> {
    pub(super) fn value(&mut self, value: &Value, gap: Gap) {
        match value {
            Value::Literal(at) if self.close_of(*at) != 0 => self.strings(*at),
            Value::Literal(at) => self.token(*at, gap),
            Value::Path(path) => self.path(path, gap),
            Value::Minus(minus, value) => {
                self.token(*minus, gap);
                let first = match &**value {
                    Value::Path(path) => path.first(),
                    Value::Literal(at) => Some(*at),
                    _ => None,
                };
                let has_comment = self.around_first(first).is_some_and(|it| self.has_comment(&it.before));
                self.value(value, if has_comment { Gap::Space } else { Gap::Nothing });
            }
            Value::Range(start, to, end) => {
                self.value(start, gap);
                self.token(*to, Gap::Space);
                self.value(end, Gap::Space);
            }
            Value::List { open, items, commas } => self.list(*open, items, commas, gap),
            Value::Message { open, fields } => self.message(*open, fields, gap),
        }
    }

    /// Strings that make one literal, each on its own line.
    fn strings(&mut self, first: At) {
        let last = self.close_of(first);
        let was_on_one_line = {
            let (start, end) = (self.tokens[first as usize].start, self.tokens[last as usize].start);
            !self.text[start as usize..end as usize].contains('\n')
        };
        let outer = self.manner;
        let manner = Manner { goes_on: false, block_below: was_on_one_line, block_beside: false, ..outer };
        let write = |ink: &mut Self| {
            let comments = ink.comments;
            let scope = comments.scope(first);
            ink.in_manner(manner, |ink| {
                ink.token(first, Gap::Line);
                let middle: Vec<At> = ink.inside(first).collect();
                for (index, &at) in middle.iter().enumerate() {
                    ink.slot(scope, index);
                    ink.token(at, Gap::Line);
                }
                ink.slots_from(scope, middle.len());
                ink.wait(&comments.around(last).before);
                ink.flush(Gap::Line);
                ink.page.text(ink.text_of(last));
            });
            ink.after(&comments.around(last).after);
        };
        if outer.indents_strings { self.indented(write) } else { write(self) }
    }

    /// A closing bracket whose comments belong to what is around.
    fn value_close(&mut self, close: At, text: &'static str, gap: Gap, goes_on: bool, has_written: bool) {
        let block_below = self.manner.block_below && !goes_on;
        self.in_manner(Manner { goes_on, block_below, ..self.manner }, |ink| match gap {
            Gap::Line => ink.close(close, text, has_written),
            gap => ink.token_as(close, gap, text),
        });
    }

    fn list(&mut self, open: At, items: &[Value], commas: &[At], gap: Gap) {
        let goes_on = self.manner.goes_on;
        let manner = Manner { goes_on: false, indents_strings: false, ..self.manner };
        self.in_manner(manner, |ink| {
            let close = ink.close_of(open);
            let comments = ink.comments;
            let scope = comments.scope(open);
            let has_comment = ink.scope_has_comment(scope) || ink.has_comment_inside(open);
            if items.is_empty() && !has_comment {
                ink.token(open, gap);
                ink.value_close(close, "]", Gap::Nothing, goes_on, false);
                return;
            }
            if !has_comment && items.len() < 2 && !items.iter().any(Value::is_bracketed) {
                ink.token(open, gap);
                ink.on_one_line(scope, items.len(), |ink, index| ink.value(&items[index], Gap::Nothing));
                ink.value_close(close, "]", Gap::Nothing, goes_on, false);
                return;
            }
            let before = &comments.around(close).before;
            let has_comment_before = ink.has_comment(before);
            let manner = Manner { block_below: true, block_beside: true, ..ink.manner };
            ink.in_manner(manner, |ink| {
                ink.token(open, gap);
                ink.indented(|ink| {
                    for (index, item) in items.iter().enumerate() {
                        let gap = ink.next_element(scope, commas, index);
                        let manner = Manner { path_is_value: true, ..ink.manner };
                        ink.in_manner(manner, |ink| ink.value(item, gap));
                    }
                    ink.slot(scope, items.len());
                    if has_comment_before {
                        ink.comments_before_close(before, scope.blank_at_end);
                    }
                });
                ink.value_close(close, "]", Gap::Line, goes_on, has_comment_before);
            });
        });
    }

    /// At most one element between brackets that stay on its line if it does.
    fn on_one_line(&mut self, scope: &Scope, count: usize, write: impl Fn(&mut Self, usize)) {
        self.grouped(|ink| {
            ink.indented(|ink| {
                ink.page.break_if_broken();
                for index in 0..count {
                    ink.slot(scope, index);
                    write(ink, index);
                }
                ink.slot(scope, count);
            });
            ink.page.break_if_broken();
        });
    }

    /// The comma before an element and what is set apart; the white space that the element wants.
    fn next_element(&mut self, scope: &Scope, commas: &[At], index: usize) -> Gap {
        if let Some(&comma) = index.checked_sub(1).and_then(|it| commas.get(it)) {
            self.in_manner(Manner { block_below: false, ..self.manner }, |ink| ink.token(comma, Gap::Tight));
        }
        self.slot(scope, index);
        if index > 0 && scope.has_blank_before(index) { Gap::EmptyLine } else { Gap::Line }
    }

    fn message(&mut self, open: At, fields: &[Field], gap: Gap) {
        let goes_on = self.manner.goes_on;
        let manner = Manner { goes_on: false, indents_strings: false, ..self.manner };
        self.in_manner(manner, |ink| {
            let close = ink.close_of(open);
            let comments = ink.comments;
            let scope = comments.scope(open);
            let has_comment = ink.scope_has_comment(scope) || ink.has_comment_inside(open);
            if fields.is_empty() && !has_comment {
                ink.token_as(open, gap, "{");
                ink.value_close(close, "}", Gap::Nothing, goes_on, false);
                return;
            }
            if !has_comment && fields.len() < 2 && !fields.iter().any(|it| it.value.is_bracketed()) {
                ink.token_as(open, gap, "{");
                ink.on_one_line(scope, fields.len(), |ink, index| {
                    ink.field(&fields[index], Gap::Nothing);
                    fields[index].separator.into_iter().for_each(|it| ink.comments_of(it));
                });
                ink.value_close(close, "}", Gap::Nothing, goes_on, false);
                return;
            }
            let before = &comments.around(close).before;
            let has_comment_before = ink.has_comment(before);
            let manner = Manner { block_below: true, block_beside: false, ..ink.manner };
            ink.in_manner(manner, |ink| {
                let opening = comments.around(open);
                let after_open = ink.has_comment(&opening.after);
                if after_open {
                    ink.wait(&opening.before);
                    ink.flush(gap);
                    ink.page.text("{");
                } else {
                    ink.token_as(open, gap, "{");
                }
                ink.indented(|ink| {
                    if after_open {
                        ink.wait(&opening.after);
                        ink.flush(Gap::Line);
                    }
                    ink.fields(scope, fields);
                    if has_comment_before {
                        ink.comments_before_close(before, scope.blank_at_end);
                    }
                });
                ink.value_close(close, "}", Gap::Line, goes_on, has_comment_before);
            });
        });
    }

    fn fields(&mut self, scope: &Scope, fields: &[Field]) {
        let mut end_of_last = None;
        // Slots are counted by separators, which may be left out.
        let mut slot = 0;
        let mut is_new_slot = true;
        for field in fields {
            if is_new_slot {
                self.slot(scope, slot);
            }
            let start = field.key.first().unwrap_or(0);
            let blank = slot > 0 && is_new_slot && scope.has_blank_before(slot)
                || end_of_last.is_some_and(|it| self.has_empty_line(it, start));
            let goes_on = self.manner.goes_on || field.value.is_bracketed();
            self.in_manner(Manner { goes_on, ..self.manner }, |ink| {
                ink.field(field, if blank { Gap::EmptyLine } else { Gap::Line });
                field.separator.into_iter().for_each(|it| ink.comments_of(it));
            });
            end_of_last = field.value.last(self);
            is_new_slot = field.separator.is_some();
            slot += usize::from(is_new_slot);
        }
        self.slots_from(scope, slot + usize::from(!is_new_slot));
    }

    /// Whether a line is left empty between two tokens.
    fn has_empty_line(&self, after: At, before: At) -> bool {
        let start = self.tokens[after as usize].end as usize;
        let end = self.tokens[before as usize].start as usize;
        let mut after_newline = false;
        for byte in self.text[start..end.max(start)].bytes() {
            match byte {
                b'\n' if after_newline => return true,
                b'\n' => after_newline = true,
                b' ' | b'\t' => {}
                _ => after_newline = false,
            }
        }
        false
    }

    fn field(&mut self, field: &Field, gap: Gap) {
        self.value(&field.key, gap);
        match field.colon {
            Some(colon) => {
                let beside = self.ends_in_block_comment(colon)
                    || field
                        .key
                        .last(self)
                        .is_some_and(|it| self.has_comment(&self.comments.around(it).after));
                self.token(colon, if beside { Gap::Space } else { Gap::Tight });
            }
            None => self.page.text(":"),
        }
        let manner = Manner { indents_strings: true, path_is_value: true, ..self.manner };
        self.in_manner(manner, |ink| ink.value(&field.value, Gap::Space));
    }

    /// Whether a block comment is right before a token, on its line.
    fn ends_in_block_comment(&self, at: At) -> bool {
        let before = self.comments.around(at).before.clone();
        let mut kinds = before.rev().map(|it| self.tokens[it as usize].kind).filter(|&it| it != Kind::Space);
        kinds.next() == Some(Kind::BlockComment)
    }

    /// Options in brackets after a field and the like.
    pub(super) fn options(&mut self, options: &Options) {
        let (open, close) = (options.open, self.close_of(options.open));
        let comments = self.comments;
        let scope = comments.scope(open);
        let first = options.entries.first().and_then(|it| it.path.first());
        let is_broken = options.entries.len() != 1
            || self.has_comment(&comments.around(open).after)
            || self.scope_has_comment(scope)
            || self.has_unmovable_comment(open)
            || self.around_first(first).is_some_and(|it| self.has_comment(&it.before));
        if !is_broken {
            self.in_manner(Manner { goes_on: true, ..self.manner }, |ink| {
                ink.token(open, Gap::Space);
                for (index, entry) in options.entries.iter().enumerate() {
                    ink.slot(scope, index);
                    ink.path(&entry.path, Gap::Nothing);
                    ink.token(entry.equals, Gap::Space);
                    let manner = Manner { indents_strings: true, ..ink.manner };
                    ink.in_manner(manner, |ink| ink.value(&entry.value, Gap::Space));
                }
                ink.slot(scope, options.entries.len());
                ink.flush(Gap::Nothing);
                ink.token(close, Gap::Nothing);
            });
            return;
        }
        let before = &comments.around(close).before;
        let has_comment_before = self.has_comment(before);
        let manner = Manner { block_below: true, block_beside: false, ..self.manner };
        self.in_manner(manner, |ink| {
            ink.token(open, Gap::Space);
            ink.indented(|ink| {
                for (index, entry) in options.entries.iter().enumerate() {
                    let gap = ink.next_element(scope, &options.commas, index);
                    ink.path(&entry.path, gap);
                    ink.token(entry.equals, Gap::Space);
                    let manner = Manner { indents_strings: true, path_is_value: true, ..ink.manner };
                    ink.in_manner(manner, |ink| ink.value(&entry.value, Gap::Space));
                }
                ink.slot(scope, options.entries.len());
                if has_comment_before {
                    ink.comments_before_close(before, scope.blank_at_end);
                }
            });
            ink.flush(Gap::Nothing);
            ink.close(close, "]", has_comment_before);
        });
    }

    /// Whether a comment before a token directly inside cannot stay on the line: `//`, or on a line of its own.
    fn has_unmovable_comment(&self, open: At) -> bool {
        self.inside(open).any(|at| {
            let mut after_newline = false;
            self.comments.around(at).before.clone().any(|it| match self.tokens[it as usize].kind {
                Kind::LineComment => true,
                Kind::BlockComment => after_newline,
                kind => {
                    after_newline |= kind == Kind::Newline;
                    false
                }
            })
        })
    }
}

impl Value {
    /// Its first token.
    fn first(&self) -> Option<At> {
        match self {
            Self::Path(path) => path.first(),
            Self::Literal(at) | Self::Minus(at, _) => Some(*at),
            Self::List { open, .. } | Self::Message { open, .. } => Some(*open),
            Self::Range(start, ..) => start.first(),
        }
    }

    /// Its last token.
    fn last(&self, ink: &Ink<'_>) -> Option<At> {
        match self {
            Self::Path(path) => path.last().map(|it| it.max(ink.close_of(it))),
            Self::Literal(at) => Some((*at).max(ink.close_of(*at))),
            Self::Minus(_, value) | Self::Range(_, _, value) => value.last(ink),
            Self::List { open, .. } | Self::Message { open, .. } => Some(ink.close_of(*open)),
        }
    }
}
