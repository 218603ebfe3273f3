//! Path templates such as `/v1/{name=shelves/*/books/*}:read`: the grammar, parsed and printed.
//!
//! The grammar is that of `google/api/http.proto`, with fixed segments allowed after `**` because published
//! APIs use them, and without nested variables. Literals are kept as decoded bytes, so `/a%2Ab` and a request
//! for `/a*b` mean the same. Whether the named fields exist is not asked here.

use std::fmt;
use std::ops::Range;

use crate::field_path::FieldPath;
use crate::percent;

/// The most segments that a template may have. It bounds the depth of the matcher.
pub const MAX_SEGMENTS: usize = 128;

/// One segment, with variables replaced by what they stand for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Exactly these bytes, compared after percent-decoding; never empty.
    Literal(Vec<u8>),
    /// `*`: one non-empty segment.
    Wildcard,
    /// `**`: zero or more segments; at most one in a template.
    DoubleWildcard,
}

/// A variable of a template: the segments that it covers and the field that they are written to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variable {
    /// The field, in proto names.
    pub field_path: FieldPath,
    /// Whether the capture may contain slashes: anything but exactly one segment that is not `**`. In such a
    /// capture `%2F` stays as sent.
    pub multi: bool,
    /// The covered segments, as indices into [`Template::segments`]; never empty.
    pub segments: Range<usize>,
}

/// A parsed path template. Equality is that of meaning: `/{x=*}` equals `/{x}`, `/%61` equals `/a`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Template {
    segments: Vec<Segment>,
    variables: Vec<Variable>,
    verb: Option<Vec<u8>>,
}

/// What a template looks like to a request: segments and verb, without the names of variables. Two routes
/// with one HTTP method and equal shapes conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape {
    segments: Vec<Segment>,
    verb: Option<Vec<u8>>,
}

/// Why a text is no template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    offset: usize,
    kind: TemplateErrorKind,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateErrorKind {
    /// The text does not start with `/`.
    NoLeadingSlash,
    /// Two slashes in a row, a slash at the end, or a verb without a segment.
    EmptySegment,
    /// A character that no literal may contain.
    BadCharacter(char),
    /// A wildcard or variable beside other text in one segment.
    PartialSegment,
    /// `%` without two hexadecimal digits.
    MalformedEscape,
    /// A colon that does not introduce the final verb.
    MisplacedColon,
    /// A colon with nothing after it.
    EmptyVerb,
    /// A variable inside a variable.
    NestedVariable,
    /// `{` without `}`.
    UnclosedVariable,
    /// The name of a variable is no field path; with the reason.
    BadFieldPath(String),
    /// A second `**`.
    SecondDoubleWildcard,
    /// More than [`MAX_SEGMENTS`] segments.
    TooManySegments,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// The first problem from the left, with its byte offset in `text`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parser = Parser { text, at: 0, segments: Vec::new(), variables: Vec::new(), double: false };
        let verb = parser.template()?;
        Ok(Self { segments: parser.segments, variables: parser.variables, verb })
    }

    /// The variables, in the order of the text.
    #[must_use]
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The segments, variables replaced by theirs; empty for `/`.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The verb after the final colon, percent-decoded.
    #[must_use]
    pub fn verb(&self) -> Option<&[u8]> {
        self.verb.as_deref()
    }

    /// Segments and verb without the variables.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape { segments: self.segments.clone(), verb: self.verb.clone() }
    }

    /// The first field path that a second variable repeats. The grammar allows it; a binding does not.
    #[must_use]
    pub fn repeated_field_path(&self) -> Option<&FieldPath> {
        let repeated = self.variables.iter().enumerate().find(|(index, variable)| {
            self.variables[..*index].iter().any(|earlier| earlier.field_path == variable.field_path)
        });
        repeated.map(|(_, variable)| &variable.field_path)
    }
}

/// Whether a byte may stand unescaped in a literal.
const fn is_literal(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&'
        | b'\'' | b'(' | b')' | b'+' | b',' | b';' | b'=' | b'@')
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    segments: Vec<Segment>,
    variables: Vec<Variable>,
    double: bool,
}

