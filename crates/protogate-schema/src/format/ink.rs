//! How is one token put on the page, with the comments around it?
//!
//! Comments before tokens are collected (`waiting`) and written with the next token, because only then it is known what white space
//! goes between them.

use super::block;
use super::comments::{Comments, Run, Scope, has_comment};
use super::page::Page;
use super::token::{Kind, Token};
use super::tree::At;

/// What is wanted before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Nothing,
    Space,
    Line,
    /// A space where the group is on one line, else a line break.
    Soft,
    EmptyLine,
    /// Nothing; but comments get a space before them (`;` and `,`).
    Tight,
    /// Nothing; but comments keep the spaces that are around them.
    Keep,
    /// The same after an opening bracket.
    KeepAfterBracket,
}

/// How comments are treated in some place. All default to no.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// More follows on the same line: `// …` has to become `/* … */`.
    pub(super) goes_on: bool,
    /// Strings that follow each other are indented, being on lines of their own.
    pub(super) indents_strings: bool,
    /// A block comment after a value has its own line.
    pub(super) block_below: bool,
    /// A block comment before an element stays on the element's line.
    pub(super) block_beside: bool,
    /// The next path is a value, not a name.
    pub(super) path_is_value: bool,
}

/// The page with the tokens that go on it.
pub(super) struct Ink<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    pub(super) comments: &'a Comments,
    pub(super) page: Page<'a>,
    pub(super) manner: Manner,
    waiting: Vec<At>,
}

