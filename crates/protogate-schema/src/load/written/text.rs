//! Protobuf text format → bytes, as far as descriptor sets and the options in them need it.
//!
//! Encoded while it is read, like JSON. Unknown fields are skipped; the expanded form of `Any` is not known.

use super::encoder::{Scalar, Slot, Type, Types};
use crate::error::Diagnostic;
use crate::model::element::{Cardinality, Kind};

/// Deepest nesting of messages.
const MAX_DEPTH: usize = 100;

pub(super) fn read(text: &str, types: &Types<'_>) -> Result<Vec<u8>, Box<Diagnostic>> {
    let mut reader = Reader { text, at: 0, depth: 0, types };
    let mut body = Body::default();
    let Some(root) = types.root() else { return Ok(Vec::new()) };
    reader.fields(Some(root), None, &mut body).map_err(|message| {
        let line = text[..reader.at.min(text.len())].bytes().filter(|it| *it == b'\n').count() + 1;
        Box::new(Diagnostic::new(format!("is no text image, or a damaged one: line {line}: {message}")))
    })?;
    Ok(body.finish())
}

/// The bytes of a message that is being read.
#[derive(Default)]
struct Body<'a> {
    bytes: Vec<u8>,
    /// Values of packed fields: one at a time in the text, all in one place in the bytes.
    packed: Vec<(Slot<'a>, Vec<u8>)>,
}

impl<'a> Body<'a> {
    fn pack(&mut self, slot: Slot<'a>, scalar: Scalar) {
        match self.packed.iter_mut().find(|(it, _)| std::ptr::eq(it.field, slot.field)) {
            Some((_, bytes)) => slot.put_bare(scalar, bytes),
            None => {
                let mut bytes = Vec::new();
                slot.put_bare(scalar, &mut bytes);
                self.packed.push((slot, bytes));
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        for (slot, bytes) in self.packed {
            slot.put_bytes(&bytes, &mut self.bytes);
        }
        self.bytes
    }
}

struct Reader<'a, 'b> {
    text: &'b str,
    at: usize,
    depth: usize,
    types: &'b Types<'a>,
}

impl<'a, 'b> Reader<'a, 'b> {
    /// The fields of a message up to its end; of an unknown message (`None`) only the form is read.
    fn fields(&mut self, of: Option<Type<'a>>, end: Option<u8>, out: &mut Body<'a>) -> Result<(), String> {
        loop {
            match (self.peek(), end) {
                (None, None) => return Ok(()),
                (None, Some(_)) => return Err("the text ends inside of a message".to_owned()),
                (Some(next), Some(end)) if next == end => {
                    self.at += 1;
                    return Ok(());
                }
                (Some(b';' | b','), _) => self.at += 1,
                _ => self.field(of, out)?,
            }
        }
    }

    fn field(&mut self, of: Option<Type<'a>>, out: &mut Body<'a>) -> Result<(), String> {
        let slot = if self.take(b'[') {
            let close = self.text[self.at..].find(']').ok_or("`[` without `]`")?;
            let name: String = self.text[self.at..self.at + close].split_whitespace().collect();
            self.at += close + 1;
            if name.contains('/') {
                return Err("the expanded form of `Any` is not supported".to_owned());
            }
            of.and_then(|of| self.types.extension(of, &name))
        } else {
            let name = self.word();
            if name.is_empty() {
                return Err(format!("expected the name of a field, found {}", self.found()));
            }
            // A group is written with the name of its message.
            of.and_then(|of| {
                self.types.field(of, name).or_else(|| {
                    self.types
                        .field(of, &name.to_lowercase())
                        .filter(|it| matches!(it.field.kind, Kind::Group(_)))
                })
            })
        };
        let colon = self.take(b':');
        if !self.take(b'[') {
            return self.value(slot, colon, out);
        }
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(slot, colon, out)?;
            if self.take(b']') {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(format!("expected `,` or `]`, found {}", self.found()));
            }
        }
    }

    fn value(&mut self, slot: Option<Slot<'a>>, colon: bool, out: &mut Body<'a>) -> Result<(), String> {
        let close = match self.peek() {
            Some(b'{') => b'}',
            Some(b'<') => b'>',
            _ if !colon => return Err(format!("expected `:` or a message, found {}", self.found())),
            _ => return self.scalar(slot, out),
        };
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        let mut body = Body::default();
        let of = slot.and_then(Slot::message);
        if let (Some(slot), None) = (slot, of) {
            return Err(format!("`{}` is no message", slot.field.name));
        }
        self.fields(of, Some(close), &mut body)?;
        self.depth -= 1;
        if let Some(slot) = slot {
            slot.put_message(&body.finish(), &mut out.bytes);
        }
        Ok(())
    }

    fn scalar(&mut self, slot: Option<Slot<'a>>, out: &mut Body<'a>) -> Result<(), String> {
        if matches!(self.peek(), Some(b'"' | b'\'')) {
            let mut bytes = Vec::new();
            while let Some(quote @ (b'"' | b'\'')) = self.peek() {
                self.string(quote, &mut bytes)?;
            }
            let Some(slot) = slot else { return Ok(()) };
            return match slot.field.kind {
                Kind::String if std::str::from_utf8(&bytes).is_err() => {
                    Err(format!("`{}` is not UTF-8", slot.field.name))
                }
                Kind::String | Kind::Bytes => {
                    slot.put_bytes(&bytes, &mut out.bytes);
                    Ok(())
                }
                _ => Err(format!("`{}` is no text", slot.field.name)),
            };
        }
        let negative = self.take(b'-');
        let word = self.number_or_word();
        if word.is_empty() {
            return Err(format!("expected a value, found {}", self.found()));
        }
        let Some(slot) = slot else { return Ok(()) };
        let scalar = if slot.is_float() {
            let lower = word.to_lowercase();
            let double = match lower.as_str() {
                "inf" | "infinity" => Some(f64::INFINITY),
                "nan" => Some(f64::NAN),
                text => text.strip_suffix('f').unwrap_or(text).parse().ok(),
            };
            double.map(|it: f64| Scalar::Double(if negative { -it } else { it }))
        } else {
            let whole = match (slot.field.kind, word) {
                (Kind::Bool, "true" | "True" | "t" | "1") => Some(1),
                (Kind::Bool, "false" | "False" | "f" | "0") => Some(0),
                (Kind::Bool, _) => None,
                (Kind::Enum(_), name) if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                    match slot.enum_number(name) {
                        Some(number) => Some(i128::from(number)),
                        // As in JSON: a value of a newer schema is left out.
                        None => return Ok(()),
                    }
                }
                (_, number) => {
                    whole(number).map(|it| if negative { -it } else { it }).filter(|it| slot.holds(*it))
                }
            };
            whole.map(Scalar::Whole)
        };
        let scalar = scalar
            .ok_or_else(|| format!("`{}` is no value of `{}`", word.escape_debug(), slot.field.name))?;
        if slot.field.cardinality == Cardinality::Repeated && slot.is_packed() {
            out.pack(slot, scalar);
        } else {
            slot.put_scalar(scalar, &mut out.bytes);
        }
        Ok(())
    }

