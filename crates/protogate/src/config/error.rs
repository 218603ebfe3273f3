//! What is wrong with a configuration, and where: file and line, or the environment variable.

use std::fmt;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of a file, from 1.
    File { name: std::sync::Arc<str>, line: usize },
    /// An environment variable.
    Variable(String),
    /// A command-line argument.
    Argument(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Variable(name) => write!(f, "environment variable `{name}`"),
            Self::Argument(name) => write!(f, "argument `{name}`"),
        }
    }
}

/// A configuration that cannot be used. Its text starts with the place: `service.toml:12` or the environment variable.
#[derive(Debug)]
#[non_exhaustive]
pub struct ConfigError {
    origin: Option<Origin>,
    key: String,
    message: String,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { origin: None, key: String::new(), message: message.into() }
    }

    /// Adds the place, unless a more exact one is known.
    pub(crate) fn at(mut self, origin: &Origin) -> Self {
        self.origin.get_or_insert_with(|| origin.clone());
        self
    }

    /// Puts a key in front of the path.
    pub(crate) fn in_key(mut self, key: &str) -> Self {
        self.key = match self.key.as_str() {
            "" => key.to_owned(),
            rest if rest.starts_with('[') => format!("{key}{rest}"),
            rest => format!("{key}.{rest}"),
        };
        self
    }

    /// The key that is wrong, such as `limits.first_bytes`; empty when the file as a whole is.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

impl serde::de::Error for ConfigError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!(
            "unknown key `{}`{}{}",
            field.escape_debug(),
            nearest(field, expected),
            listed(expected)
        ))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let near = nearest(variant, expected);
        Self::new(format!("unknown value `{}`{near}{}", variant.escape_debug(), listed(expected)))
    }
}

fn listed(expected: &[&str]) -> String {
    match expected {
        [] => String::new(),
        [one] => format!(", expected `{one}`"),
        all => format!(", expected one of `{}`", all.join("`, `")),
    }
}

/// `; did you mean …?` for the nearest of the known names, if one is near: at most a third of the letters differ.
pub(super) fn nearest(found: &str, known: &[&str]) -> String {
    // Long texts are no misspelt keys, and the comparison is quadratic.
    if found.len() > 64 {
        return String::new();
    }
    let found = found.to_ascii_lowercase().replace('-', "_");
    let near = known.iter().map(|name| (distance(&found, name), name)).min_by_key(|(distance, _)| *distance);
    match near {
        Some((distance, name)) if distance * 3 <= name.len().max(found.len()) => {
            format!("; did you mean `{name}`?")
        }
        _ => String::new(),
    }
}

/// How many letters must be put in, taken out or replaced.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, left) in from.bytes().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (at, right) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_named_if_it_is_near() {
        let known = ["listen", "admin_listen", "mode"];
        for (found, expected) in [
            ("lissten", "; did you mean `listen`?"),
            ("admin-listen", "; did you mean `admin_listen`?"),
            ("Mode", "; did you mean `mode`?"),
            ("port", ""),
            ("", ""),
        ] {
            assert_eq!(nearest(found, &known), expected, "{found}");
        }
    }
}
