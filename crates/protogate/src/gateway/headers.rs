//! Request headers to metadata, and metadata to response headers.
//!
//! There is no trust boundary between gateway and handler, so whatever the layers let through is forwarded, apart from what belongs to
//! HTTP. Identity headers were dropped before (`layer::hygiene`); the detour by `grpc-metadata-` cannot bring them back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use protogate_transcode::format_grpc_timeout;
use tonic::metadata::MetadataMap;

use super::refusal::Refusal;
use crate::call::PeerAddr;
use crate::config::Compat;
use crate::json::parse_base64;
use crate::layer::deadline::Deadline;

/// The longest value that is forwarded, in bytes.
const MAX_VALUE: usize = 4 << 10;

/// Hop-by-hop headers and those that HTTP and gRPC themselves read.
const PROTOCOL: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-server-timeout",
];

/// What a client may not name by way of `grpc-metadata-`: identity, routing and protocol.
const PROTECTED_PREFIXES: &[&str] = &[
    "connect-",
    "forwarded",
    "grpc-",
    "grpcgateway-",
    "proxy-",
    "remote-user",
    "x-auth",
    "x-forwarded-",
    "x-protogate-",
    "x-request-id",
    "x-role",
    "x-user",
];

/// Metadata for the handler. Invalid base64 in a `-bin` header is refused.
pub(crate) fn to_metadata(
    headers: &HeaderMap,
    extensions: &http::Extensions,
    compat: Compat,
) -> Result<MetadataMap, Refusal> {
    let mut metadata = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let Some(name) = forwarded_name(name, headers) else { continue };
        let is_plain =
            value.as_bytes().iter().all(|byte| matches!(byte, 0x20..=0x7e)) && value.len() <= MAX_VALUE;
        if !is_plain {
            continue;
        }
        if name.as_str().ends_with("-bin") {
            for part in value.to_str().unwrap_or_default().split(',') {
                let bytes = parse_base64(part.trim()).ok_or_else(|| {
                    Refusal::invalid(
                        None,
                        format!("the header `{name}` does not hold base64; encode its value (RFC 4648)"),
                    )
                })?;
                if let Ok(value) = HeaderValue::from_str(&STANDARD_NO_PAD.encode(bytes)) {
                    metadata.append(name.clone(), value);
                }
            }
        } else {
            metadata.append(name, value.clone());
        }
    }
    forwarded_for(&mut metadata, headers, extensions);
    if compat == Compat::GrpcGateway {
        copy_permanent(&mut metadata, headers);
    }
    if let Some(deadline) = extensions.get::<Deadline>()
        && let Ok(value) = HeaderValue::from_str(&format_grpc_timeout(deadline.remaining()))
    {
        // As under native gRPC, where a handler finds the caller's timeout.
        metadata.insert("grpc-timeout", value);
    }
    Ok(MetadataMap::from_headers(metadata))
}

fn forwarded_name(name: &HeaderName, headers: &HeaderMap) -> Option<HeaderName> {
    let text = name.as_str();
    if let Some(inner) = text.strip_prefix("grpc-metadata-") {
        let is_protected = PROTECTED_PREFIXES.iter().any(|prefix| inner.starts_with(prefix))
            || PROTOCOL.contains(&inner)
            || inner.contains('_')
            || inner == "authorization"
            || headers.contains_key(inner);
        return if is_protected { None } else { HeaderName::from_bytes(inner.as_bytes()).ok() };
    }
    let is_protocol = PROTOCOL.contains(&text)
        || ["proxy-", "connect-", "grpc-"].iter().any(|prefix| text.starts_with(prefix));
    (!is_protocol).then(|| name.clone())
}

/// Headers that grpc-gateway hands on as `grpcgateway-<name>`: those of the IANA registry that say something to a handler.
const PERMANENT: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-language",
    "accept-ranges",
    "authorization",
    "cache-control",
    "content-type",
    "cookie",
    "date",
    "expect",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-schedule-tag-match",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "referer",
    "user-agent",
    "via",
    "warning",
];

