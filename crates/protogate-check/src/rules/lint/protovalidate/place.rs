//! Where a rule of `buf.validate` is written, also inside of `{ … }`.
//!
//! Compilers record the place of an option, not of what stands in its braces. There, the source text is read, if it is at hand.

use protogate_schema::Schema;
use protogate_schema::model::element::Element;
use protogate_schema::model::span::Span;

use crate::position::At;

/// One step of a path: a field's number and name, and which entry of a list is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) number: i32,
    pub(super) name: &'static str,
    pub(super) index: Option<i32>,
}

/// A step that is no list.
pub(super) fn step(number: i32, name: &'static str) -> Step {
    Step { number, name, index: None }
}

/// Place of a path below an option; `option` is the number of the options message and of the extension.
pub(super) fn at(schema: &Schema, element: Element, option: [i32; 2], steps: &[Step]) -> At {
    let file = schema.file_of(element);
    let mut path: Vec<i32> = option.to_vec();
    let mut ends = vec![path.len()];
    for step in steps {
        path.push(step.number);
        path.extend(step.index);
        ends.push(path.len());
    }
    let full = [schema.path_of(element), path.clone()].concat();
    let outer = full.len() - path.len();
    for (done, &end) in ends.iter().enumerate().rev() {
        let Some(span) = schema.span_at(file, &full[..outer + end]) else { continue };
        let mut at = At::within_option(schema, element, &path[..end]);
        at.span = Some(span);
        if done < steps.len() {
            let source = at.path.as_deref().and_then(|path| schema.source(path));
            match source.and_then(|source| inside(source, span, &steps[done..])) {
                Some(found) => at.span = Some(found),
                None => break,
            }
        }
        return at;
    }
    At::within_option(schema, element, &path)
}

/// Place of a path inside of the braces of the option that begins at a span.
fn inside(source: &str, span: Span, steps: &[Step]) -> Option<Span> {
    let start = begin(source, span)?;
    let mut literal = Literal { text: &source[start..], at: 0 };
    literal.at = literal.find_brace()?;
    let (from, to) = literal.find(steps)?;
    let (start_line, start_column) = position(source, start + from);
    let (end_line, end_column) = position(source, start + to);
    Some(Span { start_line, start_column, end_line, end_column })
}

/// Where an option begins. Columns count characters, or bytes, depending on who compiled the file.
fn begin(source: &str, span: Span) -> Option<usize> {
    let mut start = 0;
    for _ in 1..span.start_line {
        start += source[start..].find('\n')? + 1;
    }
    let line = &source[start..];
    let column = span.start_column as usize - 1;
    let by_characters = line.char_indices().nth(column).map(|(at, _)| at);
    let is_option =
        |at: &usize| line.get(*at..).is_some_and(|it| it.starts_with('(') || it.starts_with("option"));
    by_characters.into_iter().chain([column]).find(is_option).map(|at| start + at)
}

fn position(source: &str, offset: usize) -> (u32, u32) {
    let before = &source[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before[before.rfind('\n').map_or(0, |it| it + 1)..].chars().count() + 1;
    (line as u32, column as u32)
}

/// A message in text format, as options have it. What is not understood ends the search.
struct Literal<'a> {
    text: &'a str,
    at: usize,
}

impl Literal<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The first `{` that is not part of the option's name.
    fn find_brace(&self) -> Option<usize> {
        let equals = self.text.find('=')?;
        Some(equals + self.text[equals..].find('{')? + 1)
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            if blanks > 0 {
                self.at += blanks;
            } else if rest.starts_with("//") || rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/").map_or(rest.len(), |it| it + 2);
            } else {
                return;
            }
        }
    }

    /// The field at the first step, from its name to the end of its value, then what is inside of it.
    fn find(&mut self, steps: &[Step]) -> Option<(usize, usize)> {
        let (first, more) = steps.split_first()?;
        let mut seen = 0;
        loop {
            let (name, start, value) = self.field()?;
            let end = self.at;
            if name == first.name {
                let wanted = first.index.is_none_or(|index| index == seen);
                seen += 1;
                let mut inner = self.text[value..]
                    .starts_with(['{', '<'])
                    .then(|| Literal { text: self.text, at: value + 1 });
                if wanted && more.is_empty() {
                    // As the reference checker has it, a message that is no entry of a list is marked at its first field.
                    let first_field = inner.as_mut().filter(|_| first.index.is_none()).and_then(Self::first);
                    return Some(first_field.unwrap_or((start, end)));
                }
                if let Some(found) = inner.filter(|_| wanted).and_then(|mut inner| inner.find(more)) {
                    return Some(found);
                }
            }
            self.blanks();
            if matches!(self.peek(), Some(',' | ';')) {
                self.at += 1;
            }
        }
    }

    /// The first field, or what is first in it.
    fn first(&mut self) -> Option<(usize, usize)> {
        let (_, start, value) = self.field()?;
        let inner = self.text[value..].starts_with(['{', '<']);
        let inner = inner.then(|| Literal { text: self.text, at: value + 1 }).and_then(|mut it| it.first());
        Some(inner.unwrap_or((start, self.at)))
    }

    /// Passes a field: its name, where that begins, and where its value does.
    fn field(&mut self) -> Option<(String, usize, usize)> {
        self.blanks();
        let start = self.at;
        let name = self.name()?;
        self.blanks();
        if self.peek() == Some(':') {
            self.at += 1;
            self.blanks();
        }
        let value = self.at;
        self.value()?;
        Some((name, start, value))
    }

    /// The name of a field; `None` at the end.
    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = if rest.starts_with('[') {
            rest.find(']')? + 1
        } else {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
        };
        let name = rest[..length].to_owned();
        self.at += length;
        (length > 0).then_some(name)
    }

    /// Skips a value: texts next to each other, a word or a number, or anything in brackets.
    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            '{' | '<' | '[' => {
                let mut depth = 0_usize;
                loop {
                    self.blanks();
                    match self.peek()? {
                        '{' | '<' | '[' => {
                            depth += 1;
                            self.at += 1;
                        }
                        '}' | '>' | ']' => {
                            depth -= 1;
                            self.at += 1;
                            if depth == 0 {
                                return Some(());
                            }
                        }
                        '"' | '\'' => self.text_literal()?,
                        other => self.at += other.len_utf8(),
                    }
                }
            }
            '"' | '\'' => loop {
                self.text_literal()?;
                let end = self.at;
                self.blanks();
                if !matches!(self.peek(), Some('"' | '\'')) {
                    self.at = end;
                    return Some(());
                }
            },
            _ => {
                let ends = |c: char| c.is_whitespace() || ",;}>]/#".contains(c);
                let sign = usize::from(self.rest().starts_with('-'));
                self.at += sign;
                if sign > 0 {
                    self.blanks();
                }
                let length = self.rest().find(ends)?;
                self.at += length;
                (length > 0).then_some(())
            }
        }
    }

    fn text_literal(&mut self) -> Option<()> {
        let quote = self.peek()?;
        self.at += 1;
        loop {
            let next = self.peek()?;
            self.at += next.len_utf8();
            if next == '\\' {
                self.at += self.peek()?.len_utf8();
            } else if next == quote {
                return Some(());
            }
        }
    }
}
