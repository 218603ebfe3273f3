//! `[rest]`: how REST calls are read and answered.
//!
//! `compat` changes what the keys are that nobody has set, and some things that have no key of their own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::setting;

/// `[rest]`: how REST calls are read and answered.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RestConfig {
    /// Query parameters that the request message does not have. Default `reject`: a misspelt one should not be dropped silently.
    pub unknown_query: UnknownInput,
    /// JSON fields and enum names that the message does not have. Default `reject`, for the same reason.
    pub unknown_json: UnknownInput,
    /// Query parameters that are always ignored, by exact name. Default none.
    pub ignored_query: Vec<String>,
    /// A slash at the end of a path. Default `strict`: two paths are two resources.
    pub trailing_slash: TrailingSlash,
    /// Print scalars, lists and maps also when they are at their default. Default true: clients in JavaScript trip over missing zeros.
    pub always_print_fields_with_no_presence: bool,
    /// Print proto names instead of JSON names. Default false.
    pub proto_names: bool,
    /// Print enum values as numbers. Default false.
    pub enum_as_int: bool,
    /// Print over several lines. Default false.
    pub pretty: bool,
    /// The form of errors. Default `status`. A caller that names `application/problem+json` in `accept` gets that one whatever stands here.
    pub error_format: ErrorFormat,
    /// The `type` of problem details for errors with an `ErrorInfo`; `{domain}` and `{reason}` stand for what it says. Default
    /// `https://{domain}/errors/{reason}`.
    pub problem_type: String,
    /// Take `x-http-method-override` in a POST: GET, PUT, PATCH or DELETE. Default false: a proxy in front that has rules by method
    /// would be passed by.
    pub method_override: bool,
    /// How an operation that is not done is answered. Default `ok`.
    pub operations: Operations,
    /// Behave as another gateway does. Default `none`.
    pub compat: Compat,
    /// Silence after which an event stream sends a comment, 1 s to 1 h. Default 15 s.
    #[serde(with = "setting")]
    pub stream_keep_alive: Duration,
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            unknown_query: UnknownInput::Reject,
            unknown_json: UnknownInput::Reject,
            ignored_query: Vec::new(),
            trailing_slash: TrailingSlash::Strict,
            always_print_fields_with_no_presence: true,
            proto_names: false,
            enum_as_int: false,
            pretty: false,
            error_format: ErrorFormat::Status,
            problem_type: "https://{domain}/errors/{reason}".to_owned(),
            method_override: false,
            operations: Operations::Ok,
            compat: Compat::None,
            stream_keep_alive: Duration::from_secs(15),
        }
    }
}

impl RestConfig {
    /// Gives the keys that nobody has set the values of `compat`.
    pub(super) fn complete(&mut self, is_set: impl Fn(&str) -> bool) {
        if self.compat == Compat::None {
            return;
        }
        if !is_set("unknown_query") {
            self.unknown_query = UnknownInput::Ignore;
        }
        if !is_set("unknown_json") {
            self.unknown_json = UnknownInput::Ignore;
        }
    }

    /// What is wrong: key and message.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let (low, high) = (Duration::from_secs(1), Duration::from_secs(3600));
        if !(low..=high).contains(&self.stream_keep_alive) {
            return Err(("stream_keep_alive", "expected 1s to 1h".to_owned()));
        }
        let bare = self.problem_type.replace("{domain}", "d").replace("{reason}", "r");
        if bare.is_empty() || !bare.bytes().all(is_uri_character) {
            let message = "expected a URI in which `{domain}` and `{reason}` may stand, such as `https://{domain}/errors/{reason}`";
            return Err(("problem_type", message.to_owned()));
        }
        Ok(())
    }
}

/// RFC 3986, section 2.
const fn is_uri_character(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b';' | b'=' | b'?'..=b'Z' | b'[' | b']' | b'_' | b'a'..=b'z' | b'~')
}

/// What happens to input that the contract does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownInput {
    /// The call is refused with INVALID_ARGUMENT.
    Reject,
    /// It is skipped.
    Ignore,
}

/// What a slash at the end of a REST path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TrailingSlash {
    /// One more, empty segment.
    Strict,
    /// Nothing.
    Ignore,
}

/// The JSON of an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorFormat {
    /// `google.rpc.Status`: `{"code": 5, "message": "…", "details": […]}`.
    #[default]
    Status,
    /// AIP-193: `{"error": {"code": 404, "message": "…", "status": "NOT_FOUND", "details": […]}}`.
    Aip193,
    /// RFC 9457, `application/problem+json`.
    Problem,
}

/// How a `google.longrunning.Operation` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operations {
    /// 200.
    Ok,
    /// While it is not done: 202, with `location: /v1/{name}` and `retry-after`.
    Accepted,
}

/// Another gateway's ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compat {
    /// Protogate's own.
    None,
    /// Those of grpc-gateway v2.
    GrpcGateway,
}
