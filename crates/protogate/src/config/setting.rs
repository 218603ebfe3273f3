//! Types of settings beyond TOML's: durations (`"30s"`) and sizes (`"4MiB"`), with one serde module for all of them.
//!
//! A plain integer is refused for a duration, because its unit would be a guess; for a size it means bytes.

use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

/// A type that a limit may have.
pub(crate) trait Setting: Sized {
    /// What an error says was expected.
    const EXPECTED: &'static str;

    fn from_text(text: &str) -> Option<Self>;

    fn from_integer(_value: u64) -> Option<Self> {
        None
    }

    fn to_text(&self) -> String;
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a duration such as \"30s\", \"500ms\", \"10m\" or \"1h\"";

    fn from_text(text: &str) -> Option<Self> {
        let (digits, unit) = split(text)?;
        match unit {
            "ms" => Some(Self::from_millis(digits)),
            "s" => Some(Self::from_secs(digits)),
            "m" => digits.checked_mul(60).map(Self::from_secs),
            "h" => digits.checked_mul(3600).map(Self::from_secs),
            "d" => digits.checked_mul(86_400).map(Self::from_secs),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        match (self.as_secs(), self.subsec_millis()) {
            (seconds, 0) => format!("{seconds}s"),
            _ => format!("{}ms", self.as_millis()),
        }
    }
}

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Setting for $type {
            const EXPECTED: &'static str = "a whole number, or a size such as \"64KiB\" or \"4MiB\"";

            fn from_text(text: &str) -> Option<Self> {
                let (digits, unit) = split(text)?;
                let factor = match unit {
                    "" | "B" => 1,
                    "KiB" => 1 << 10,
                    "MiB" => 1 << 20,
                    "GiB" => 1 << 30,
                    _ => return None,
                };
                Self::from_integer(digits.checked_mul(factor)?)
            }

            fn from_integer(value: u64) -> Option<Self> {
                Self::try_from(value).ok()
            }

            fn to_text(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

integer!(u32, usize);

/// Digits, and the unit behind them.
fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

struct SettingVisitor<T>(std::marker::PhantomData<T>);

impl<T: Setting> Visitor<'_> for SettingVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_text(text).ok_or_else(|| E::custom(format!("expected {}, found `{text}`", T::EXPECTED)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        u64::try_from(value)
            .ok()
            .and_then(T::from_integer)
            .ok_or_else(|| E::custom(format!("expected {}, found `{value}`", T::EXPECTED)))
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Setting>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(SettingVisitor(std::marker::PhantomData))
}

pub(crate) fn serialize<S: Serializer, T: Setting>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes() {
        for (text, expected) in [
            ("30s", Some(Duration::from_secs(30))),
            ("500ms", Some(Duration::from_millis(500))),
            ("10 m", Some(Duration::from_secs(600))),
            ("1h", Some(Duration::from_secs(3600))),
            ("30", None),
            ("-1s", None),
            ("s", None),
            ("99999999999999999999s", None),
            ("9999999999999999999h", None),
        ] {
            assert_eq!(Duration::from_text(text), expected, "{text}");
        }
        assert_eq!(usize::from_text("4MiB"), Some(4 << 20));
        assert_eq!(u32::from_text("64 KiB"), Some(65_536));
        assert_eq!(u32::from_text("8GiB"), None);
        assert_eq!(u32::from_text("4MB"), None);
    }
}
