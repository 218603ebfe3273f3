//! Prints JSON text into a byte vector: separators, escapes, indentation. What is printed is decided elsewhere.

use super::any::AnyType;
use super::error::Error;
use super::options::WriteOptions;
use super::reader::MAX_DEPTH;

/// Prints one JSON text.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    depth: usize,
    /// Nothing is printed yet in the innermost object or array.
    first: bool,
    pub(crate) options: WriteOptions,
    pub(crate) types: &'static [AnyType],
}

/// A place that can be returned to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    length: usize,
    depth: usize,
    first: bool,
}

impl Writer {
    /// Starts an empty text. `types` are the types that an `Any` may hold, besides the built-in ones.
    #[must_use]
    pub fn new(options: WriteOptions, types: &'static [AnyType]) -> Self {
        Self { out: Vec::with_capacity(256), depth: 0, first: true, options, types }
    }

    /// The text.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Prints text as it is.
    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Prints a string with quotes and escapes.
    pub fn string(&mut self, text: &str) {
        self.out.push(b'"');
        let mut run = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            self.out.extend_from_slice(&text.as_bytes()[run..at]);
            run = at + 1;
            match byte {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                b'\r' => self.raw("\\r"),
                b'\t' => self.raw("\\t"),
                0x8 => self.raw("\\b"),
                0xc => self.raw("\\f"),
                _ => self.raw(&format!("\\u{byte:04x}")),
            }
        }
        self.out.extend_from_slice(&text.as_bytes()[run..]);
        self.out.push(b'"');
    }

    /// Opens an object.
    ///
    /// # Errors
    /// When it is nested too deeply.
    pub fn open_object(&mut self) -> Result<(), Error> {
        self.open(b'{')
    }

    /// Closes an object.
    pub fn close_object(&mut self) {
        self.close(b'}');
    }

    /// Opens an array.
    ///
    /// # Errors
    /// When it is nested too deeply.
    pub fn open_array(&mut self) -> Result<(), Error> {
        self.open(b'[')
    }

    /// Closes an array.
    pub fn close_array(&mut self) {
        self.close(b']');
    }

    /// Goes to the next element of an array, whose value is to be printed next.
    pub fn element(&mut self) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.line();
    }

    /// Prints the next key of an object, whose value is to be printed next.
    pub fn key(&mut self, key: &str) {
        self.element();
        self.string(key);
        self.raw(if self.options.pretty { ": " } else { ":" });
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { length: self.out.len(), depth: self.depth, first: self.first }
    }

    /// Takes back what was printed since the mark.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.out.truncate(mark.length);
        self.depth = mark.depth;
        self.first = mark.first;
    }

    fn open(&mut self, bracket: u8) -> Result<(), Error> {
        self.out.push(bracket);
        self.depth += 1;
        self.first = true;
        if self.depth > MAX_DEPTH {
            return Err(Error::output(format!("the message is nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }

    fn close(&mut self, bracket: u8) {
        self.depth -= 1;
        if !self.first {
            self.line();
        }
        self.first = false;
        self.out.push(bracket);
    }

    fn line(&mut self) {
        if self.options.pretty {
            self.out.push(b'\n');
            self.out.extend(std::iter::repeat_n(b' ', 2 * self.depth));
        }
    }
}