impl Parser<'_> {
    /// Template = "/" | "/" Segments [ ":" Literal ]; returns the verb.
    fn template(&mut self) -> Result<Option<Vec<u8>>, TemplateError> {
        if self.peek() != Some(b'/') {
            return Err(self.error(TemplateErrorKind::NoLeadingSlash));
        }
        self.at += 1;
        if self.peek().is_none() {
            return Ok(None);
        }
        loop {
            if self.peek() == Some(b'{') {
                self.variable()?;
            } else {
                self.segment()?;
            }
            match self.peek() {
                None => return Ok(None),
                Some(b'/') => self.at += 1,
                Some(b':') => return self.verb().map(Some),
                Some(_) => return Err(self.stray()),
            }
        }
    }

    /// Segment without Variable: "*" | "**" | Literal.
    fn segment(&mut self) -> Result<(), TemplateError> {
        let start = self.at;
        let segment = match self.peek() {
            None | Some(b'/' | b':' | b'}') => return Err(self.error(TemplateErrorKind::EmptySegment)),
            Some(b'*') => {
                self.at += 1;
                if self.peek() == Some(b'*') {
                    self.at += 1;
                    if self.double {
                        return Err(error_at(start, TemplateErrorKind::SecondDoubleWildcard));
                    }
                    self.double = true;
                    Segment::DoubleWildcard
                } else {
                    Segment::Wildcard
                }
            }
            Some(_) => Segment::Literal(self.literal()?),
        };
        if self.segments.len() == MAX_SEGMENTS {
            return Err(error_at(start, TemplateErrorKind::TooManySegments));
        }
        self.segments.push(segment);
        Ok(())
    }

    /// Variable = "{" FieldPath [ "=" Segments ] "}".
    fn variable(&mut self) -> Result<(), TemplateError> {
        let open = self.at;
        self.at += 1;
        let rest = &self.text[self.at..];
        let Some(length) = rest.find(['=', '}', '{']) else {
            return Err(error_at(open, TemplateErrorKind::UnclosedVariable));
        };
        let field_path = FieldPath::parse(&rest[..length]).map_err(|error| {
            let kind = TemplateErrorKind::BadFieldPath(error.message().to_owned());
            error_at(self.at + error.offset(), kind)
        })?;
        self.at += length;
        let first = self.segments.len();
        match self.peek() {
            Some(b'}') => {
                if first == MAX_SEGMENTS {
                    return Err(error_at(open, TemplateErrorKind::TooManySegments));
                }
                self.segments.push(Segment::Wildcard);
            }
            Some(b'=') => {
                self.at += 1;
                self.variable_segments(open)?;
            }
            _ => return Err(self.error(TemplateErrorKind::NestedVariable)),
        }
        self.at += 1;
        let segments = first..self.segments.len();
        let multi = segments.len() > 1 || self.segments[first] == Segment::DoubleWildcard;
        self.variables.push(Variable { field_path, multi, segments });
        Ok(())
    }

    /// The segments of a variable, up to its `}`.
    fn variable_segments(&mut self, open: usize) -> Result<(), TemplateError> {
        loop {
            match self.peek() {
                None => return Err(error_at(open, TemplateErrorKind::UnclosedVariable)),
                Some(b'{') => return Err(self.error(TemplateErrorKind::NestedVariable)),
                Some(_) => self.segment()?,
            }
            match self.peek() {
                None => return Err(error_at(open, TemplateErrorKind::UnclosedVariable)),
                Some(b'/') => self.at += 1,
                Some(b'}') => return Ok(()),
                Some(b':') => return Err(self.error(TemplateErrorKind::MisplacedColon)),
                Some(_) => return Err(self.stray()),
            }
        }
    }

    /// The verb, from its colon to the end of the text.
    fn verb(&mut self) -> Result<Vec<u8>, TemplateError> {
        let colon = self.at;
        self.at += 1;
        if self.peek().is_none() {
            return Err(error_at(colon, TemplateErrorKind::EmptyVerb));
        }
        if matches!(self.peek(), Some(b':' | b'/')) {
            return Err(error_at(colon, TemplateErrorKind::MisplacedColon));
        }
        let verb = self.literal()?;
        match self.peek() {
            None => Ok(verb),
            Some(b':' | b'/') => Err(error_at(colon, TemplateErrorKind::MisplacedColon)),
            Some(_) => Err(self.stray()),
        }
    }

    /// One or more literal characters, decoded.
    fn literal(&mut self) -> Result<Vec<u8>, TemplateError> {
        let mut bytes = Vec::new();
        while let Some(byte) = self.peek() {
            if is_literal(byte) {
                bytes.push(byte);
                self.at += 1;
            } else if byte == b'%' {
                let value = percent::escape_at(self.text.as_bytes(), self.at);
                bytes.push(value.ok_or_else(|| self.error(TemplateErrorKind::MalformedEscape))?);
                self.at += 3;
            } else {
                break;
            }
        }
        if bytes.is_empty() { Err(self.stray()) } else { Ok(bytes) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The error for a character that cannot follow what was read. `at` is on a character boundary, because
    /// only ASCII is ever consumed.
    fn stray(&self) -> TemplateError {
        let kind = match self.text[self.at..].chars().next() {
            None => TemplateErrorKind::EmptySegment,
            Some('*' | '{' | '}' | '/') => TemplateErrorKind::PartialSegment,
            Some(':') => TemplateErrorKind::MisplacedColon,
            Some(c) if c.is_ascii() && is_literal(c as u8) || c == '%' => TemplateErrorKind::PartialSegment,
            Some(c) => TemplateErrorKind::BadCharacter(c),
        };
        self.error(kind)
    }

    const fn error(&self, kind: TemplateErrorKind) -> TemplateError {
        error_at(self.at, kind)
    }
}

const fn error_at(offset: usize, kind: TemplateErrorKind) -> TemplateError {
    TemplateError { offset, kind }
}

fn write_literal(out: &mut impl fmt::Write, bytes: &[u8]) -> fmt::Result {
    for &byte in bytes {
        if is_literal(byte) {
            out.write_char(char::from(byte))?;
        } else {
            percent::write_escape(out, byte)?;
        }
    }
    Ok(())
}

fn write_segments(out: &mut impl fmt::Write, segments: &[Segment]) -> fmt::Result {
    for (index, segment) in segments.iter().enumerate() {
        if index > 0 {
            out.write_char('/')?;
        }
        write!(out, "{segment}")?;
    }
    Ok(())
}

fn write_verb(out: &mut impl fmt::Write, verb: Option<&[u8]>) -> fmt::Result {
    let Some(verb) = verb else { return Ok(()) };
    out.write_char(':')?;
    write_literal(out, verb)
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(bytes) => write_literal(f, bytes),
            Self::Wildcard => f.write_str("*"),
            Self::DoubleWildcard => f.write_str("**"),
        }
    }
}

