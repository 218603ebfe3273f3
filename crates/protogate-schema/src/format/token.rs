//! What are the pieces of a source file? Every byte belongs to a token, white space and comments too.
//!
//! Strings that follow each other are one literal, so they are paired like brackets: the first knows the last. Angle brackets are
//! not paired here: only the parser knows whether `<` is one.

use super::Fault;

/// Deepest nesting of brackets: parsing and printing recurse with it.
pub(super) const MAX_DEPTH: u32 = 100;
/// Longest file, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Text,
    /// One character of punctuation.
    Mark(u8),
    /// `// …` without the end of its line.
    LineComment,
    /// `/* … */`
    BlockComment,
    /// White space without line breaks.
    Space,
    /// One line feed.
    Newline,
}

impl Kind {
    pub(super) fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }

    /// Whether the grammar does not see it.
    pub(super) fn is_gap(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment | Self::Space | Self::Newline)
    }
}

/// A token: what, where, and for the first of a pair the last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index of the token that closes what this one opens; 0 when it opens nothing.
    pub(super) close: u32,
}

/// Cuts a text into tokens and pairs its brackets.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    if text.len() > MAX_BYTES {
        return Err(Fault::new(0..0, format!("has more than {MAX_BYTES} bytes"), "split the file"));
    }
    let mut lexer =
        Lexer { bytes: text.as_bytes(), at: 0, tokens: Vec::with_capacity(text.len() / 4), open: Vec::new() };
    // A byte order mark says nothing in UTF-8, and is not written again.
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.at < lexer.bytes.len() {
        lexer.token(text)?;
    }
    if let Some(&index) = lexer.open.last() {
        let at = lexer.tokens[index].start as usize;
        return Err(Fault::new(
            at..at + 1,
            format!("`{}` is never closed", lexer.bytes[at] as char),
            "close it",
        ));
    }
    let mut tokens = lexer.tokens;
    join_strings(&mut tokens);
    Ok(tokens)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    /// Indexes of the brackets that are open.
    open: Vec<usize>,
}

impl Lexer<'_> {
    fn token(&mut self, text: &str) -> Result<(), Fault> {
        let start = self.at;
        let kind = match self.bytes[start] {
            b'\n' => {
                self.at += 1;
                Kind::Newline
            }
            b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c' => {
                self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\x0b' | b'\x0c'));
                Kind::Space
            }
            b'/' if self.bytes.get(start + 1) == Some(&b'/') => {
                let rest = &self.bytes[start..];
                self.at = start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                self.check_nul(start)?;
                Kind::LineComment
            }
            b'/' if self.bytes.get(start + 1) == Some(&b'*') => {
                let Some(length) = memchr::memmem::find(&self.bytes[start + 2..], b"*/") else {
                    return Err(Fault::new(
                        start..start + 2,
                        "a block comment has no end",
                        "close it with `*/`",
                    ));
                };
                self.at = start + 2 + length + 2;
                self.check_nul(start)?;
                Kind::BlockComment
            }
            quote @ (b'"' | b'\'') => {
                self.string(quote)?;
                Kind::Text
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                Kind::Word
            }
            byte if byte.is_ascii_digit() => {
                self.number();
                Kind::Number
            }
            b'.' if self.bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => {
                self.number();
                Kind::Number
            }
            byte @ (b'{' | b'}' | b'[' | b']' | b'(' | b')') => {
                self.at += 1;
                self.bracket(byte)?;
                Kind::Mark(byte)
            }
            byte @ (b';' | b',' | b'=' | b':' | b'.' | b'-' | b'/' | b'<' | b'>') => {
                self.at += 1;
                Kind::Mark(byte)
            }
            _ => {
                let found = text[start..].chars().next().unwrap_or_default();
                let what = match found {
                    '\0' => "a NUL character".to_owned(),
                    found => format!("`{}`", found.escape_debug()),
                };
                return Err(Fault::new(
                    start..start + found.len_utf8(),
                    format!("{what} stands where no proto source can have it"),
                    "remove it, or put it into a string or comment",
                ));
            }
        };
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.tokens.push(Token { kind, start: place(start), end: place(self.at), close: 0 });
        Ok(())
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|&it| belongs(it)) {
            self.at += 1;
        }
    }

    /// Digits, letters, dots, and the sign of an exponent.
    fn number(&mut self) {
        let is_hex = matches!(self.bytes[self.at..], [b'0', b'x' | b'X', ..]);
        let mut last = 0;
        while let Some(&byte) = self.bytes.get(self.at) {
            let belongs = byte.is_ascii_alphanumeric()
                || byte == b'.'
                || byte == b'_'
                || (!is_hex && matches!(byte, b'+' | b'-') && matches!(last, b'e' | b'E'));
            if !belongs {
                break;
            }
            last = byte;
            self.at += 1;
        }
    }

    fn string(&mut self, quote: u8) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                None | Some(b'\n') => {
                    return Err(Fault::new(
                        start..self.at,
                        "a string does not end on its line",
                        "close it with the quote that it starts with",
                    ));
                }
                Some(b'\\') if self.bytes.get(self.at + 1).is_some_and(|&it| it != b'\n') => self.at += 2,
                Some(&byte) => {
                    self.at += 1;
                    if byte == quote {
                        return self.check_nul(start);
                    }
                }
            }
        }
    }

    fn check_nul(&self, start: usize) -> Result<(), Fault> {
        match memchr::memchr(0, &self.bytes[start..self.at]) {
            None => Ok(()),
            Some(offset) => {
                let at = start + offset;
                Err(Fault::new(at..at + 1, "holds a NUL character", "remove it: proto files are text"))
            }
        }
    }

    fn bracket(&mut self, byte: u8) -> Result<(), Fault> {
        let at = self.at - 1;
        let index = self.tokens.len();
        if matches!(byte, b'{' | b'[' | b'(') {
            self.open.push(index);
            if self.open.len() > MAX_DEPTH as usize {
                return Err(too_deep(at));
            }
            return Ok(());
        }
        let Some(open) = self.open.pop() else {
            let message = format!("`{}` closes nothing", byte as char);
            return Err(Fault::new(at..at + 1, message, "remove it, or open it before"));
        };
        let opener = self.bytes[self.tokens[open].start as usize];
        if !matches!((opener, byte), (b'{', b'}') | (b'[', b']') | (b'(', b')')) {
            let message = format!("`{}` does not close `{}`", byte as char, opener as char);
            return Err(Fault::new(
                at..at + 1,
                message,
                "close brackets in the order in which they are opened",
            ));
        }
        self.tokens[open].close = u32::try_from(index).unwrap_or(u32::MAX);
        Ok(())
    }
}

/// That brackets are nested too deep.
pub(super) fn too_deep(at: usize) -> Fault {
    Fault::new(
        at..at + 1,
        format!("brackets are nested more than {MAX_DEPTH} deep"),
        "flatten the messages or the option's value",
    )
}

fn join_strings(tokens: &mut [Token]) {
    let mut first: Option<usize> = None;
    let mut last = 0;
    for index in 0..=tokens.len() {
        let kind = tokens.get(index).map(|it| it.kind);
        match kind {
            Some(kind) if kind.is_gap() => {}
            Some(Kind::Text) => {
                first = first.or(Some(index));
                last = index;
            }
            _ => {
                if let Some(first) = first.take()
                    && last > first
                {
                    tokens[first].close = u32::try_from(last).unwrap_or(u32::MAX);
                }
            }
        }
    }
}
