//! Enums: aliases that are allowed and not used, reserved ranges that overlap, values that become one in other languages.

use std::collections::HashMap;

use super::{Faults, overlap, repeated, written};
use crate::model::element::{Element, Enum};

pub(super) fn check(faults: &mut Faults<'_>) {
    let schema = faults.schema();
    for (id, found) in schema.enums() {
        let element = Element::Enum(id);
        if found.options.allow_alias == Some(true) && !has_alias(faults, found) {
            faults.add(
                element,
                &[3, 2],
                format!("`{}` allows aliases and has none", found.full_name),
                "take `allow_alias` out",
            );
        }
        if let Some((later, earlier)) = overlap(&found.reserved_ranges) {
            faults.add(
                element,
                &[4, later as i32],
                format!(
                    "the reserved range `{}` overlaps `{}`",
                    written(found.reserved_ranges[later]),
                    written(found.reserved_ranges[earlier])
                ),
                "each number is reserved once: cut one of the two",
            );
        }
        if let Some(index) = repeated(&found.reserved_names) {
            faults.add(
                element,
                &[5, index as i32],
                format!("the name `{}` is reserved twice", found.reserved_names[index]),
                "take one of the two out",
            );
        }
        if faults.is_proto3(found.place.file) {
            same_names(faults, found);
        }
    }
}

fn has_alias(faults: &Faults<'_>, found: &Enum) -> bool {
    let mut numbers: Vec<i32> =
        found.values.iter().map(|&value| faults.schema().value(value).number).collect();
    numbers.sort_unstable();
    numbers.windows(2).any(|pair| pair[0] == pair[1])
}

/// Many languages drop the enum's name from its values and write them in camel case; two values must not end up as one.
fn same_names(faults: &mut Faults<'_>, found: &Enum) {
    let schema = faults.schema();
    let prefix: String = found.name.chars().filter(|&c| c != '_').map(|c| c.to_ascii_lowercase()).collect();
    let mut seen: HashMap<String, (&str, i32)> = HashMap::with_capacity(found.values.len());
    for &id in &found.values {
        let value = schema.value(id);
        let short = camel_case(without_prefix(&value.name, &prefix));
        match seen.get(&short) {
            // An alias may differ in nothing but its prefix.
            Some(&(_, number)) if number == value.number => {}
            Some(&(first, _)) => {
                let message = format!(
                    "`{}` and `{first}` of `{}` are one name without the enum's prefix and case",
                    value.name, found.full_name
                );
                faults.add(
                    Element::Value(id),
                    &[1],
                    message,
                    "generated code of many languages drops both: choose another name",
                );
            }
            None => {
                seen.insert(short, (&value.name, value.number));
            }
        }
    }
}

/// The name without the enum's own, which `prefix` holds in lower case and without underscores; all of it if nothing were left.
fn without_prefix<'a>(name: &'a str, prefix: &str) -> &'a str {
    let mut expected = prefix.chars().peekable();
    for (at, c) in name.char_indices() {
        if expected.peek().is_none() {
            let rest = name[at..].trim_start_matches('_');
            return if rest.is_empty() { name } else { rest };
        }
        if c != '_' && expected.next() != Some(c.to_ascii_lowercase()) {
            return name;
        }
    }
    name
}

fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = true;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            out.push(if std::mem::take(&mut upper) {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{camel_case, without_prefix};

    #[test]
    fn prefixes_go_whatever_their_case() {
        for (name, short) in [
            ("KIND_A", "A"),
            ("KindA", "A"),
            ("K_I_N_D_A", "A"),
            ("KIND", "KIND"),
            ("KIND_", "KIND_"),
            ("KIN_A", "KIN_A"),
            ("KIND__A_B", "A_B"),
        ] {
            assert_eq!(without_prefix(name, "kind"), short, "{name}");
        }
        assert_eq!(camel_case("a_BC_d"), "ABcD");
    }
}
