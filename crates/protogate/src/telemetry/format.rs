//! One event as one flat JSON object on one line.
//!
//! The ids of the current call come first, then the event's own fields, then those of the spans around it that do not repeat a name.
//! Everything that came from a caller is escaped: control characters of C0 and C1, line separators and the controls of
//! bidirectional text never reach a terminal or a log collector. A text is cut at 1 KiB.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::call::Call;
use crate::error::text::is_hostile;

/// The longest text of a field, in bytes.
const MAX_TEXT: usize = 1024;
const DIGITS: &[u8; 16] = b"0123456789abcdef";
/// The most memory that a thread keeps for its next line, in bytes.
const MAX_KEPT: usize = 16 << 10;

/// Formats events as flat JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlatJson;

/// Formats the fields of a span as the members of a JSON object, without its braces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FlatFields;

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let metadata = event.metadata();
        line.text.push('{');
        if line.name("timestamp") {
            line.text.push('"');
            rfc3339(&mut line.text, SystemTime::now());
            line.text.push('"');
        }
        line.string("level", metadata.level().as_str());
        line.string("target", metadata.target());
        event.record(&mut line);
        Call::current(|call| call_fields(call, &mut line));
        if let Some(scope) = context.event_scope() {
            for span in scope {
                let extensions = span.extensions();
                if let Some(fields) = extensions.get::<FormattedFields<N>>() {
                    line.members(&fields.fields);
                }
            }
        }
        line.text.push_str("}\n");
        let written = writer.write_str(&line.text);
        line.give_back();
        written
    }
}

impl<'w> FormatFields<'w> for FlatFields {
    fn format_fields<R: tracing_subscriber::field::RecordFields>(
        &self,
        mut writer: Writer<'w>,
        fields: R,
    ) -> fmt::Result {
        let mut line = Line::default();
        fields.record(&mut line);
        writer.write_str(&line.text)
    }
}

fn call_fields(call: &Call, line: &mut Line) {
    if let Some(ids) = call.ids.get() {
        line.hex("trace_id", &ids.trace.trace_id.to_be_bytes());
        line.hex("span_id", &ids.trace.span_id.to_be_bytes());
        line.string("req_id", ids.request_id.as_str());
    }
    if let Some(subject) = call.subject.get() {
        line.string("user_id", subject);
    }
    if let Some(target) = call.target.get() {
        line.string("method", target.info.path);
    }
    line.string("protocol", call.protocol.as_str());
}

thread_local! {
    /// The memory of the last line. It is taken while a line is written, so that an event that a field's own `Debug` emits has a
    /// line of its own.
    static SCRATCH: Cell<Line> = const { Cell::new(Line { text: String::new(), names: Vec::new() }) };
}

/// A JSON object under construction; a name is written once, the first time.
#[derive(Default)]
struct Line {
    text: String,
    /// Names of fields are static; only those of spans are not.
    names: Vec<Cow<'static, str>>,
}

impl Line {
    /// Keeps the memory for the next line, unless this one was uncommonly long.
    fn give_back(mut self) {
        if self.text.capacity() <= MAX_KEPT {
            self.text.clear();
            self.names.clear();
            // A thread that is ending keeps nothing.
            let _ = SCRATCH.try_with(|scratch| scratch.set(self));
        }
    }

    /// Starts a member; false when its name is taken.
    fn name(&mut self, name: impl Into<Cow<'static, str>>) -> bool {
        let name = name.into();
        if self.names.contains(&name) {
            return false;
        }
        if !self.names.is_empty() {
            self.text.push(',');
        }
        quote(&mut self.text, &name);
        self.text.push(':');
        self.names.push(name);
        true
    }

    fn string(&mut self, name: impl Into<Cow<'static, str>>, value: &str) {
        if self.name(name) {
            quote(&mut self.text, value);
        }
    }

    fn literal(&mut self, name: impl Into<Cow<'static, str>>, value: impl fmt::Display) {
        if self.name(name) {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{value}");
        }
    }

    /// The bytes of an id as text to the base 16.
    fn hex(&mut self, name: &'static str, id: &[u8]) {
        if self.name(name) {
            self.text.push('"');
            for byte in id {
                self.text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                self.text.push(char::from(DIGITS[usize::from(byte & 0xf)]));
            }
            self.text.push('"');
        }
    }

    /// Adds the members of a span, which this file has written itself.
    fn members(&mut self, members: &str) {
        if members.is_empty() {
            return;
        }
        let Ok(serde_json::Value::Object(members)) = serde_json::from_str(&format!("{{{members}}}")) else {
            return;
        };
        for (name, value) in members {
            match value {
                serde_json::Value::String(text) => self.string(name, &text),
                value => self.literal(name, value),
            }
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.literal(field.name(), value),
            false => self.string(field.name(), &value.to_string()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.name(field.name()) {
            self.text.push('"');
            // What a failing `Debug` has written so far stays.
            let _ = write!(Quoted::new(&mut self.text), "{value:?}");
            self.text.push('"');
        }
    }
}

/// A JSON string, cut at [`MAX_TEXT`] bytes.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    Quoted::new(text).push(value);
    text.push('"');
}

/// The inside of a JSON string as it comes in pieces.
struct Quoted<'t> {
    text: &'t mut String,
    /// Bytes that are left before the cut; `None` after it.
    left: Option<usize>,
}

