//! Whether a pattern can be compiled as RE2 does it.
//!
//! The parser at hand knows the same language with a few more meanings for `[`, `{`, `&&`, `--` and `~~`, which RE2 takes as plain
//! characters; they are escaped first. Quotations (`\Q…\E`), which it does not know, are not looked at.

/// Why the pattern cannot be compiled, `None` if it can.
pub(super) fn fault(pattern: &str) -> Option<String> {
    if pattern.contains("\\Q") {
        return None;
    }
    let error = regex_syntax::Parser::new().parse(&plain(pattern)).err()?;
    Some(match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it cannot be parsed".to_owned(),
    })
}

/// The pattern with RE2's plain characters escaped.
fn plain(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut class_at: Option<usize> = None;
    let mut chars = pattern.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = &pattern[at + c.len_utf8()..];
        match (c, class_at) {
            ('\\', _) => {
                out.push(c);
                if let Some((_, next)) = chars.next() {
                    out.push(next);
                }
            }
            ('[', None) => {
                class_at = Some(at);
                out.push(c);
                if let Some((_, caret)) = chars.next_if(|it| it.1 == '^') {
                    out.push(caret);
                }
                // A bracket that comes first is one of the characters.
                if chars.next_if(|it| it.1 == ']').is_some() {
                    out.push_str("\\]");
                }
            }
            ('[', Some(_)) if rest.starts_with(':') && rest.contains(":]") => {
                out.push(c);
                for (_, next) in chars.by_ref() {
                    out.push(next);
                    if next == ']' {
                        break;
                    }
                }
            }
            (']', Some(_)) => {
                class_at = None;
                out.push(c);
            }
            ('[' | '&' | '~', Some(_)) => {
                out.push('\\');
                out.push(c);
            }
            ('-', Some(_)) if rest.starts_with('-') => out.push_str("\\-"),
            ('{', None) if !is_count(rest) => out.push_str("\\{"),
            _ => out.push(c),
        }
    }
    out
}

/// Whether what follows `{` makes it a count: `2}`, `2,}`, `2,3}`.
fn is_count(rest: &str) -> bool {
    let Some((inner, _)) = rest.split_once('}') else { return false };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !low.is_empty() && digits(low) && digits(high)
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn patterns_of_re2_are_told_from_others() {
        for good in [
            "^[a-z]+$",
            "[[]",
            "[]a]",
            "[^]a]",
            "a{2,3}",
            "a{",
            "{x}",
            "[a&&b]",
            "[[:alpha:]_]",
            "\\d\\.",
            "(?i)a",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in ["((", "[", "(?=a)", "a)", "*a", "[z-a]", "\\"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }
}
