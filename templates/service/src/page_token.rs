//! Page tokens: opaque to callers, checked on the way in (AIP-158).
//!
//! A token holds the last key of the page and what the list was restricted to. It is no secret and not signed: it reaches
//! nothing that its bearer may not list anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use tonic::Status;

use crate::api::ErrorReason;
use crate::fields;

#[derive(Clone, PartialEq, Message)]
struct PageToken {
    #[prost(string, tag = "1")]
    after: String,
    #[prost(string, tag = "2")]
    key_prefix: String,
}

/// The token of the page after `after`.
pub(crate) fn print(after: &str, key_prefix: &str) -> String {
    let token = PageToken { after: after.to_owned(), key_prefix: key_prefix.to_owned() };
    URL_SAFE_NO_PAD.encode(token.encode_to_vec())
}

/// The key to go on after; `None` for the first page.
pub(crate) fn parse(token: &str, key_prefix: &str) -> Result<Option<String>, Status> {
    if token.is_empty() {
        return Ok(None);
    }
    let decoded =
        URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| PageToken::decode(bytes.as_slice()).ok());
    match decoded {
        Some(decoded)
            if decoded.key_prefix == key_prefix
                && fields::check_name("page_token", &decoded.after).is_ok() =>
        {
            Ok(Some(decoded.after))
        }
        _ => Err(ErrorReason::page_token_invalid()
            .field_violation("page_token", "does not belong to this list")
            .into()),
    }
}
