//! Names in PascalCase, lower_snake_case and UPPER_SNAKE_CASE, by the rules that users of schema checkers already know.

fn is_delimiter(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | ' ' | '\t' | '\n' | '\r')
}

/// `fooBar`, `foo_bar` and `FooBar` become `FooBar`; upper case stays as it is.
pub(crate) fn pascal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut start = true;
    for c in name.trim().chars() {
        if is_delimiter(c) {
            start = true;
            continue;
        }
        if start {
            out.extend(c.to_uppercase());
        } else if c.is_uppercase() {
            out.push(c);
        } else {
            out.extend(c.to_lowercase());
        }
        start = false;
    }
    out
}

/// `HTTPServer` becomes `http_server`; digits never start a word.
pub(crate) fn lower_snake(name: &str) -> String {
    snake(name).to_lowercase()
}

/// `httpServer` becomes `HTTP_SERVER`.
pub(crate) fn upper_snake(name: &str) -> String {
    snake(name).to_uppercase()
}

fn snake(name: &str) -> String {
    let name: Vec<char> = name.trim_matches(is_delimiter).chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (index, &c) in name.iter().enumerate() {
        if is_delimiter(c) {
            if !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        if c.is_uppercase() && index > 0 && !out.ends_with('_') {
            let next = name.get(index + 1).copied();
            let word_goes_on =
                next.is_some_and(|it| !it.is_uppercase() && !it.is_ascii_digit() && !is_delimiter(it));
            if word_goes_on || name[index - 1].is_lowercase() {
                out.push('_');
            }
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{lower_snake, pascal, upper_snake};

    #[test]
    fn snake_case() {
        let table = [
            ("fooBar", "foo_bar"),
            ("HTTPServer", "http_server"),
            ("getURLFast", "get_url_fast"),
            ("s3URL", "s3url"),
            ("x1Y", "x1y"),
            ("ABc", "a_bc"),
            ("fOO", "f_oo"),
            ("aB1c", "a_b1c"),
            ("FooBAR2Baz", "foo_bar2_baz"),
            ("foo_1", "foo_1"),
            ("foo1", "foo1"),
            ("__a__b__", "a_b"),
            ("a.b-c d", "a_b_c_d"),
        ];
        for (name, expected) in table {
            assert_eq!(lower_snake(name), expected, "{name}");
        }
        assert_eq!(upper_snake("FOO_BAR_aB"), "FOO_BAR_A_B");
    }

    #[test]
    fn pascal_case() {
        let table = [
            ("HTTPServer", "HTTPServer"),
            ("FOO_BAR", "FOOBAR"),
            ("fooBar", "FooBar"),
            ("foo_bar", "FooBar"),
            ("foo-bar.baz", "FooBarBaz"),
        ];
        for (name, expected) in table {
            assert_eq!(pascal(name), expected, "{name}");
        }
    }
}