fn copy_permanent(metadata: &mut HeaderMap, headers: &HeaderMap) {
    // What the caller calls so is not what the gateway says.
    let forged: Vec<_> =
        metadata.keys().filter(|name| name.as_str().starts_with("grpcgateway-")).cloned().collect();
    for name in forged {
        metadata.remove(name);
    }
    for name in PERMANENT {
        for value in headers.get_all(*name) {
            if let (Ok(name), Ok(_)) = (HeaderName::try_from(format!("grpcgateway-{name}")), value.to_str()) {
                metadata.append(name, value.clone());
            }
        }
    }
}

/// Appends the peer to `x-forwarded-for`, and names the host the client asked for.
fn forwarded_for(metadata: &mut HeaderMap, headers: &HeaderMap, extensions: &http::Extensions) {
    if let Some(PeerAddr(peer)) = extensions.get::<PeerAddr>() {
        let earlier: Vec<_> =
            metadata.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        let mut hops = earlier.join(", ");
        if !hops.is_empty() {
            hops.push_str(", ");
        }
        hops.push_str(&peer.ip().to_string());
        if let Ok(value) = HeaderValue::from_str(&hops) {
            metadata.insert("x-forwarded-for", value);
        }
    }
    if let (false, Some(host)) = (metadata.contains_key("x-forwarded-host"), headers.get(http::header::HOST))
    {
        metadata.insert("x-forwarded-host", host.clone());
    }
}

/// Response headers of a successful call, and the HTTP status that `x-http-code` asks for.
pub(crate) fn from_metadata(metadata: MetadataMap, compat: Compat) -> (HeaderMap, StatusCode) {
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    for (name, value) in &metadata.into_headers() {
        if name == "x-http-code" {
            let wanted = value.to_str().ok().and_then(|text| text.parse::<u16>().ok());
            let wanted = wanted.filter(|code| (200..400).contains(code));
            status = wanted.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(status);
        } else if is_set_by_http(name.as_str()) {
            // Not the handler's to say.
        } else if compat == Compat::GrpcGateway {
            if let Ok(name) = HeaderName::try_from(format!("grpc-metadata-{name}")) {
                headers.append(name, value.clone());
            }
        } else {
            headers.append(name.clone(), value.clone());
        }
    }
    (headers, status)
}

fn is_set_by_http(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "content-length"
            | "content-type"
            | "date"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    ) || name.starts_with("grpc-")
        || name.starts_with("proxy-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(pairs: &[(&'static str, &str)]) -> Result<Vec<String>, Refusal> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let metadata = to_metadata(&headers, &http::Extensions::new(), Compat::None)?.into_headers();
        let mut lines: Vec<_> =
            metadata.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        Ok(lines)
    }

    #[test]
    fn headers_become_metadata() {
        let lines = forward(&[
            ("authorization", "Bearer x"),
            ("x-trace", "1"),
            ("x-trace", "2"),
            ("content-type", "application/json"),
            ("grpc-timeout", "1S"),
            ("connection", "close"),
            ("x-raw", "\u{e9}"),
            ("key-bin", "_-8="),
            ("grpc-metadata-x-tenant", "t"),
            ("grpc-metadata-authorization", "Bearer y"),
            ("grpc-metadata-x-user-id", "root"),
        ]);
        let expected = ["authorization: Bearer x", "key-bin: /+8", "x-tenant: t", "x-trace: 1", "x-trace: 2"];
        assert_eq!(lines.unwrap(), expected);
        assert!(forward(&[("key-bin", "a")]).is_err());
    }

    #[test]
    fn metadata_becomes_headers() {
        let mut metadata = MetadataMap::new();
        metadata.insert("x-http-code", "201".parse().unwrap());
        metadata.insert("location", "/v1/books/1".parse().unwrap());
        metadata.insert("grpc-secret", "no".parse().unwrap());
        metadata.insert("content-length", "7".parse().unwrap());
        let (headers, status) = from_metadata(metadata, Compat::None);
        assert_eq!(status, 201);
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["location"], "/v1/books/1");
    }
}
