//! A pull parser for JSON text, RFC 8259 to the letter, over bytes that are all there.
//!
//! It hands out tokens and texts and converts nothing: what a number or a string means depends on the field. It never recurses deeper
//! than [`MAX_DEPTH`] and never panics, whatever the bytes are.

use std::borrow::Cow;

use super::any::AnyType;
use super::error::{Error, quote};
use super::number;
use super::options::ReadOptions;

/// Deepest nesting of objects and arrays.
pub const MAX_DEPTH: usize = 100;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// `{`.
    Object,
    /// `[`.
    Array,
    /// `"`.
    String,
    /// `-` or a digit.
    Number,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
}

impl Token {
    fn found(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::True => "`true`",
            Self::False => "`false`",
            Self::Null => "`null`",
        }
    }
}

/// Reads one JSON text.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    elements: usize,
    /// How many `Any` are being read, one in the other.
    pub(crate) open_any: usize,
    pub(crate) options: ReadOptions,
    pub(crate) types: &'static [AnyType],
}

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning. `types` are the types that an `Any` may hold, besides the built-in ones.
    ///
    /// # Errors
    /// When the bytes are not UTF-8, or start with a byte order mark.
    pub fn new(bytes: &'a [u8], options: ReadOptions, types: &'static [AnyType]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Error::syntax(format!(
                "the content is not UTF-8 at byte {}; send JSON in UTF-8",
                error.valid_up_to()
            ))
        })?;
        if text.starts_with('\u{feff}') {
            return Err(Error::syntax("the content starts with a byte order mark; send JSON without one"));
        }
        Ok(Self { text, at: 0, depth: 0, elements: 0, open_any: 0, options, types })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn white(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &str) -> Error {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => Error::syntax(format!(
                "malformed JSON at byte {}: expected {expected}, found `{}`",
                self.at,
                quote(found.encode_utf8(&mut [0; 4]))
            )),
            None => Error::syntax(format!(
                "malformed JSON at byte {}: expected {expected}, found the end of the content",
                self.at
            )),
        }
    }

    /// What comes next; white space is skipped.
    ///
    /// # Errors
    /// When it is none of JSON's values.
    pub fn peek(&mut self) -> Result<Token, Error> {
        self.white();
        match self.byte() {
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'"') => Ok(Token::String),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') if self.rest().starts_with("true") => Ok(Token::True),
            Some(b'f') if self.rest().starts_with("false") => Ok(Token::False),
            Some(b'n') if self.rest().starts_with("null") => Ok(Token::Null),
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// An error for a value of the wrong type: what was expected, and what is there.
    pub(crate) fn mismatch(&mut self, expected: &str) -> Error {
        match self.peek() {
            Ok(Token::String) => match self.string() {
                Ok(text) => Error::value(format!("expected {expected}, found the string `{}`", quote(&text))),
                Err(error) => error,
            },
            Ok(Token::Number) => match self.number() {
                Ok(text) => Error::value(format!("expected {expected}, found the number `{}`", quote(text))),
                Err(error) => error,
            },
            Ok(token) => Error::value(format!("expected {expected}, found {}", token.found())),
            Err(error) => error,
        }
    }

    /// Takes `null` if it comes next.
    ///
    /// # Errors
    /// When what comes next is not a JSON value.
    pub fn take_null(&mut self) -> Result<bool, Error> {
        let is_null = self.peek()? == Token::Null;
        if is_null {
            self.at += "null".len();
        }
        Ok(is_null)
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        match self.peek()? {
            Token::True => {
                self.at += "true".len();
                Ok(true)
            }
            Token::False => {
                self.at += "false".len();
                Ok(false)
            }
            _ => Err(self.mismatch("`true` or `false`")),
        }
    }

    /// Takes a number, as text.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn number(&mut self) -> Result<&'a str, Error> {
        self.white();
        let end = number::scan(self.text.as_bytes(), self.at).ok_or_else(|| self.unexpected("a number"))?;
        let text = &self.text[self.at..end];
        self.at = end;
        Ok(text)
    }

    /// Takes a string, unescaped.
    ///
    /// # Errors
    /// When something else comes next; on raw control characters, unknown escapes and unpaired surrogates.
    pub fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.white();
        if self.byte() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut run = start;
        loop {
            match self.byte() {
                Some(b'"') => {
                    let piece = &self.text[run..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(piece),
                        Some(mut text) => {
                            text.push_str(piece);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(&self.text[run..self.at]);
                    self.at += 1;
                    let unescaped = self.escape()?;
                    owned.get_or_insert_default().push(unescaped);
                    run = self.at;
                }
                Some(0..=0x1f) | None => {
                    return Err(self.unexpected("a character of a string, with control characters escaped"));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let unescaped = match self.byte() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("one of the escapes of JSON")),
        };
        self.at += 1;
        Ok(unescaped)
    }

    fn unicode_escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        let unpaired = |at: usize| {
            Error::syntax(format!("malformed JSON at byte {at}: the escape is half of a surrogate pair"))
        };
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if !self.rest().starts_with("\\u") {
                    return Err(unpaired(start));
                }
                self.at += 2;
                let second = self.hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(unpaired(start));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| unpaired(start))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let all = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let value = all
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.unexpected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(value)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::syntax(format!(
                "the content is nested deeper than {MAX_DEPTH} objects and arrays; flatten it"
            )));
        }
        Ok(())
    }

    /// Takes `{`. Its keys come from [`Reader::next_key`].
    ///
    /// # Errors
    /// When something else comes next, and when it is too deep.
    pub fn open_object(&mut self) -> Result<(), Error> {
        if self.peek()? != Token::Object {
            return Err(self.mismatch("an object"));
        }
        self.enter()
    }

    /// Takes the next key and its colon, or `}`. `first` is true at the start of the object, and maintained here.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn next_key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Error> {
        if !self.separator(first, b'}', "`,` or `}`")? {
            return Ok(None);
        }
        let key = self.string()?;
        self.white();
        if self.byte() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Takes `[`. Its elements follow as long as [`Reader::next_element`] says so.
    ///
    /// # Errors
    /// When something else comes next, and when it is too deep.
    pub fn open_array(&mut self) -> Result<(), Error> {
        if self.peek()? != Token::Array {
            return Err(self.mismatch("an array"));
        }
        self.enter()
    }

    /// Whether an element follows; else takes `]`. `first` is true at the start of the array, and maintained here.
    ///
    /// # Errors
    /// When something else comes next.
    pub fn next_element(&mut self, first: &mut bool) -> Result<bool, Error> {
        self.separator(first, b']', "`,` or `]`")
    }

    fn separator(&mut self, first: &mut bool, close: u8, expected: &str) -> Result<bool, Error> {
        self.white();
        let is_first = std::mem::replace(first, false);
        match self.byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            _ if is_first => Ok(true),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Counts one more element of a list or entry of a map.
    pub(crate) fn count_element(&mut self) -> Result<(), Error> {
        self.elements += 1;
        if self.elements > self.options.max_elements {
            return Err(Error::value(format!(
                "the content has more than {} elements in its lists and maps; send less at once",
                self.options.max_elements
            )));
        }
        Ok(())
    }

    /// Skips one value of any type, checking its syntax.
    ///
    /// # Errors
    /// When it is malformed or too deep.
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut first = true;
        match self.peek()? {
            Token::Object => {
                self.open_object()?;
                while self.next_key(&mut first)?.is_some() {
                    self.skip()?;
                }
            }
            Token::Array => {
                self.open_array()?;
                while self.next_element(&mut first)? {
                    self.skip()?;
                }
            }
            Token::String => {
                self.string()?;
            }
            Token::Number => {
                self.number()?;
            }
            Token::True | Token::False => {
                self.boolean()?;
            }
            Token::Null => {
                self.take_null()?;
            }
        }
        Ok(())
    }

    /// Whether nothing but white space is left.
    pub fn is_at_end(&mut self) -> bool {
        self.white();
        self.byte().is_none()
    }

    /// Ends the text.
    ///
    /// # Errors
    /// When more than white space is left.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.is_at_end() { Ok(()) } else { Err(self.unexpected("the end of the content")) }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }
}
