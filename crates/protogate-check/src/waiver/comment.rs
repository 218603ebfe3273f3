//! Waivers beside the element, in its comment: `// protogate:waive RULE reason="…" owner="…" expires=2027-01-31`.
//!
//! The grammar of a line, after the marker:
//!
//! ```text
//! waiver = rule { blank key "=" value }
//! rule   = id [ "@" hash ]                      ; as reports show it
//! key    = "reason" | "owner" | "expires"       ; each at most once, `reason` always
//! value  = word | '"' { any but '"' and '\' | '\"' | '\\' } '"'
//! ```
//!
//! A line that begins with the marker and does not follow it is a finding, never silence: who wrote it thinks that it counts.

use jiff::civil::Date;
use protogate_schema::Schema;
use protogate_schema::model::element::Element;
use protogate_schema::model::span::Span;

use super::Waiver;
use crate::config::nearest;

/// What the line begins with.
pub(crate) const MARKER: &str = "protogate:waive";

const KEYS: [&str; 3] = ["expires", "owner", "reason"];

/// A line of a comment that begins with the marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InComment {
    /// The waiver, or what is wrong with the line.
    pub waiver: Result<Waiver, String>,
    /// Names under which findings know the element that the comment belongs to.
    pub elements: Vec<String>,
    /// Path of the file, relative to its import root.
    pub path: String,
    /// Where the line is, else the element; `None` when neither is known.
    pub span: Option<Span>,
}

/// The waivers in the comments of a schema's target files, in no particular order of files.
pub(super) fn find(schema: &Schema) -> Vec<InComment> {
    let mut found = Vec::new();
    for (element, comments) in schema.comments_with(MARKER) {
        let texts = [&comments.leading, &comments.trailing].into_iter().chain(&comments.detached);
        for rest in texts.flat_map(|text| text.lines()).filter_map(after_marker) {
            let file = schema.file(schema.file_of(element));
            let elements = match element {
                Element::File(_) => vec![file.path.clone(), file.package.clone()],
                other => vec![schema.full_name(other)],
            };
            let place = schema.span(element);
            found.push(InComment {
                waiver: parse(rest),
                elements,
                path: file.path.clone(),
                span: line_of(schema, &file.path, rest, place).or(place),
            });
        }
    }
    found
}

/// The rest of a line that begins with the marker.
fn after_marker(line: &str) -> Option<&str> {
    // Lines of block comments may keep their star.
    let line = line.trim_start().trim_start_matches('*').trim();
    let rest = line.strip_prefix(MARKER)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// The line of the source that holds the marker and this rest, nearest to the element.
fn line_of(schema: &Schema, path: &str, rest: &str, near: Option<Span>) -> Option<Span> {
    let near = near.map_or(1, |it| it.start_line);
    let lines = schema.source(path)?.lines().zip(1_u32..);
    let holds = lines.filter_map(|(line, number)| {
        let start = line.find(MARKER)?;
        line[start..].contains(rest).then_some((number, start, line.trim_end().len()))
    });
    let (line, start, end) = holds.min_by_key(|(line, ..)| line.abs_diff(near))?;
    Some(Span {
        start_line: line,
        start_column: start as u32 + 1,
        end_line: line,
        end_column: end as u32 + 1,
    })
}

/// Reads a line after its marker.
pub(super) fn parse(text: &str) -> Result<Waiver, String> {
    let mut rest = text.trim();
    let rule = word(&mut rest);
    if rule.is_empty() || rule.contains(['=', '"']) {
        return Err("names no rule: write `protogate:waive RULE reason=\"…\"`".to_owned());
    }
    let (mut reason, mut owner, mut expires) = (None, None, None);
    loop {
        let gap = rest.len();
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        if rest.len() == gap {
            return Err(format!("has no blank before `{}`", shorten(rest)));
        }
        let Some((key, after)) = rest.split_once('=') else {
            return Err(format!("has `{}` where `key=value` is expected", shorten(rest)));
        };
        let key = key.trim_end();
        rest = after;
        let slot = match key {
            "reason" => &mut reason,
            "owner" => &mut owner,
            "expires" => &mut expires,
            other => {
                let hint = nearest_key(other).map_or_else(
                    || "known are `reason`, `owner` and `expires`".to_owned(),
                    |key| format!("did you mean `{key}`?"),
                );
                return Err(format!("has the unknown key `{}`; {hint}", shorten(other)));
            }
        };
        let value = value(&mut rest).map_err(|why| format!("has {why} after `{key}=`"))?;
        if slot.replace(value).is_some() {
            return Err(format!("has `{key}` twice"));
        }
    }
    let reason = reason.filter(|it| !it.trim().is_empty());
    let reason = reason.ok_or("gives no reason: add `reason=\"why the finding is accepted\"`")?;
    let expires = expires.map(|text| {
        let date: Result<Date, _> = text.parse();
        date.map_err(|_| format!("has `{}` for a date; write `expires=2027-01-31`", shorten(&text)))
    });
    Ok(Waiver { rule: rule.to_owned(), element: None, reason, owner, expires: expires.transpose()? })
}

fn nearest_key(key: &str) -> Option<&'static str> {
    let upper: Vec<String> = KEYS.iter().map(|it| it.to_ascii_uppercase()).collect();
    let found = nearest(key, upper.iter().map(String::as_str))?;
    KEYS.into_iter().find(|it| it.eq_ignore_ascii_case(found))
}