/// The canonical text: `{x}` for `{x=*}`, escapes only where needed and in upper case. It parses to an equal
/// template.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        let mut variables = self.variables.iter().peekable();
        let mut at = 0;
        while let Some(segment) = self.segments.get(at) {
            if at > 0 {
                f.write_str("/")?;
            }
            let Some(variable) = variables.next_if(|variable| variable.segments.start == at) else {
                write!(f, "{segment}")?;
                at += 1;
                continue;
            };
            let covered = &self.segments[variable.segments.clone()];
            write!(f, "{{{}", variable.field_path)?;
            if covered != [Segment::Wildcard] {
                f.write_str("=")?;
                write_segments(f, covered)?;
            }
            f.write_str("}")?;
            at = variable.segments.end;
        }
        write_verb(f, self.verb())
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        write_segments(f, &self.segments)?;
        write_verb(f, self.verb.as_deref())
    }
}

impl TemplateError {
    /// Where in the text, in bytes; at most its length.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &TemplateErrorKind {
        &self.kind
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "path template: byte {}: {}", self.offset, self.kind)
    }
}

impl std::error::Error for TemplateError {}

impl fmt::Display for TemplateErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NoLeadingSlash => "expected `/` at the start of the template",
            Self::EmptySegment => {
                "expected a literal, `*`, `**` or `{variable}`, found an empty segment; remove the extra `/` or `:`"
            }
            Self::BadCharacter(c) => {
                let c = c.escape_debug();
                return write!(
                    f,
                    "found `{c}`, which a literal may not contain; percent-encode its UTF-8 bytes"
                );
            }
            Self::PartialSegment => {
                "expected `/` or the end of the segment; a literal, wildcard or variable is always a whole segment"
            }
            Self::MalformedEscape => {
                "expected two hexadecimal digits after `%`; write `%25` for a percent sign"
            }
            Self::MisplacedColon => {
                "found `:` outside of the final verb; write `%3A` for a colon in a literal"
            }
            Self::EmptyVerb => "expected a verb after `:`, found the end of the template",
            Self::NestedVariable => "found a variable inside a variable; use `*` or `**` instead",
            Self::UnclosedVariable => "found `{` without its `}`",
            Self::BadFieldPath(reason) => return f.write_str(reason),
            Self::SecondDoubleWildcard => {
                "found a second `**`; a template may have one, counting those in variables"
            }
            Self::TooManySegments => {
                return write!(f, "found more than {MAX_SEGMENTS} segments; shorten the template");
            }
        };
        f.write_str(text)
    }
}
