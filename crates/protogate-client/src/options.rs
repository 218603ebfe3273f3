//! What accompanies a call: metadata, deadline, size limit.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue, BinaryMetadataKey, MetadataMap, MetadataValue};

use crate::error::Error;

/// Largest answer that is accepted unless told otherwise: 16 MiB, what protogate servers send at most.
const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// What accompanies a call.
#[derive(Clone)]
pub struct CallOptions {
    pub(crate) metadata: MetadataMap,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_message_bytes: usize,
}

impl fmt::Debug for CallOptions {
    // Values may be credentials: only names are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("metadata", &self.metadata.as_ref().keys().collect::<Vec<_>>())
            .field("deadline", &self.deadline)
            .field("max_message_bytes", &self.max_message_bytes)
            .finish()
    }
}

impl Default for CallOptions {
    /// No metadata, no deadline, answers of at most 16 MiB.
    fn default() -> Self {
        Self { metadata: MetadataMap::new(), deadline: None, max_message_bytes: MAX_MESSAGE_BYTES }
    }
}

impl CallOptions {
    /// Adds a header; a name that ends in `-bin` takes its value in base64.
    ///
    /// # Errors
    /// When the name or the value is not one that gRPC can carry. The message never holds the value.
    pub fn with_metadata(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with("grpc-") || name.starts_with(':') || name == "content-type" || name == "te" {
            return Err(Error::usage(format!("header `{name}` belongs to the protocol and cannot be set")));
        }
        let bad_name = || {
            Error::usage(format!("`{name}` is no header name: letters, digits, `-`, `_` and `.` are allowed"))
        };
        if name.ends_with("-bin") {
            let key = BinaryMetadataKey::from_bytes(name.as_bytes()).map_err(|_| bad_name())?;
            let bytes = STANDARD.decode(value.trim()).map_err(|_| {
                Error::usage(format!(
                    "the value of header `{name}` is not base64, which names in `-bin` need"
                ))
            })?;
            self.metadata.append_bin(key, MetadataValue::from_bytes(&bytes));
        } else {
            let key = AsciiMetadataKey::from_bytes(name.as_bytes()).map_err(|_| bad_name())?;
            let mut value = AsciiMetadataValue::try_from(value.trim()).map_err(|_| {
                Error::usage(format!(
                    "the value of header `{name}` holds characters that a header cannot carry"
                ))
            })?;
            value.set_sensitive(matches!(key.as_str(), "authorization" | "cookie" | "x-api-key"));
            self.metadata.append(key, value);
        }
        Ok(self)
    }

    /// Gives the call this long, connection and answer included; sent to the server as `grpc-timeout`.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Accepts answers up to this many bytes.
    #[must_use]
    pub fn with_max_message_bytes(mut self, bytes: usize) -> Self {
        self.max_message_bytes = bytes;
        self
    }

    pub(crate) fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        *request.metadata_mut() = self.metadata.clone();
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::CallOptions;

    #[test]
    fn metadata_is_checked_and_never_shown() {
        let options = CallOptions::default().with_metadata("Authorization", "Bearer s3cret").unwrap();
        assert!(!format!("{options:?}").contains("s3cret"));
        for (name, value) in [
            ("grpc-timeout", "1S"),
            ("a b", "x"),
            ("", "x"),
            ("x-bin", "s3cret!"),
            (":path", "/"),
            ("x", "s3\ncret"),
        ] {
            let error = CallOptions::default().with_metadata(name, value).unwrap_err().to_string();
            assert!(!error.contains("cret"), "{error}");
        }
        assert!(CallOptions::default().with_metadata("trace-bin", "AAEC").is_ok());
        assert!(CallOptions::default().with_metadata("x", " surrounded by blanks ").is_ok());
    }
}
