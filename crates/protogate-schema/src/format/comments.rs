//! Which token does a comment belong to, and where were lines left empty?
//!
//! What stands between two tokens is cut into three runs: the rest of the line of the token before is that token's, what an empty
//! line sets apart from the token after it stays at its place in the file ("slot") when statements are sorted, and the rest goes
//! with the token after it. The rules are those that `buf format` follows; the oracle test says where they differ.

use std::collections::HashMap;
use std::ops::Range;

use super::token::{Kind, Token};
use super::tree::At;

/// Tokens that the grammar does not see, side by side.
pub(super) type Run = Range<At>;

/// What is around one token.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    pub(super) before: Run,
    pub(super) after: Run,
}

/// What is between the statements or elements of a pair of brackets, or of the file.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Before the first, between, and after the last.
    pub(super) slots: Vec<Run>,
    /// Before each: whether a line was left empty.
    pub(super) blanks: Vec<bool>,
    /// The same before the closing bracket.
    pub(super) blank_at_end: bool,
}

impl Scope {
    pub(super) fn has_blank_before(&self, index: usize) -> bool {
        self.blanks.get(index).is_some_and(|&it| it)
    }
}

/// The comments of a file.
#[derive(Debug)]
pub(super) struct Comments {
    around: Vec<Around>,
    scopes: HashMap<At, Scope, foldhash::fast::FixedState>,
    pub(super) file: Scope,
    none: Scope,
}

impl Comments {
    /// Assigns every comment of a file whose brackets are paired.
    pub(super) fn assign(tokens: &[Token]) -> Self {
        let mut walk =
            Walk { tokens, around: vec![Around::default(); tokens.len()], scopes: HashMap::default() };
        let file = walk.scope(None, 0, walk.index(tokens.len()), Level::Statements);
        Self { around: walk.around, scopes: walk.scopes, file, none: Scope::default() }
    }

    pub(super) fn around(&self, at: At) -> &Around {
        &self.around[at as usize]
    }

    /// What is between the elements of a pair of brackets.
    pub(super) fn scope(&self, open: At) -> &Scope {
        self.scopes.get(&open).unwrap_or(&self.none)
    }
}

/// What a scope consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Statements, which end with `;` or `}`.
    Statements,
    /// Elements of a value, which end with `,` too.
    Elements,
}

struct Walk<'a> {
    tokens: &'a [Token],
    around: Vec<Around>,
    scopes: HashMap<At, Scope, foldhash::fast::FixedState>,
}

