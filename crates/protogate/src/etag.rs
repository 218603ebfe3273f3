//! Entity tags (RFC 9110, section 8.8.3; AIP-154): the grammar, the two comparisons, and the check of a handler.
//!
//! A resource keeps its tag in a field `string etag`, quotes included; whoever stores it without them is understood too. Which
//! request asks for what is `gateway::condition`'s.

use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::{Code, Status};
use tonic_types::pb;

use crate::error::details::Details;

/// The `reason` of the `google.rpc.ErrorInfo` of a mismatch. ABORTED with it is answered with 412 to a caller that sent `If-Match`,
/// and with 409 to one that sent the field.
pub const MISMATCH: &str = "ETAG_MISMATCH";

/// Compares the tag that a caller sent with that of the resource as it is. No tag sent: no condition. `domain` is that of the
/// `ErrorInfo`, such as `library.example.com`.
///
/// The comparison is the strong one of RFC 9110; quotes may be missing on either side. Two tags that are both weak are equal as texts,
/// as AIP-154 has it for the field.
///
/// # Errors
/// ABORTED with reason [`MISMATCH`].
///
/// ```
/// assert!(protogate::etag::check("", "\"2\"", "library.example.com").is_ok());
/// assert!(protogate::etag::check("\"2\"", "2", "library.example.com").is_ok());
/// let status = protogate::etag::check("\"1\"", "\"2\"", "library.example.com").unwrap_err();
/// assert_eq!(status.code(), tonic::Code::Aborted);
/// ```
pub fn check(sent: &str, current: &str, domain: &str) -> Result<(), Status> {
    let bare = |tag: &str| {
        let inner = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        inner.unwrap_or(tag).to_owned()
    };
    if sent.is_empty() || bare(sent) == bare(current) {
        return Ok(());
    }
    Err(mismatch(
        "the resource has changed since its `etag` was read; read it again, then repeat the change",
        domain,
    ))
}

/// ABORTED with reason [`MISMATCH`].
pub(crate) fn mismatch(message: &str, domain: &str) -> Status {
    let mut details = Details::default();
    details.push(&pb::ErrorInfo {
        reason: MISMATCH.to_owned(),
        domain: domain.to_owned(),
        ..pb::ErrorInfo::default()
    });
    let bytes = details.encode(Code::Aborted, message);
    Status::with_details(Code::Aborted, message, bytes)
}

/// Whether a status is a mismatch of tags.
pub(crate) fn is_mismatch(status: &Status) -> bool {
    status.code() == Code::Aborted
        && Details::decode(status.details())
            .get::<pb::ErrorInfo>()
            .is_some_and(|info| info.reason == MISMATCH)
}

/// One tag as a header writes it: `"…"` or `W/"…"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    pub(crate) is_weak: bool,
    /// With its quotes, without `W/`.
    pub(crate) opaque: &'a str,
}

/// What `If-Match` or `If-None-Match` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tags<'a> {
    /// `*`: whatever there is.
    Any,
    /// At least one.
    Listed(Vec<Tag<'a>>),
}

/// A header that is no list of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Tags<'a> {
    /// All tags of a header, which may be there more than once; `None` without it.
    pub(crate) fn of(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Self>, Malformed> {
        let mut values = headers.get_all(name).iter();
        let Some(first) = values.next() else { return Ok(None) };
        let text = |value: &'a HeaderValue| value.to_str().map_err(|_| Malformed);
        let mut found = Self::parse(text(first)?)?;
        for value in values {
            match (&mut found, Self::parse(text(value)?)?) {
                (Self::Listed(tags), Self::Listed(more)) => tags.extend(more),
                _ => return Err(Malformed),
            }
        }
        Ok(Some(found))
    }

    /// One value of a header: `*`, or tags with commas between them. Empty elements are skipped (RFC 9110, section 5.6.1).
    pub(crate) fn parse(text: &'a str) -> Result<Self, Malformed> {
        let blank = [' ', '\t'];
        if text.trim_matches(blank) == "*" {
            return Ok(Self::Any);
        }
        let (mut tags, mut rest) = (Vec::new(), text);
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let (tag, after) = Tag::take(rest).ok_or(Malformed)?;
            tags.push(tag);
            rest = after.trim_start_matches(blank);
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(Malformed);
            }
        }
        if tags.is_empty() { Err(Malformed) } else { Ok(Self::Listed(tags)) }
    }

    /// Whether one of them is `tag`, by the weak comparison: `W/` makes no difference.
    pub(crate) fn match_weakly(&self, tag: &Tag<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|known| known.opaque == tag.opaque),
        }
    }
}

