//! The query of a Connect GET: `encoding`, `message`, and how the message is packed.
//!
//! Other parameters are allowed and not looked at, so that a caller may add one to pass by a cache.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use tonic::Status;

use super::super::codec::Codec;
use super::super::gzip;
use crate::gateway::refusal::Refusal;
use crate::json::{parse_base64, quote};

/// A message in a query.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::wire) struct Query {
    pub(in crate::wire) codec: Codec,
    pub(in crate::wire) message: Bytes,
    /// The caller has said `connect=v1`.
    pub(in crate::wire) has_version: bool,
}

/// Reads a query.
///
/// # Errors
/// A parameter that is missing, given twice or malformed; an encoding or compression that is not supported; a message beyond `limit`.
pub(in crate::wire) fn read(query: &str, limit: usize) -> Result<Query, Refusal> {
    let names = ["encoding", "message", "base64", "compression", "connect"];
    let mut values: [Option<Cow<'_, [u8]>>; 5] = Default::default();
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let Some(at) = names.iter().position(|known| *known == name) else { continue };
        if values[at].is_some() {
            return Err(Refusal::parameter(name, "the parameter is given twice; give it once"));
        }
        let decoded = decode(value).ok_or_else(|| {
            Refusal::parameter(name, "malformed percent-encoding; expected `%` and two digits")
        })?;
        values[at] = Some(decoded);
    }
    let [encoding, message, base64, compression, version] = values;
    let codec = match encoding.as_deref() {
        Some(b"json") => Codec::Json,
        Some(b"proto") => Codec::Proto,
        Some(other) => {
            let text = format!("unknown encoding `{}`; expected `json` or `proto`", shown(other));
            return Err(Refusal::invalid(Some(StatusCode::UNSUPPORTED_MEDIA_TYPE), text));
        }
        None => return Err(Refusal::parameter("encoding", "missing; expected `json` or `proto`")),
    };
    if version.as_deref().is_some_and(|version| version != b"v1") {
        return Err(Refusal::parameter("connect", "unknown version; expected `v1`"));
    }
    let message = message.ok_or_else(|| Refusal::parameter("message", "missing; expected the message"))?;
    let message: Bytes = match base64.as_deref() {
        None | Some(b"" | b"0") => message.into_owned().into(),
        Some(b"1") => std::str::from_utf8(&message)
            .ok()
            .and_then(parse_base64)
            .ok_or_else(|| Refusal::parameter("message", "not base64; expected RFC 4648 section 5"))?
            .into(),
        Some(_) => return Err(Refusal::parameter("base64", "expected `1`")),
    };
    let message = match compression.as_deref() {
        None | Some(b"" | b"identity") => message,
        Some(b"gzip") if message.is_empty() => message,
        Some(b"gzip") => gzip::inflate(&message, limit)?,
        Some(other) => return Err(unsupported(&shown(other)).into()),
    };
    if message.len() > limit {
        return Err(gzip::too_large(limit).into());
    }
    Ok(Query { codec, message, has_version: version.is_some() })
}

/// The refusal of an encoding that is not built in.
pub(in crate::wire) fn unsupported(found: &str) -> Status {
    Status::unimplemented(format!("unknown compression `{found}`; supported: {}", gzip::SUPPORTED))
}

fn shown(bytes: &[u8]) -> String {
    quote(&String::from_utf8_lossy(bytes))
}

/// Percent-decodes a value, with `+` for a space. It need not be text. `None` for a malformed escape.
fn decode(value: &str) -> Option<Cow<'_, [u8]>> {
    if !value.contains(['%', '+']) {
        return Some(Cow::Borrowed(value.as_bytes()));
    }
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    let digit = |bytes: &mut std::str::Bytes<'_>| {
        let digit = char::from(bytes.next()?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => digit(&mut bytes)? << 4 | digit(&mut bytes)?,
            other => other,
        });
    }
    Some(Cow::Owned(decoded))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn percent(bytes: &[u8]) -> String {
        percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    proptest! {
        #[test]
        fn a_message_arrives_however_it_is_packed(
            message in vec(any::<u8>(), 0..200),
            packed: bool,
            base64 in 0..3_u8,
            order in Just(vec![0, 1, 2, 3, 4]).prop_shuffle(),
        ) {
            let content = if packed { gzip::deflate(&message).to_vec() } else { message.clone() };
            let text = match base64 {
                0 => percent(&content),
                1 => URL_SAFE_NO_PAD.encode(&content),
                _ => percent(URL_SAFE.encode(&content).as_bytes()),
            };
            let parts = [
                "encoding=proto".to_owned(),
                format!("message={text}"),
                if base64 > 0 { "base64=1".to_owned() } else { "x=1".to_owned() },
                if packed { "compression=gzip".to_owned() } else { "x".to_owned() },
                "connect=v1".to_owned(),
            ];
            let query: Vec<_> = order.iter().map(|at| parts[*at].as_str()).collect();
            let found = read(&query.join("&"), 200).unwrap();
            prop_assert_eq!(found.message, message);
            prop_assert!(found.has_version && found.codec == Codec::Proto);
        }

        #[test]
        fn hostile_queries_are_refusals(query in "((encoding|message|base64|compression|connect)=[a-z0-9%+=&]{0,6}&?){0,5}") {
            if let Err(refusal) = read(&query, 100) {
                prop_assert_ne!(refusal.into_status().code(), tonic::Code::Internal);
            }
        }
    }

    #[test]
    fn queries_are_checked() {
        use tonic::Code::{InvalidArgument, ResourceExhausted, Unimplemented};
        for (query, code) in [
            ("message=%7B%7D", InvalidArgument),
            ("encoding=json", InvalidArgument),
            ("encoding=xml&message=", InvalidArgument),
            ("encoding=json&message=&message=", InvalidArgument),
            ("encoding=json&message=%7", InvalidArgument),
            ("encoding=json&message=%+1", InvalidArgument),
            ("encoding=json&message=&connect=v2", InvalidArgument),
            ("encoding=json&message=*&base64=1", InvalidArgument),
            ("encoding=json&message=&base64=2", InvalidArgument),
            ("encoding=json&message=e30&compression=gzip", InvalidArgument),
            ("encoding=json&message=e30&compression=br", Unimplemented),
            ("encoding=json&message=0123456789a", ResourceExhausted),
        ] {
            assert_eq!(read(query, 10).unwrap_err().into_status().code(), code, "{query}");
        }
        let found = read("message=a+b%2B&encoding=json&compression=identity&base64=0", 10).unwrap();
        assert_eq!((found.message, found.has_version), (Bytes::from_static(b"a b+"), false));
        assert_eq!(read("encoding=json&message=&compression=gzip", 10).unwrap().message, Bytes::new());
    }
}
