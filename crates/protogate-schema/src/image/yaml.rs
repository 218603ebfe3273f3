//! JSON → YAML in block form, member by member, so that the order stays and no tree is held.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The YAML document that says what the JSON text says.
pub(super) fn from_json(text: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = String::new();
    let mut source = serde_json::Deserializer::from_slice(text);
    Node { out: &mut out, indent: 0, lead: Lead::Top }.deserialize(&mut source)?;
    Ok(out.into_bytes())
}

/// What stands before a value on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// Nothing: the whole document.
    Top,
    /// `key:`
    Key,
    /// `-`
    Item,
}

struct Node<'a> {
    out: &'a mut String,
    indent: usize,
    lead: Lead,
}

impl Node<'_> {
    fn scalar(self, text: &str) {
        if self.lead != Lead::Top {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.scalar("null");
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.scalar(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.scalar(&value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.scalar(&value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        // With a point and a sign, else `1e300` is a text in YAML 1.1.
        let mut text = format!("{value:?}");
        if let Some((mantissa, exponent)) = text.split_once('e') {
            let point = if mantissa.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            text = format!("{mantissa}{point}e{sign}{exponent}");
        }
        self.scalar(&text);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let text = text(value);
        self.scalar(&text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { out, indent, lead } = self;
        let start = out.len();
        let inner = if lead == Lead::Key { indent + 2 } else { indent };
        let mut first = true;
        while let Some(()) = {
            if !first || lead == Lead::Key {
                if first {
                    out.push('\n');
                }
                out.extend(std::iter::repeat_n(' ', inner));
            } else if lead == Lead::Item {
                out.push(' ');
            }
            out.push('-');
            items.next_element_seed(Node { out: &mut *out, indent: inner + 2, lead: Lead::Item })?
        } {
            first = false;
        }
        // The last mark has no item.
        if first {
            out.truncate(start);
            out.push_str(if lead == Lead::Top { "[]\n" } else { " []\n" });
        } else {
            out.truncate(out.len() - inner - 1);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { out, indent, lead } = self;
        let inner = if lead == Lead::Key { indent + 2 } else { indent };
        let mut first = true;
        while let Some(key) = map.next_key::<String>()? {
            match (lead, first) {
                (Lead::Top, true) => {}
                (Lead::Item, true) => out.push(' '),
                (Lead::Key, true) => {
                    out.push('\n');
                    out.extend(std::iter::repeat_n(' ', inner));
                }
                (_, false) => out.extend(std::iter::repeat_n(' ', inner)),
            }
            first = false;
            out.push_str(&text(&key));
            out.push(':');
            map.next_value_seed(Node { out: &mut *out, indent: inner, lead: Lead::Key })?;
        }
        if first {
            out.push_str(if lead == Lead::Top { "{}\n" } else { " {}\n" });
        }
        Ok(())
    }
}

/// A text as a scalar: plain where no reader can take it for something else, else quoted.
fn text(value: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && value.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b'/'))
        && !WORDS.contains(&value.to_ascii_lowercase().as_str());
    if plain {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            // What YAML takes for a break, does not print, or reads as a mark of the encoding.
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::from_json;

    #[test]
    fn block_form() {
        let json = r#"{"a":[{"b":1,"c":[1,-2,[3]]},{},[]],"[x.y]":{"d":"yes","e":{"f":null}},"g":"a\u0001\n\"é","h":1e300,"i":"/x","j":[]}"#;
        let yaml = "a:\n  - b: 1\n    c:\n      - 1\n      - -2\n      - - 3\n  - {}\n  - []\n\"[x.y]\":\n  d: \"yes\"\n  e:\n    f: null\n\
                    g: \"a\\u0001\\n\\\"é\"\nh: 1.0e+300\ni: \"/x\"\nj: []\n";
        assert_eq!(String::from_utf8(from_json(json.as_bytes()).unwrap()).unwrap(), yaml);
        assert_eq!(from_json(b"{}").unwrap(), b"{}\n");
    }
}