impl<'t> Quoted<'t> {
    const fn new(text: &'t mut String) -> Self {
        Self { text, left: Some(MAX_TEXT) }
    }

    fn push(&mut self, piece: &str) {
        let Some(left) = self.left else { return };
        // Nothing to escape and nothing to cut: the rule for nearly all texts.
        if piece.len() <= left && piece.bytes().all(is_plain) {
            self.text.push_str(piece);
            self.left = Some(left - piece.len());
            return;
        }
        for character in piece.chars() {
            self.left = self.left.and_then(|left| left.checked_sub(character.len_utf8()));
            if self.left.is_none() {
                self.text.push('…');
                return;
            }
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                hostile if is_hostile(hostile) => {
                    // All of them are in the basic plane. Writing to a string cannot fail.
                    let _ = write!(self.text, "\\u{:04x}", u32::from(hostile));
                }
                plain => self.text.push(plain),
            }
        }
    }
}

impl fmt::Write for Quoted<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.push(piece);
        Ok(())
    }
}

/// Printable ASCII that JSON takes as it is.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// UTC with microseconds, as RFC 3339 writes it. The calendar is computed here (Howard Hinnant's `civil_from_days`), because no
/// other part of the runtime needs a calendar.
fn rfc3339(text: &mut String, time: SystemTime) {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second % 3600 / 60, second % 60);
    let micros = u64::from(since.subsec_micros());
    let mut stamp = *b"0000-00-00T00:00:00.000000Z";
    for (place, value) in [
        (0..4, year),
        (5..7, month),
        (8..10, day),
        (11..13, hour),
        (14..16, minute),
        (17..19, second),
        (20..26, micros),
    ] {
        let mut rest = value;
        for digit in stamp[place].iter_mut().rev() {
            *digit = DIGITS[(rest % 10) as usize];
            rest /= 10;
        }
    }
    text.push_str(str::from_utf8(&stamp).expect("digits are ASCII"));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_utc() {
        let at = |seconds: u64, micros: u32| {
            let mut text = String::new();
            rfc3339(&mut text, SystemTime::UNIX_EPOCH + Duration::new(seconds, micros * 1000));
            text
        };
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(at(951_782_399, 999_999), "2000-02-28T23:59:59.999999Z");
        assert_eq!(at(951_868_799, 1), "2000-02-29T23:59:59.000001Z");
        assert_eq!(at(1_709_251_200, 0), "2024-03-01T00:00:00.000000Z");
        assert_eq!(at(4_102_444_799, 0), "2099-12-31T23:59:59.000000Z");
    }

    #[test]
    fn texts_are_escaped_and_cut() {
        for hostile in ["\u{1b}[31m", "a\nb\r\n", "\u{202e}evil", "\u{85}\u{9b}", "\0", "\u{2028}", "\"}{\\"]
        {
            let mut text = String::new();
            quote(&mut text, hostile);
            assert!(!text.chars().any(is_hostile), "{text:?}");
            assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
        }
        let mut text = String::new();
        quote(&mut text, &"é".repeat(4000));
        assert!(text.len() <= MAX_TEXT + 8, "{}", text.len());
    }

    #[test]
    fn pieces_are_cut_like_the_whole() {
        let plain = "x".repeat(MAX_TEXT);
        for (pieces, expected) in [
            (vec![plain.as_str()], plain.clone()),
            (vec![plain.as_str(), "y"], format!("{plain}…")),
            (vec![plain.as_str(), "", "y", "z"], format!("{plain}…")),
            (vec!["é\"", &plain, "z"], format!("é\\\"{}…", &plain[3..])),
            (vec!["a", "\n", "b"], "a\\nb".to_owned()),
        ] {
            let mut text = String::new();
            let mut quoted = Quoted::new(&mut text);
            for piece in pieces {
                quoted.push(piece);
            }
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn numbers_of_ids_keep_their_zeros_and_names_come_once() {
        let mut line = Line::default();
        line.hex("trace", &0xab_u128.to_be_bytes());
        line.hex("span", &(u64::MAX - 1).to_be_bytes());
        line.string("span", "again");
        line.literal("count", 7);
        line.members("\"count\":8,\"other\":\"a\\\"b\"");
        line.members("\"other\":1");
        let expected = "\"trace\":\"000000000000000000000000000000ab\",\"span\":\"fffffffffffffffe\",\"count\":7,\"other\":\"a\\\"b\"";
        assert_eq!(line.text, expected);
    }
}
