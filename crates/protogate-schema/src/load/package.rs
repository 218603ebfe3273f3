//! The package that a source text declares, found without parsing it.
//!
//! Which files belong to a package must be known before the files are compiled, and a file of another package that does not even
//! parse is then not in the way.

/// The package of a source, `""` when it declares none.
pub(super) fn package_of(source: &[u8]) -> String {
    let mut rest = Tokens { bytes: source, at: 0 };
    let mut depth = 0_usize;
    let mut statement = true;
    while let Some(token) = rest.next() {
        match token {
            b"{" => depth += 1,
            b"}" => depth = depth.saturating_sub(1),
            b"package" if statement && depth == 0 => {
                let mut name = String::new();
                while let Some(part) = rest.next().filter(|it| *it != b";") {
                    name.push_str(&String::from_utf8_lossy(part));
                }
                return name;
            }
            _ => {}
        }
        statement = matches!(token, b";" | b"}");
    }
    String::new()
}

/// Words and single signs; comments, blanks and strings left out.
struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = &self.bytes[self.at..];
            let find =
                |what: &[u8]| rest.windows(what.len()).position(|it| it == what).map(|it| it + what.len());
            self.at += match rest {
                [] => return None,
                [b'/', b'/', ..] | [b'#', ..] => find(b"\n").unwrap_or(rest.len()),
                [b'/', b'*', ..] => find(b"*/").unwrap_or(rest.len()),
                [quote @ (b'"' | b'\''), string @ ..] => {
                    let mut escaped = false;
                    let end = string.iter().position(|it| {
                        let ends = (*it == *quote && !escaped) || *it == b'\n';
                        escaped = *it == b'\\' && !escaped;
                        ends
                    });
                    end.map_or(rest.len(), |it| it + 2)
                }
                [first, ..] if first.is_ascii_alphanumeric() || *first == b'_' => {
                    let end = rest.iter().position(|it| !(it.is_ascii_alphanumeric() || *it == b'_'));
                    let word = &rest[..end.unwrap_or(rest.len())];
                    self.at += word.len();
                    return Some(word);
                }
                [first, ..] if first.is_ascii_whitespace() || !first.is_ascii() => 1,
                _ => {
                    self.at += 1;
                    return Some(&rest[..1]);
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::package_of;

    #[test]
    fn only_the_statement_counts() {
        for (text, expected) in [
            ("syntax = \"proto3\";\npackage a.b;", "a.b"),
            ("// package x;\n/* package y; */ package a . b ;", "a.b"),
            ("option x = \"package q;\"; message M { string package = 1; } package z;", "z"),
            ("message M { package p; }", ""),
            ("message package { }", ""),
            ("option a = \"\\\"package q;\";package r;", "r"),
            ("package", ""),
            ("", ""),
            ("\"", ""),
            ("/*", ""),
        ] {
            assert_eq!(package_of(text.as_bytes()), expected, "{text}");
        }
    }
}
