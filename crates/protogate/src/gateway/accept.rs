//! Which media types a caller names in `Accept` (RFC 9110, section 12.5.1).
//!
//! Only names count here: `*/*` asks for nothing in particular, and what is answered to it is the default.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether `Accept` names `media_type`, which is in lower case, with a weight above 0.
pub(crate) fn names(headers: &HeaderMap, media_type: &str) -> bool {
    headers.get_all(ACCEPT).iter().any(|value| value.to_str().is_ok_and(|text| list_names(text, media_type)))
}

fn list_names(text: &str, media_type: &str) -> bool {
    pieces(text, ',').any(|range| {
        let mut parts = pieces(range, ';');
        let name = parts.next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(media_type) && !parts.any(is_zero_weight)
    })
}

/// Whether a parameter is `q=0`, with up to three zeros after the dot.
fn is_zero_weight(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let (name, value) = (name.trim(), value.trim());
    name.eq_ignore_ascii_case("q")
        && value.starts_with('0')
        && value.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// `text` split where `separator` stands outside of quotes.
fn pieces(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter| {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => return letter == separator && !is_quoted,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROBLEM: &str = "application/problem+json";

    #[test]
    fn names_count_and_ranges_do_not() {
        for (text, expected) in [
            ("application/problem+json", true),
            ("Application/Problem+JSON;q=0.1", true),
            ("text/html, application/problem+json ; charset=utf-8", true),
            ("text/html;x=\"a,b;c\\\"\",application/problem+json", true),
            ("application/problem+json;q=0", false),
            ("application/problem+json; Q = 0.000", false),
            ("application/problem+json;q=0.001", true),
            ("*/*", false),
            ("application/*", false),
            ("application/problem+jsonx", false),
            ("text/html;x=\"application/problem+json\"", false),
            ("text/html;x=\",application/problem+json\"", false),
            ("", false),
        ] {
            assert_eq!(list_names(text, PROBLEM), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,60}") {
            let _ = list_names(&text, PROBLEM);
        }

        /// A name is found wherever it stands among others.
        #[test]
        fn the_place_in_the_list_is_no_matter(
            before in prop::collection::vec("[a-z]{1,4}/[a-z]{1,4}(;q=0\\.[0-9])?(;x=\"[a-z,;]{0,4}\")?", 0..4),
            after in prop::collection::vec("[a-z]{1,4}/[a-z]{1,4}", 0..4),
        ) {
            let list = |own: &[&str]| {
                before.iter().map(String::as_str).chain(own.iter().copied()).chain(after.iter().map(String::as_str))
                    .collect::<Vec<_>>().join(", ")
            };
            prop_assert!(list_names(&list(&[PROBLEM]), PROBLEM));
            prop_assert!(!list_names(&list(&[]), PROBLEM));
        }
    }
}