/// Takes everything up to the next blank.
fn word<'a>(rest: &mut &'a str) -> &'a str {
    let (word, after) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    *rest = after;
    word
}

fn value(rest: &mut &str) -> Result<String, &'static str> {
    let Some(quoted) = rest.strip_prefix('"') else {
        let word = word(rest);
        return if word.is_empty() {
            Err("no value")
        } else if word.contains('"') {
            Err("a quote inside a word")
        } else {
            Ok(word.to_owned())
        };
    };
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                *rest = &quoted[at + 1..];
                return Ok(text);
            }
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\'))) => text.push(c),
                _ => return Err("a backslash that is not before `\"` or `\\`"),
            },
            c => text.push(c),
        }
    }
    Err("a text without its closing quote")
}

/// Enough of a text to find it again.
fn shorten(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    if word.chars().count() > 40 {
        format!("{}…", word.chars().take(40).collect::<String>())
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines() {
        let waiver =
            parse(r#"FIELD_SAME_TYPE reason="no \"reader\" \\ left"  owner=jane expires=2027-01-31"#)
                .unwrap();
        assert_eq!(waiver.rule, "FIELD_SAME_TYPE");
        assert_eq!(waiver.reason, r#"no "reader" \ left"#);
        assert_eq!(waiver.owner.as_deref(), Some("jane"));
        assert_eq!(waiver.expires, Some(date(2027, 1, 31)));
        assert_eq!(parse("A@12ab reason=x").unwrap().rule, "A@12ab");
    }

    #[test]
    fn faults() {
        for (text, part) in [
            ("", "names no rule"),
            ("reason=\"x\"", "names no rule"),
            ("A", "gives no reason"),
            ("A reason=\"  \"", "gives no reason"),
            ("A reason=", "no value"),
            ("A reason=\"x", "closing quote"),
            ("A reason=\"x\\n\"", "backslash"),
            ("A reason=x\"y", "a quote inside"),
            ("A reason=\"x\"owner=y", "no blank before `owner=y`"),
            ("A reason=x reason=y", "`reason` twice"),
            ("A reson=x", "did you mean `reason`?"),
            ("A because=x", "known are"),
            ("A reason=x expires=tomorrow", "`tomorrow` for a date"),
            ("A reason=x expires=2027-02-30", "`2027-02-30` for a date"),
            ("A just because", "`just` where `key=value`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn markers() {
        assert_eq!(after_marker("  * protogate:waive A reason=x "), Some("A reason=x"));
        assert_eq!(after_marker("protogate:waive"), Some(""));
        assert_eq!(after_marker("see protogate:waive A"), None);
        assert_eq!(after_marker("protogate:waiver A"), None);
    }

    fn quote(text: &str) -> String {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rule in "[A-Z][A-Z_]{0,20}(@[0-9a-f]{4})?",
            reason in "[^\\r\\n]*[!-~]",
            owner in proptest::option::of("[^\\r\\n]*"),
            day in proptest::option::of(0..20_000_i32),
            blanks in "[ \t]{1,3}",
        ) {
            let expires = day.map(|day| date(2020, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap());
            let mut text = format!("{rule}{blanks}reason={}", quote(&reason));
            if let Some(owner) = &owner {
                text = format!("{text}{blanks}owner={}", quote(owner));
            }
            if let Some(expires) = &expires {
                text = format!("{text}{blanks}expires={expires}");
            }
            let expected = Waiver { rule, element: None, reason, owner, expires };
            prop_assert_eq!(parse(&text), Ok(expected));
        }

        #[test]
        fn nothing_panics(text in "\\PC*", pieces in "([A-Z]+ |reason|=|\"|\\\\|owner|expires| |x|é)*") {
            let _ = parse(&text);
            let _ = parse(&pieces);
            let _ = after_marker(&text);
        }
    }
}
