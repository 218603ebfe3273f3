//! Where the server is: `host:port`, with or without `http://`.
//!
//! The client speaks plaintext HTTP/2 only, so an `https` address is refused instead of being downgraded in silence.

use std::fmt;

use http::Uri;

use crate::error::Error;

/// Address of a plaintext gRPC server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    authority: String,
    uri: Uri,
}

impl Target {
    /// Reads `host:port`, `http://host:port`, `[::1]:port` or a bare `:port` (this machine).
    ///
    /// # Errors
    /// When the address is no such thing, lacks its port, or asks for TLS.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("https://") || lower.starts_with("grpcs://") {
            return Err(Error::usage(format!(
                "`{text}` asks for TLS, which this client does not speak yet; use a plaintext port such as `127.0.0.1:8080`, or a local proxy that ends TLS"
            )));
        }
        let rest = ["http://", "grpc://"]
            .iter()
            .find(|scheme| lower.starts_with(**scheme))
            .map_or(text, |scheme| &text[scheme.len()..])
            .trim_end_matches('/');
        let authority = if rest.starts_with(':') { format!("127.0.0.1{rest}") } else { rest.to_owned() };
        let wrong = || {
            Error::usage(format!(
                "`{text}` is no server address: expected `host:port`, such as `127.0.0.1:8080`"
            ))
        };
        let uri: Uri = format!("http://{authority}").parse().map_err(|_| wrong())?;
        let parsed = uri.authority().ok_or_else(wrong)?;
        if parsed.as_str() != authority || parsed.port_u16().is_none() || authority.contains('@') {
            return Err(wrong());
        }
        Ok(Self { authority, uri })
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::Target;
    use crate::ErrorKind;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("localhost:50051", "localhost:50051"),
            ("http://10.0.0.1:80", "10.0.0.1:80"),
            ("HTTP://a:1/", "a:1"),
            ("[::1]:8080", "[::1]:8080"),
            (":8080", "127.0.0.1:8080"),
        ] {
            assert_eq!(Target::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in
            ["localhost", "", "https://a:1", "a:1/path", "user:pw@a:1", "a:b", "a b:1", "a:1?x", "a:99999"]
        {
            assert_eq!(Target::parse(text).unwrap_err().kind(), ErrorKind::Usage, "{text}");
        }
    }
}
