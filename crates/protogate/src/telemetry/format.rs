//! One event as one flat JSON object on one line.
//!
//! The ids of the current call come first, then the event's own fields, then those of the spans around it that do not repeat a name.
//! Everything that came from a caller is escaped: control characters of C0 and C1, line separators and the controls of
//! bidirectional text never reach a terminal or a log collector. A text is cut at 1 KiB.

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
        let mut line = Line { text: String::with_capacity(256), names: Vec::with_capacity(16) };
        let metadata = event.metadata();
        line.text.push('{');
        line.string("timestamp", &rfc3339(SystemTime::now()));
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
        line.text.push('}');
        writeln!(writer, "{}", line.text)
    }
}

impl<'w> FormatFields<'w> for FlatFields {
    fn format_fields<R: tracing_subscriber::field::RecordFields>(
        &self,
        mut writer: Writer<'w>,
        fields: R,
    ) -> fmt::Result {
        let mut line = Line { text: String::new(), names: Vec::new() };
        fields.record(&mut line);
        write!(writer, "{}", line.text)
    }
}

fn call_fields(call: &Call, line: &mut Line) {
    if let Some(ids) = call.ids.get() {
        line.string("trace_id", &format!("{:032x}", ids.trace.trace_id));
        line.string("span_id", &format!("{:016x}", ids.trace.span_id));
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

/// A JSON object under construction; a name is written once, the first time.
struct Line {
    text: String,
    names: Vec<String>,
}

impl Line {
    /// Starts a member; false when its name is taken.
    fn name(&mut self, name: &str) -> bool {
        if self.names.iter().any(|known| known == name) {
            return false;
        }
        self.names.push(name.to_owned());
        if !self.text.is_empty() && !self.text.ends_with('{') {
            self.text.push(',');
        }
        quote(&mut self.text, name);
        self.text.push(':');
        true
    }

    fn string(&mut self, name: &str, value: &str) {
        if self.name(name) {
            quote(&mut self.text, value);
        }
    }

    fn literal(&mut self, name: &str, value: fmt::Arguments<'_>) {
        if self.name(name) {
            // Writing to a string cannot fail.
            let _ = self.text.write_fmt(value);
        }
    }

    /// Adds the members of a span, which this file has written itself.
    fn members(&mut self, members: &str) {
        let Ok(serde_json::Value::Object(members)) = serde_json::from_str(&format!("{{{members}}}")) else {
            return;
        };
        for (name, value) in members {
            match value {
                serde_json::Value::String(text) => self.string(&name, &text),
                value => self.literal(&name, format_args!("{value}")),
            }
        }
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.literal(field.name(), format_args!("{value}")),
            false => self.string(field.name(), &value.to_string()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.literal(field.name(), format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.literal(field.name(), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.literal(field.name(), format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.string(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.string(field.name(), &format!("{value:?}"));
    }
}

/// A JSON string, cut at [`MAX_TEXT`] bytes.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    let mut written = 0;
    for character in value.chars() {
        written += character.len_utf8();
        if written > MAX_TEXT {
            text.push('…');
            break;
        }
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            hostile if is_hostile(hostile) => {
                // All of them are in the basic plane. Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", u32::from(hostile));
            }
            plain => text.push(plain),
        }
    }
    text.push('"');
}

/// UTC with microseconds, as RFC 3339 writes it. The calendar is computed here (Howard Hinnant's `civil_from_days`), because no
/// other part of the runtime needs a calendar.
fn rfc3339(time: SystemTime) -> String {
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
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", since.subsec_micros())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_utc() {
        let at = |seconds: u64, micros: u32| {
            rfc3339(SystemTime::UNIX_EPOCH + Duration::new(seconds, micros * 1000))
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
}
