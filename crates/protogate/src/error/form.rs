//! The JSON of a failure in REST: `google.rpc.Status`, the form of AIP-193, or the problem details of RFC 9457.
//!
//! All three say the same; which one is the setting's and, for problem details, the caller's choice.

use http::{HeaderMap, HeaderValue};
use tonic_types::pb;

use super::render::Finished;
use crate::config::ErrorFormat;
use crate::gateway::accept;
use crate::json::{WriteOptions, Writer};

/// The media type of problem details.
const PROBLEM: &str = "application/problem+json";

/// The form for a caller: that of the setting, unless it names problem details in `Accept`.
pub(crate) fn of_caller(headers: &HeaderMap, setting: ErrorFormat) -> ErrorFormat {
    if accept::names(headers, PROBLEM) { ErrorFormat::Problem } else { setting }
}

/// The media type of a form.
pub(crate) fn media_type(form: ErrorFormat) -> HeaderValue {
    HeaderValue::from_static(match form {
        ErrorFormat::Status | ErrorFormat::Aip193 => "application/json",
        ErrorFormat::Problem => PROBLEM,
    })
}

/// `google.rpc.Status` with all three fields, on one line.
pub(crate) fn status(finished: &Finished) -> String {
    let (code, details) = (finished.code.number(), finished.details.to_json());
    format!(r#"{{"code":{code},"message":{},"details":{details}}}"#, quoted(&finished.message))
}

/// A failure that is answered with `http_status`. `type_template` is as in [`problem`].
pub(crate) fn print(finished: &Finished, form: ErrorFormat, http_status: u16, type_template: &str) -> String {
    match form {
        ErrorFormat::Status => status(finished),
        ErrorFormat::Aip193 => {
            let (name, details) = (finished.code.name(), finished.details.to_json());
            let message = quoted(&finished.message);
            format!(
                r#"{{"error":{{"code":{http_status},"message":{message},"status":"{name}","details":{details}}}}}"#
            )
        }
        ErrorFormat::Problem => problem(finished, http_status, type_template),
    }
}

/// RFC 9457. In `type_template`, `{domain}` and `{reason}` stand for those of the `ErrorInfo`.
fn problem(finished: &Finished, http_status: u16, type_template: &str) -> String {
    let name = finished.code.name();
    let info = finished.details.get::<pb::ErrorInfo>();
    let kind = match &info {
        Some(info) => type_template
            .replace("{domain}", &escaped(&info.domain))
            .replace("{reason}", &escaped(&info.reason)),
        None => "about:blank".to_owned(),
    };
    let mut text = format!(
        r#"{{"type":{},"title":"{name}","status":{http_status},"detail":{},"code":"{name}""#,
        quoted(&kind),
        quoted(&finished.message)
    );
    if let Some(info) = info {
        let metadata: std::collections::BTreeMap<_, _> = info.metadata.into_iter().collect();
        let pairs: Vec<_> =
            metadata.iter().map(|(name, value)| format!("{}:{}", quoted(name), quoted(value))).collect();
        text.push_str(&format!(
            r#","reason":{},"domain":{},"metadata":{{{}}}"#,
            quoted(&info.reason),
            quoted(&info.domain),
            pairs.join(",")
        ));
    }
    if let Some(violations) = finished.details.get::<pb::BadRequest>() {
        let errors: Vec<_> = violations
            .field_violations
            .iter()
            .map(|it| {
                let pointer = quoted(&pointer(&it.field));
                format!(r#"{{"pointer":{pointer},"detail":{}}}"#, quoted(&it.description))
            })
            .collect();
        text.push_str(&format!(r#","errors":[{}]"#, errors.join(",")));
    }
    text.push_str(&format!(r#","details":{}}}"#, finished.details.to_json()));
    text
}

fn quoted(text: &str) -> String {
    let mut writer = Writer::new(WriteOptions::default(), &[]);
    writer.string(text);
    String::from_utf8_lossy(&writer.into_bytes()).into_owned()
}

/// The path of a field, `a.b[0].c["k"]`, as a JSON pointer in a fragment (RFC 6901, section 6): `#/a/b/0/c/k`.
fn pointer(field: &str) -> String {
    let mut text = String::from("#");
    let mut rest = field;
    while !rest.is_empty() {
        let (token, after) = if let Some(inner) = rest.strip_prefix('[') {
            let quoted = inner.strip_prefix('"').and_then(|inner| inner.split_once("\"]"));
            let Some((token, after)) = quoted.or_else(|| inner.split_once(']')) else {
                // No path after all: one name.
                push_token(&mut text, rest);
                break;
            };
            (token, after)
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            (&rest[..end], &rest[end..])
        };
        push_token(&mut text, token);
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    text
}

fn push_token(text: &mut String, token: &str) {
    text.push('/');
    text.push_str(&escaped(&token.replace('~', "~0").replace('/', "~1")));
}

/// Percent-escaped, but for what may stand in every part of a URI (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use protogate_transcode::Code;

    use super::*;
    use crate::error::details::Details;

    #[test]
    fn fields_become_pointers() {
        for (field, expected) in [
            ("", "#"),
            ("a", "#/a"),
            ("a.b.c_d", "#/a/b/c_d"),
            ("a[3].b", "#/a/3/b"),
            ("a[\"x.y]/~\"].b", "#/a/x.y%5D~1~0/b"),
            ("labels[k]", "#/labels/k"),
            ("a[0][1]", "#/a/0/1"),
            ("a[", "#/a/%5B"),
            ("tags[]", "#/tags/"),
            ("é \"", "#/%C3%A9%20%22"),
        ] {
            assert_eq!(pointer(field), expected, "{field}");
        }
    }

    #[test]
    fn forms_say_the_same() {
        let mut details = Details::default();
        details.push(&pb::ErrorInfo {
            reason: "BAD {domain}".into(),
            domain: "acme.example".into(),
            metadata: [("key".to_owned(), "a\"b".to_owned())].into(),
        });
        details.push(&pb::BadRequest {
            field_violations: vec![pb::bad_request::FieldViolation {
                field: "book.title".into(),
                description: "too \"long\"".into(),
                ..Default::default()
            }],
        });
        let finished = Finished {
            code: Code::InvalidArgument,
            message: "no\n".into(),
            details,
            http_status: http::StatusCode::BAD_REQUEST,
            is_replaced: false,
        };
        let read = |form| -> serde_json::Value {
            serde_json::from_str(&print(&finished, form, 422, "https://{domain}/errors/{reason}")).unwrap()
        };
        let (status, aip, problem) =
            (read(ErrorFormat::Status), read(ErrorFormat::Aip193), read(ErrorFormat::Problem));
        assert_eq!(status["code"], 3);
        assert_eq!(aip["error"]["code"], 422);
        assert_eq!(aip["error"]["status"], "INVALID_ARGUMENT");
        assert_eq!(aip["error"]["details"], status["details"]);
        assert_eq!(problem["type"], "https://acme.example/errors/BAD%20%7Bdomain%7D");
        assert_eq!(problem["title"], "INVALID_ARGUMENT");
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["detail"], "no\n");
        assert_eq!(problem["reason"], "BAD {domain}");
        assert_eq!(problem["metadata"]["key"], "a\"b");
        let expected = serde_json::json!([{"pointer": "#/book/title", "detail": "too \"long\""}]);
        assert_eq!(problem["errors"], expected);
        assert_eq!(problem["details"], status["details"]);
    }
}