    /// One quoted string, its escapes read.
    fn string(&mut self, quote: u8, out: &mut Vec<u8>) -> Result<(), String> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        loop {
            let byte = *bytes.get(self.at).ok_or("a text without an end")?;
            self.at += 1;
            if byte == quote {
                return Ok(());
            }
            if byte == b'\n' {
                self.at -= 1;
                return Err("a text without an end on its line".to_owned());
            }
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            let escape = *bytes.get(self.at).ok_or("a text without an end")?;
            self.at += 1;
            let mut digits = |least: usize, most: usize, radix: u32| {
                let length = bytes[self.at..]
                    .iter()
                    .take(most)
                    .take_while(|it| char::from(**it).is_digit(radix))
                    .count();
                let number = u32::from_str_radix(&self.text[self.at..self.at + length], radix).ok();
                self.at += length;
                number.filter(|_| length >= least)
            };
            let wrong = || "an escape that is not known".to_owned();
            match escape {
                b'a' => out.push(7),
                b'b' => out.push(8),
                b'f' => out.push(12),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'v' => out.push(11),
                b'\\' | b'\'' | b'"' | b'?' => out.push(escape),
                b'x' | b'X' => {
                    out.push(digits(1, 2, 16).and_then(|it| u8::try_from(it).ok()).ok_or_else(wrong)?)
                }
                b'0'..=b'7' => {
                    self.at -= 1;
                    let mut digits = 0_u32;
                    for _ in 0..3 {
                        match bytes.get(self.at) {
                            Some(digit @ b'0'..=b'7') => digits = digits * 8 + u32::from(digit - b'0'),
                            _ => break,
                        }
                        self.at += 1;
                    }
                    out.push(u8::try_from(digits).map_err(|_| wrong())?);
                }
                b'u' | b'U' => {
                    let length = if escape == b'u' { 4 } else { 8 };
                    let c = digits(length, length, 16).and_then(char::from_u32).ok_or_else(wrong)?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return Err(wrong()),
            }
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// The next byte that is neither blank nor comment.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match *bytes.get(self.at)? {
                b'#' => {
                    let end = bytes[self.at..].iter().position(|it| *it == b'\n');
                    self.at = end.map_or(bytes.len(), |it| self.at + it);
                }
                byte if byte.is_ascii_whitespace() => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn word(&mut self) -> &'b str {
        self.peek();
        self.span(|it| it.is_ascii_alphanumeric() || it == b'_')
    }

    fn number_or_word(&mut self) -> &'b str {
        let text = self.text;
        self.peek();
        let start = self.at;
        loop {
            self.span(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.'));
            // The sign of an exponent belongs to the number.
            let so_far = &text[start..self.at];
            let exponent = so_far.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && !so_far.starts_with("0x")
                && so_far.ends_with(['e', 'E'])
                && matches!(text.as_bytes().get(self.at), Some(b'+' | b'-'));
            if !exponent {
                return so_far;
            }
            self.at += 1;
        }
    }

    fn span(&mut self, belongs: impl Fn(u8) -> bool) -> &'b str {
        let text = self.text;
        let rest = &text[self.at..];
        let length = rest.bytes().position(|it| !belongs(it)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// What is there instead, for a message.
    fn found(&mut self) -> String {
        self.peek();
        match self.text.get(self.at..).and_then(|it| it.chars().next()) {
            Some(c) => format!("`{}`", c.escape_debug()),
            None => "the end".to_owned(),
        }
    }
}

/// A whole number: decimal, `0x` or octal.
fn whole(text: &str) -> Option<i128> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        i128::from_str_radix(hex, 16).ok()
    } else if text.len() > 1 && text.starts_with('0') {
        i128::from_str_radix(&text[1..], 8).ok()
    } else {
        text.parse().ok()
    }
}