impl Walk<'_> {
    fn index(&self, at: usize) -> At {
        At::try_from(at).unwrap_or(At::MAX)
    }

    fn kind(&self, at: At) -> Kind {
        self.tokens[at as usize].kind
    }

    fn has_comment(&self, run: &Run) -> bool {
        has_comment(self.tokens, run)
    }

    /// Where the first line of a run ends.
    fn line_end(&self, run: &Run) -> At {
        run.clone().find(|&it| self.kind(it) == Kind::Newline).unwrap_or(run.end)
    }

    /// Where the last empty line of a run is: before it is what is set apart. The start when there is none.
    fn apart(&self, run: &Run) -> At {
        let mut found = None;
        for at in run.clone().rev() {
            match self.kind(at) {
                Kind::Newline if found.is_some() => break,
                Kind::Newline => found = Some(at),
                Kind::Space => {}
                _ => found = None,
            }
        }
        found.unwrap_or(run.start)
    }

    fn scope(&mut self, open: Option<At>, start: At, end: At, level: Level) -> Scope {
        let mut scope = Scope::default();
        let mut run = start..start;
        let mut blank = false;
        let mut at = start;
        while at < end {
            if self.kind(at).is_gap() {
                at += 1;
                run.end = at;
                continue;
            }
            if let Some(open) = open
                && scope.slots.is_empty()
            {
                let line_end = self.line_end(&run);
                if line_end < run.end && self.has_comment(&(run.start..line_end)) {
                    self.around[open as usize].after = run.start..line_end;
                    run.start = line_end;
                }
            }
            let apart = self.apart(&run);
            let slot = run.start..apart;
            scope.blanks.push(blank || scope.blanks.is_empty() && self.has_comment(&slot));
            scope.slots.push(slot);
            self.around[at as usize] = Around { before: apart..run.end, after: 0..0 };
            blank = self.statement(&mut at, end, level);
            run = at..at;
        }
        if !blank && open.is_some() {
            let apart = self.apart(&run);
            blank = self.has_comment(&(run.start..apart)) && self.has_comment(&(apart..run.end));
        }
        scope.slots.push(run);
        scope.blank_at_end = blank;
        scope
    }

    /// Walks what a token opens.
    fn inside(&mut self, open: At, in_value: bool) -> At {
        let close = self.tokens[open as usize].close;
        let level = match self.kind(open) {
            Kind::Mark(b'[') => Level::Elements,
            Kind::Mark(b'{' | b'<') if in_value => Level::Elements,
            _ => Level::Statements,
        };
        let mut scope = self.scope(Some(open), open + 1, close, level);
        if let Some(last) = scope.slots.last_mut() {
            let apart = self.apart(last);
            self.around[close as usize] = Around { before: apart..last.end, after: 0..0 };
            last.end = apart;
        }
        self.scopes.insert(open, scope);
        close
    }

    /// Walks one statement or element from its first token to where the next begins; whether an empty line follows it.
    fn statement(&mut self, at: &mut At, end: At, level: Level) -> bool {
        let first = *at;
        let mut last = first;
        let mut in_value = false;
        let mut run = first..first;
        while *at < end {
            let token = *at;
            if self.kind(token).is_gap() {
                *at += 1;
                run.end = *at;
                continue;
            }
            if token != first {
                let line_end = self.line_end(&run);
                if line_end < run.end && self.has_comment(&(run.start..line_end)) {
                    self.around[last as usize].after = run.start..line_end;
                    run.start = line_end;
                }
                self.around[token as usize] = Around { before: run, after: 0..0 };
            }
            in_value |= self.kind(token) == Kind::Mark(b'=');
            last = token;
            if self.tokens[token as usize].close != 0 {
                last = self.inside(token, in_value || level == Level::Elements);
            }
            *at = last + 1;
            run = *at..*at;
            let is_end = match self.kind(token) {
                Kind::Mark(b';') => true,
                Kind::Mark(b'{') => {
                    level == Level::Statements && (!in_value || !self.semicolon_follows(*at, end))
                }
                Kind::Mark(b',') => level == Level::Elements,
                _ => false,
            };
            if is_end {
                break;
            }
        }
        self.rest_of_line(at, end, last, run)
    }

    fn semicolon_follows(&self, at: At, end: At) -> bool {
        (at..end).find(|&it| !self.kind(it).is_gap()).is_some_and(|it| self.kind(it) == Kind::Mark(b';'))
    }

    /// Gives the last token of a statement the rest of its line, and leaves what is set apart from the next to the scope.
    fn rest_of_line(&mut self, at: &mut At, end: At, last: At, left: Run) -> bool {
        let mut after = *at..*at;
        let mut is_end_of_scope = true;
        let mut has_newline = false;
        let mut blank = false;
        while *at < end {
            let kind = self.kind(*at);
            if has_newline && !matches!(kind, Kind::Newline | Kind::Space) {
                let line_end = self.line_end(&after);
                let apart = self.apart(&(line_end..after.end));
                blank = apart > line_end;
                *at = apart;
                after.end = apart;
                is_end_of_scope = false;
                break;
            }
            if !kind.is_gap() {
                is_end_of_scope = false;
                break;
            }
            has_newline |= kind == Kind::Newline;
            *at += 1;
            after.end = *at;
        }
        if is_end_of_scope {
            if !left.is_empty() && after.is_empty() {
                let line_end = self.line_end(&left);
                if self.has_comment(&(left.start..line_end)) {
                    after = left.start..line_end;
                }
                let rest = line_end..left.end;
                if self.has_comment(&rest) {
                    blank = self.apart(&rest) > rest.start;
                    *at = rest.start;
                }
            }
            let has_block = after.clone().any(|it| self.kind(it) == Kind::BlockComment);
            if !has_newline && has_block && matches!(self.kind(last), Kind::Mark(b';' | b',')) {
                *at = after.start;
                after.end = after.start;
            }
            if has_newline {
                let line_end = self.line_end(&after);
                *at = line_end;
                after.end = line_end;
            }
        }
        if !after.is_empty() {
            self.around[last as usize].after = after;
        }
        blank
    }
}

/// Whether a comment is in a run.
pub(super) fn has_comment(tokens: &[Token], run: &Run) -> bool {
    tokens[run.start as usize..run.end as usize].iter().any(|it| it.kind.is_comment())
}