impl<'a> Ink<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], comments: &'a Comments) -> Self {
        Self { text, tokens, comments, page: Page::default(), manner: Manner::default(), waiting: Vec::new() }
    }

    pub(super) fn text_of(&self, at: At) -> &'a str {
        let token = &self.tokens[at as usize];
        &self.text[token.start as usize..token.end as usize]
    }

    pub(super) fn close_of(&self, open: At) -> At {
        self.tokens[open as usize].close
    }

    pub(super) fn has_comment(&self, run: &Run) -> bool {
        has_comment(self.tokens, run)
    }

    /// Whether a comment stands in some slot.
    pub(super) fn scope_has_comment(&self, scope: &Scope) -> bool {
        scope.slots.iter().any(|it| self.has_comment(it))
    }

    /// Does something in another manner.
    pub(super) fn in_manner(&mut self, manner: Manner, write: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.manner, manner);
        write(self);
        self.manner = before;
    }

    pub(super) fn indented(&mut self, write: impl FnOnce(&mut Self)) {
        self.page.indent();
        write(self);
        self.page.dedent();
    }

    pub(super) fn grouped(&mut self, write: impl FnOnce(&mut Self)) {
        self.page.group();
        write(self);
        self.page.end_group();
    }

    /// A token with the comments around it.
    pub(super) fn token(&mut self, at: At, gap: Gap) {
        self.token_as(at, gap, self.text_of(at));
    }

    /// The same in other words: `{` for `<`.
    pub(super) fn token_as(&mut self, at: At, gap: Gap, text: &'a str) {
        let around = self.comments.around(at);
        self.wait(&around.before);
        self.flush(gap);
        self.page.text(text);
        self.after(&around.after);
    }

    /// The comments of a separator that is not written itself, treated like those after the value: the next time they are.
    pub(super) fn comments_of(&mut self, separator: At) {
        let around = self.comments.around(separator);
        let manner = Manner { block_below: self.manner.block_below && !self.manner.goes_on, ..self.manner };
        self.in_manner(manner, |ink| {
            ink.after(&around.before);
            ink.after(&around.after);
        });
    }

    /// Collects what stands before the next token.
    pub(super) fn wait(&mut self, run: &Run) {
        self.waiting.extend(run.clone());
    }

    /// Collects what stands in a slot.
    pub(super) fn slot(&mut self, scope: &Scope, index: usize) {
        if let Some(run) = scope.slots.get(index) {
            self.wait(run);
        }
    }

    /// Collects what stands in the slots from one on.
    pub(super) fn slots_from(&mut self, scope: &Scope, first: usize) {
        for index in first..scope.slots.len() {
            self.slot(scope, index);
        }
    }

    pub(super) fn has_waiting_comment(&self) -> bool {
        self.waiting.iter().any(|&it| self.tokens[it as usize].kind.is_comment())
    }

    /// White space.
    pub(super) fn gap(&mut self, gap: Gap) {
        match gap {
            Gap::Space => self.page.space(),
            Gap::Line => self.page.line_breaks(1),
            Gap::EmptyLine => self.page.line_breaks(2),
            Gap::Soft => {
                self.page.space_if_flat();
                self.page.break_if_broken();
            }
            Gap::Nothing | Gap::Tight | Gap::Keep | Gap::KeepAfterBracket => {}
        }
    }

    /// Writes the collected comments, and the white space before the next token.
    pub(super) fn flush(&mut self, gap: Gap) {
        let Some((last, newlines, next_gap, starts_on_own_line)) = self.flush_comments(gap) else {
            self.gap(gap);
            return;
        };
        if gap == Gap::Tight {
            return;
        }
        let is_block = last == Kind::BlockComment;
        if gap == Gap::Line && is_block && newlines == 0 && starts_on_own_line && self.manner.block_beside {
            self.gap(Gap::Space);
            return;
        }
        self.gap(between(next_gap, last, newlines));
    }

    /// Writes the collected comments. If there are any: what the last is, the line breaks after it, the white space that is wanted
    /// after it, and whether a line break stood before the first.
    pub(super) fn flush_comments(&mut self, gap: Gap) -> Option<(Kind, usize, Gap, bool)> {
        let keeps = matches!(gap, Gap::Keep | Gap::KeepAfterBracket);
        let first_gap = if gap == Gap::Tight { Gap::Space } else { gap };
        let next_gap = match gap {
            Gap::Space => Gap::Space,
            Gap::Keep | Gap::KeepAfterBracket | Gap::Tight => Gap::Nothing,
            _ => Gap::Soft,
        };
        let kept = |gap: Gap, had_space: bool| if keeps && had_space { Gap::Space } else { gap };
        let waiting = std::mem::take(&mut self.waiting);
        let (mut newlines, mut had_space) = (0, false);
        let mut last: Option<Kind> = None;
        let mut starts_on_own_line = false;
        for &at in &waiting {
            let kind = self.tokens[at as usize].kind;
            match kind {
                Kind::Newline => {
                    newlines += 1;
                    starts_on_own_line |= last.is_none();
                }
                Kind::Space => had_space = true,
                _ => {
                    match last {
                        None if gap == Gap::KeepAfterBracket => {}
                        None => self.gap(kept(first_gap, had_space)),
                        Some(_) if gap == Gap::Tight => {
                            self.gap(if newlines > 0 { Gap::Space } else { Gap::Nothing });
                        }
                        Some(last) => self.gap(between(kept(next_gap, had_space), last, newlines)),
                    }
                    (newlines, had_space) = (0, false);
                    if gap == Gap::Tight && kind == Kind::LineComment {
                        self.line_as_block(at);
                        last = Some(Kind::BlockComment);
                    } else {
                        self.comment(at);
                        last = Some(kind);
                    }
                }
            }
        }
        last.map(|last| (last, newlines, kept(next_gap, had_space), starts_on_own_line))
    }

    /// The comments after a token, on its line.
    pub(super) fn after(&mut self, run: &Run) {
        for at in run.clone() {
            let kind = self.tokens[at as usize].kind;
            if !kind.is_comment() {
                continue;
            }
            if kind == Kind::BlockComment && self.manner.block_below {
                self.page.line_breaks(1);
            } else {
                self.page.space();
            }
            if kind == Kind::LineComment && self.manner.goes_on {
                self.line_as_block(at);
            } else {
                self.comment(at);
            }
        }
    }

    /// `// …` as `/* … */`, because more follows on its line.
    fn line_as_block(&mut self, at: At) {
        let text = self.text_of(at).trim_end_matches([' ', '\t']);
        let body = text.strip_prefix("//").unwrap_or(text);
        self.page.text(format!("/*{} */", body.replace("*/", "* /")));
    }

    /// A comment, without white space at its ends.
    pub(super) fn comment(&mut self, at: At) {
        let text = self.text_of(at).trim_end_matches([' ', '\t']);
        if text.starts_with("/*") {
            block::write(text, &mut self.page);
        } else {
            self.page.rest_of_line(text);
        }
    }

    /// The comments before a closing bracket, as lines of what it closes.
    pub(super) fn comments_before_close(&mut self, before: &Run, blank: bool) {
        for at in std::mem::take(&mut self.waiting) {
            if self.tokens[at as usize].kind.is_comment() {
                self.gap(Gap::Line);
                self.comment(at);
            }
        }
        let mut gap = if blank { Gap::EmptyLine } else { Gap::Line };
        let mut newlines = 0;
        for at in before.clone() {
            match self.tokens[at as usize].kind {
                Kind::Newline => newlines += 1,
                kind if kind.is_comment() => {
                    self.gap(if newlines > 1 { Gap::EmptyLine } else { gap });
                    self.comment(at);
                    (newlines, gap) = (0, Gap::Line);
                }
                _ => {}
            }
        }
    }

    /// A closing bracket on a line of its own. `has_written`: the comments before it are on the page.
    pub(super) fn close(&mut self, close: At, text: &'a str, has_written: bool) {
        if has_written {
            self.gap(Gap::Line);
            self.page.text(text);
            let after = &self.comments.around(close).after;
            self.after(after);
        } else {
            self.token_as(close, Gap::Line, text);
        }
    }

    /// The tokens directly inside a pair of brackets.
    pub(super) fn inside(&self, open: At) -> impl Iterator<Item = At> + use<'a> {
        let tokens = self.tokens;
        let close = self.close_of(open);
        let first = open + 1;
        std::iter::successors(Some(first), move |&at| Some(tokens[at as usize].close.max(at) + 1))
            .take_while(move |&at| at < close)
            .filter(move |&at| !tokens[at as usize].kind.is_gap())
    }

    /// Whether a comment belongs to a bracket's inner side or to a token directly inside.
    pub(super) fn has_comment_inside(&self, open: At) -> bool {
        self.has_comment(&self.comments.around(open).after)
            || self.has_comment(&self.comments.around(self.close_of(open)).before)
            || self.inside(open).any(|it| {
                let around = self.comments.around(it);
                self.has_comment(&around.before) || self.has_comment(&around.after)
            })
    }
}

/// The white space after a comment.
fn between(gap: Gap, comment: Kind, newlines: usize) -> Gap {
    if newlines >= 2 {
        Gap::EmptyLine
    } else if comment == Kind::LineComment {
        Gap::Line
    } else {
        gap
    }
}
