//! Proto name → Rust identifier: case and keywords.
//!
//! The conversions are those of prost-build, letter for letter, because it prints the message structs and every other emitter has
//! to name the same things. This is the only place where a name from a `.proto` becomes a Rust identifier.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, Span};

/// Words that cannot be identifiers but can be raw ones.
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try",
    "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Words that cannot even be raw identifiers.
const SUFFIXED: &[&str] = &["_", "super", "self", "Self", "extern", "crate"];

/// Name of a field, a oneof's field, a method or a module: `snake_case`, keywords as `r#type` or `self_`.
///
/// Empty when the name has no letter and no digit.
#[must_use]
pub fn to_snake(name: &str) -> String {
    escape(&name.to_snake_case())
}

/// Name of a message, enum, oneof enum or variant: `UpperCamelCase`, `Self` as `Self_`.
///
/// Empty when the name has no letter and no digit.
#[must_use]
pub fn to_upper_camel(name: &str) -> String {
    escape(&name.to_upper_camel_case())
}

/// Name of a constant or static: `SCREAMING_SNAKE_CASE`.
#[must_use]
pub fn to_constant(name: &str) -> String {
    name.to_snake_case().to_uppercase()
}

/// Name of an enum variant: the value's name without the enum's, if what is left still starts a word.
///
/// Both names are in upper camel case already.
#[must_use]
pub fn strip_enum_prefix(enum_ident: &str, value_ident: &str) -> String {
    match value_ident.strip_prefix(enum_ident) {
        Some(rest) if rest.starts_with(char::is_uppercase) => escape(rest),
        _ => escape(value_ident),
    }
}

/// The module that tonic-build makes for a service: an underscore before every upper-case letter but the first, so `ABCThing`
/// becomes `a_b_c_thing`.
#[must_use]
pub fn to_tonic_module(service_ident: &str) -> String {
    let mut out = String::with_capacity(service_ident.len() + 4);
    for (index, c) in service_ident.chars().enumerate() {
        if index > 0 && c.is_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A token for an identifier that one of the functions above returned, `r#` included.
///
/// # Panics
/// Never for non-empty results of this module.
#[must_use]
pub fn token(ident: &str) -> Ident {
    match ident.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(ident, Span::call_site()),
    }
}

fn escape(ident: &str) -> String {
    if RAW.contains(&ident) {
        format!("r#{ident}")
    } else if SUFFIXED.contains(&ident) {
        format!("{ident}_")
    } else if ident.starts_with(|c: char| c.is_numeric()) {
        format!("_{ident}")
    } else {
        ident.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts_as_prost_build_does() {
        for (name, snake, camel) in [
            ("FooBarBAZ", "foo_bar_baz", "FooBarBaz"),
            ("XMLHttpRequest", "xml_http_request", "XmlHttpRequest"),
            ("field__name4_", "field_name4", "FieldName4"),
            ("While", "r#while", "While"),
            ("self", "self_", "Self_"),
            ("gen", "r#gen", "Gen"),
            ("_", "", ""),
            ("_1a", "_1a", "_1a"),
        ] {
            assert_eq!(to_snake(name), snake, "{name}");
            assert_eq!(to_upper_camel(name), camel, "{name}");
        }
    }

    #[test]
    fn strips_only_whole_words() {
        assert_eq!(strip_enum_prefix("Foo", "FooBar"), "Bar");
        assert_eq!(strip_enum_prefix("Foo", "Foobar"), "Foobar");
        assert_eq!(strip_enum_prefix("Foo", "Foo"), "Foo");
        assert_eq!(strip_enum_prefix("Foo", "Foo1"), "Foo1");
        assert_eq!(strip_enum_prefix("Foo", "FooSelf"), "Self_");
    }

    #[test]
    fn names_modules_as_tonic_build_does() {
        assert_eq!(to_tonic_module("ABCServiceX"), "a_b_c_service_x");
        assert_eq!(to_tonic_module("ThatHasALongName"), "that_has_a_long_name");
    }
}
