//! A status in a header map: reading and rewriting `grpc-status`, `grpc-message` and `grpc-status-details-bin`.
//!
//! Handlers answer through tonic, which has encoded their status already; here it is read back, finished and written again, in
//! trailers-only headers as well as in trailers. Malformed values are no panic: they read as absent.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD_NO_PAD};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use protogate_transcode::Code;
use tonic::Status;

use super::render::{Finished, finish};
use crate::call::Call;

/// What marks a header map that holds a status.
pub(crate) const STATUS: &str = "grpc-status";
const MESSAGE: &str = "grpc-message";
const DETAILS: &str = "grpc-status-details-bin";

const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The code in a header map; `None` without `grpc-status`, UNKNOWN when it is malformed.
pub(crate) fn code(headers: &HeaderMap) -> Option<Code> {
    let value = headers.get(STATUS)?;
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    Some(number.and_then(Code::from_number).unwrap_or(Code::Unknown))
}

/// Where a status is found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'s> {
    /// In the head of a trailers-only answer, with the status that tonic keeps beside it; only that one knows the source of an error,
    /// and which of the headers are its metadata.
    Head(Option<&'s Status>),
    /// In trailers, which hold nothing but the status and its metadata.
    Trailers,
}

/// Finishes the status in a header map, if there is one that is not OK; returns its code.
pub(crate) fn rewrite(headers: &mut HeaderMap, call: &Call, place: Place<'_>) -> Option<Code> {
    let code = code(headers)?;
    if code == Code::Ok {
        return Some(code);
    }
    let finished = match place {
        Place::Head(Some(original)) => finish(original, call),
        _ => finish(&read(headers, code), call),
    };
    match place {
        Place::Head(Some(original)) if finished.is_replaced => {
            for name in original.metadata().as_ref().keys().filter(|name| *name != CONTENT_TYPE) {
                headers.remove(name);
            }
        }
        Place::Trailers if finished.is_replaced => headers.clear(),
        _ => {}
    }
    write(&finished, headers);
    Some(finished.code)
}

/// Writes a finished status, in place of the one that is there.
pub(crate) fn write(finished: &Finished, headers: &mut HeaderMap) {
    let Finished { code, message, details, .. } = finished;
    let code = tonic::Code::from_i32(code.number());
    let details = details.clone().encode(code, message);
    headers.remove(MESSAGE);
    headers.remove(DETAILS);
    headers.insert(STATUS, HeaderValue::from(code as i32));
    if !message.is_empty()
        && let Ok(value) = HeaderValue::from_str(&percent_encode(message))
    {
        headers.insert(MESSAGE, value);
    }
    if !details.is_empty()
        && let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(STANDARD_NO_PAD.encode(&details)))
    {
        headers.insert(DETAILS, value);
    }
}

/// The status in a header map, whose code has been read.
pub(crate) fn read(headers: &HeaderMap, code: Code) -> Status {
    let message = headers
        .get(MESSAGE)
        .map(|value| percent_encoding::percent_decode(value.as_bytes()).decode_utf8_lossy().into_owned());
    let details = headers.get(DETAILS).and_then(|value| ANY_PADDING.decode(value.as_bytes()).ok());
    Status::with_details(
        tonic::Code::from_i32(code.number()),
        message.unwrap_or_default(),
        Bytes::from(details.unwrap_or_default()),
    )
}

/// `grpc-message` as the gRPC specification writes it: everything but printable ASCII, and `%`, as `%XX` of its UTF-8 bytes.
fn percent_encode(message: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS.add(b'%');
    percent_encoding::utf8_percent_encode(message, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_percent_encoded() {
        assert_eq!(percent_encode("a b%c\r\n\0「x」"), "a b%25c%0D%0A%00%E3%80%8Cx%E3%80%8D");
    }

    #[test]
    fn a_replaced_status_has_no_metadata() {
        let call = Call::new(
            &crate::wire::recognise::Recognised::GRPC,
            &HeaderMap::new(),
            None,
            std::sync::Arc::default(),
        );
        for (status, kept) in [(Status::internal("canary"), false), (Status::not_found("x"), true)] {
            let mut status = status;
            status.metadata_mut().insert("x-shard", tonic::metadata::MetadataValue::from_static("db7"));
            let mut head =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/grpc"))]);
            status.add_header(&mut head).unwrap();
            rewrite(&mut head, &call, Place::Head(Some(&status)));
            assert!(head.contains_key(STATUS) && head.contains_key(CONTENT_TYPE), "{head:?}");
            assert_eq!(head.contains_key("x-shard"), kept, "{head:?}");
            let mut trailers = HeaderMap::new();
            status.add_header(&mut trailers).unwrap();
            rewrite(&mut trailers, &call, Place::Trailers);
            assert!(trailers.contains_key(STATUS));
            assert_eq!(trailers.contains_key("x-shard"), kept, "{trailers:?}");
        }
    }

    #[test]
    fn malformed_values_read_as_absent() {
        let headers = HeaderMap::from_iter([
            (http::HeaderName::from_static(STATUS), HeaderValue::from_static("99")),
            (http::HeaderName::from_static(DETAILS), HeaderValue::from_static("***")),
        ]);
        assert_eq!(code(&headers), Some(Code::Unknown));
        assert!(read(&headers, Code::Unknown).details().is_empty());
    }
}