impl<'a> Tag<'a> {
    /// The whole of `text` as one tag.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        Self::take(text).filter(|(_, rest)| rest.is_empty()).map(|(tag, _)| tag)
    }

    /// The tag that `text` begins with, and what follows.
    fn take(text: &'a str) -> Option<(Self, &'a str)> {
        let (is_weak, rest) = match text.strip_prefix("W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let inner = rest.strip_prefix('"')?;
        let end = inner.find('"')?;
        // etagc of RFC 9110: no space, no control character.
        let fits = inner[..end].bytes().all(|byte| byte > b' ' && byte != 0x7f);
        fits.then(|| (Self { is_weak, opaque: &rest[..end + 2] }, &inner[end + 1..]))
    }
}

/// The `ETag` header of a resource whose field holds `value`: quotes are added if missing. `None` for no tag, and for a text that cannot
/// be one.
pub(crate) fn header(value: &str) -> Option<HeaderValue> {
    if value.is_empty() {
        return None;
    }
    if Tag::parse(value).is_some() {
        return HeaderValue::from_str(value).ok();
    }
    let quoted = format!("\"{value}\"");
    Tag::parse(&quoted)?;
    HeaderValue::from_str(&quoted).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_read_as_the_rfc_has_them() {
        let strong = |opaque| Tag { is_weak: false, opaque };
        let weak = |opaque| Tag { is_weak: true, opaque };
        for (text, tags) in [
            ("\"a\"", vec![strong("\"a\"")]),
            ("W/\"a\"", vec![weak("\"a\"")]),
            ("\"\"", vec![strong("\"\"")]),
            ("\"a,b\" , W/\"c\"", vec![strong("\"a,b\""), weak("\"c\"")]),
            (", ,\"a\",,\"b\" ,", vec![strong("\"a\""), strong("\"b\"")]),
            ("\"a\\\"", vec![strong("\"a\\\"")]),
        ] {
            assert_eq!(Tags::parse(text), Ok(Tags::Listed(tags)), "{text}");
        }
        assert_eq!(Tags::parse(" * "), Ok(Tags::Any));
        for text in [
            "",
            ",",
            "a",
            "\"a",
            "\"a b\"",
            "w/\"a\"",
            "W/a",
            "\"a\" \"b\"",
            "\"a\"b",
            "*, \"a\"",
            "W/ \"a\"",
        ] {
            assert_eq!(Tags::parse(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn headers_are_joined_unless_one_stands_for_all() {
        let name = http::header::IF_MATCH;
        let mut headers = HeaderMap::new();
        assert_eq!(Tags::of(&headers, &name), Ok(None));
        headers.append(&name, HeaderValue::from_static("\"a\""));
        headers.append(&name, HeaderValue::from_static("\"b\""));
        assert!(matches!(Tags::of(&headers, &name), Ok(Some(Tags::Listed(tags))) if tags.len() == 2));
        headers.append(&name, HeaderValue::from_static("*"));
        assert_eq!(Tags::of(&headers, &name), Err(Malformed));
    }

    #[test]
    fn a_field_becomes_a_header() {
        for (field, expected) in [
            ("", None),
            ("1", Some("\"1\"")),
            ("\"1\"", Some("\"1\"")),
            ("W/\"1\"", Some("W/\"1\"")),
            ("a b", None),
            ("a\"b", None),
            ("a\r\nx: y", None),
        ] {
            let made = header(field);
            assert_eq!(made.as_ref().map(|value| value.to_str().unwrap()), expected, "{field:?}");
        }
    }

    #[test]
    fn a_handler_compares() {
        for (sent, current, fits) in [
            ("", "\"1\"", true),
            ("\"1\"", "\"1\"", true),
            ("1", "\"1\"", true),
            ("\"1\"", "1", true),
            ("W/\"1\"", "\"1\"", false),
            ("W/\"1\"", "W/\"1\"", true),
            ("\"1\"", "\"2\"", false),
            ("\"1\"", "", false),
        ] {
            let checked = check(sent, current, "d");
            assert_eq!(checked.is_ok(), fits, "{sent} {current}");
            assert!(checked.is_ok() || is_mismatch(&checked.unwrap_err()));
        }
        assert!(!is_mismatch(&Status::aborted("other")));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,60}") {
            let _ = Tags::parse(&text);
            let _ = header(&text);
        }

        /// What is written as a list reads back as the same list.
        #[test]
        fn lists_read_back(tags in prop::collection::vec((any::<bool>(), "[!#-~]{0,8}"), 1..6), gap in "[ \t]{0,2},[ \t,]{0,3}") {
            let written: Vec<_> =
                tags.iter().map(|(weak, text)| format!("{}\"{text}\"", if *weak { "W/" } else { "" })).collect();
            let joined = written.join(&gap);
            let Ok(Tags::Listed(read)) = Tags::parse(&joined) else { panic!("{joined}") };
            let back: Vec<_> = read
                .iter()
                .map(|tag| format!("{}{}", if tag.is_weak { "W/" } else { "" }, tag.opaque))
                .collect();
            prop_assert_eq!(back, written);
        }
    }
}
