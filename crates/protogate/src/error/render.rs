//! The one place that answers a failure in the caller's protocol and language.
//!
//! Every status, from a layer, the gateway or a handler, is *finished* here: details that are not listed are dropped, INTERNAL and
//! UNKNOWN get a fixed text (the original goes to the log), the text of the catalogue is added in the caller's language, and the
//! request id. Then it becomes trailers (gRPC, and what `wire` makes of them for gRPC-Web and Connect) or a JSON body with the HTTP
//! status of the catalogue or of the code (REST).

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use protogate_transcode::Code;
use tonic::Status;
use tonic_types::pb;

use super::details::{self, Details};
use super::text::safe_value;
use super::{ErrorCatalog, ErrorSpec, code_of, form, grpc, locale, text};
use crate::call::{Call, Protocol};
use crate::config::ErrorFormat;
use crate::layer::body_limit::ContentFault;
use crate::service::Body;
use crate::wire::recognise::Recognised;

/// What callers read in place of the message of an INTERNAL or UNKNOWN status.
pub(crate) const INTERNAL_TEXT: &str = "internal error";

/// The longest original message that is written to the log, in bytes.
const MAX_LOGGED: usize = 1024;

const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// The catalogues of all mounted services, and what else may leave the process.
#[derive(Debug, Default)]
pub(crate) struct Renderer {
    catalogs: HashMap<&'static str, Vec<&'static ErrorCatalog>>,
    detail_types: Vec<String>,
    /// How REST says it to a caller that asks for nothing else.
    pub(crate) error_format: ErrorFormat,
    problem_type: String,
}

/// What rendering needs to know of a request. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RenderContext {
    call: Arc<Call>,
}

/// Marks a response that has been finished; carries its code for the access log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendered(pub(crate) Code);

/// The HTTP status of a Connect answer that belongs to the protocol rather than to the code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpStatus(pub(crate) StatusCode);

/// A status as it leaves the process.
pub(crate) struct Finished {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) details: Details,
    pub(crate) http_status: StatusCode,
    /// The text was replaced: nothing else of the status may leave the process either, such as its metadata.
    pub(crate) is_replaced: bool,
}

impl Renderer {
    /// A renderer for these catalogues. `detail_types` are full names of further messages that statuses may carry.
    pub(crate) fn new(
        catalogs: impl IntoIterator<Item = &'static ErrorCatalog>,
        detail_types: Vec<String>,
    ) -> Self {
        let mut by_domain: HashMap<_, Vec<_>> = HashMap::new();
        for catalog in catalogs {
            by_domain.entry(catalog.domain).or_default().push(catalog);
        }
        Self { catalogs: by_domain, detail_types, ..Self::default() }
    }

    /// The same with the form of REST's errors, and the template for the `type` of problem details.
    pub(crate) fn with_form(self, error_format: ErrorFormat, problem_type: String) -> Self {
        Self { error_format, problem_type, ..self }
    }

    fn find(&self, info: &pb::ErrorInfo) -> Option<&'static ErrorSpec> {
        self.catalogs.get(info.domain.as_str())?.iter().find_map(|catalog| catalog.find(&info.reason))
    }
}

impl RenderContext {
    /// The context of a request in the stack. Outside of it: REST, default language, no request id.
    pub(crate) fn of(extensions: &http::Extensions) -> Self {
        match Call::of(extensions) {
            Some(call) => Self::from(call),
            None => Self {
                call: Arc::new(Call::new(
                    &Recognised::REST,
                    &http::HeaderMap::new(),
                    None,
                    Arc::new(Renderer::default()),
                )),
            },
        }
    }
}

impl RenderContext {
    /// Takes note of a panic in the body of the answer.
    pub(crate) fn note_panic(&self) {
        // One is counted.
        let _ = self.call.has_panicked.set(());
    }
}

impl From<&Arc<Call>> for RenderContext {
    fn from(call: &Arc<Call>) -> Self {
        Self { call: Arc::clone(call) }
    }
}

/// Answers `status` in the caller's protocol.
pub(crate) fn respond(status: &Status, context: &RenderContext) -> Response<Body> {
    respond_with_status(status, None, context)
}

/// Like [`respond`], with an HTTP status that belongs to the protocol rather than to the code, such as 404, 405 or 415. gRPC has no
/// form for one: there it is answered as REST.
pub(crate) fn respond_with_status(
    status: &Status,
    http_status: Option<StatusCode>,
    context: &RenderContext,
) -> Response<Body> {
    match (context.call.protocol, http_status) {
        (Protocol::Grpc | Protocol::GrpcWeb, None) => trailers_only(status, context),
        (Protocol::Connect, _) => {
            let mut response = trailers_only(status, context);
            if let Some(http_status) = http_status {
                response.extensions_mut().insert(HttpStatus(http_status));
            }
            response
        }
        _ => rest_with_status(status, http_status, context),
    }
}

fn trailers_only(status: &Status, context: &RenderContext) -> Response<Body> {
    let finished = finish(status, &context.call);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    grpc::write(&finished, headers);
    response.extensions_mut().insert(Rendered(finished.code));
    response
}

/// Answers `status` as REST, in the caller's form: with the HTTP status of the catalogue or the code, or with one that belongs to the
/// protocol, such as 404, 405, 412, 413 or 415.
pub(crate) fn rest_with_status(
    status: &Status,
    http_status: Option<StatusCode>,
    context: &RenderContext,
) -> Response<Body> {
    let finished = finish(status, &context.call);
    let call = &context.call;
    let fault = ContentFault::of(status).map(ContentFault::http_status);
    let http_status = http_status.or(fault).unwrap_or(finished.http_status);
    let text = form::print(&finished, call.error_format, http_status.as_u16(), &call.renderer.problem_type);
    let content = Bytes::from(text);
    let length = content.len();
    // The answer to HEAD has the headers of the answer to GET, and no content.
    let is_head = call.is_head.get().is_some();
    let mut response =
        Response::new(if is_head { Body::empty() } else { Body::new(http_body_util::Full::new(content)) });
    *response.status_mut() = http_status;
    let headers = response.headers_mut();
    if !finished.is_replaced {
        for (name, value) in &status.metadata().clone().into_headers() {
            if !is_protocol_header(name) {
                headers.append(name, value.clone());
            }
        }
    }
    headers.insert(CONTENT_TYPE, form::media_type(call.error_format));
    headers.append(VARY, HeaderValue::from(ACCEPT));
    if is_head {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
    if finished.code == Code::Unauthenticated && !headers.contains_key(WWW_AUTHENTICATE) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(info) = finished.details.get::<pb::RetryInfo>()
        && let Some(seconds) = details::retry_after_seconds(&info)
    {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(Rendered(finished.code));
    response
}

/// The JSON of `status` alone, on one line, for the error event of a stream; its code becomes the code of the call.
pub(crate) fn rest_json(status: &Status, context: &RenderContext) -> String {
    let finished = finish(status, &context.call);
    // The first failure is the one that ended the stream.
    let _ = context.call.late_code.set(finished.code);
    form::status(&finished)
}

/// Whether metadata of this name belongs to the protocol and is not sent as a header of a REST answer.
fn is_protocol_header(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "content-type"
            | "content-length"
            | "transfer-encoding"
            | "connection"
            | "trailer"
            | "upgrade"
            | "date"
    ) || name.as_str().starts_with("grpc-")
}

/// Makes a status ready to leave the process. See the head of this file.
pub(crate) fn finish(status: &Status, call: &Call) -> Finished {
    let code = code_of(status);
    let mut details = Details::decode(status.details());
    details.retain_listed(&call.renderer.detail_types);
    let info = details.get::<pb::ErrorInfo>();
    let spec = info.as_ref().and_then(|info| call.renderer.find(info));
    let mut message = safe_value(status.message(), MAX_LOGGED);
    let is_replaced = matches!(code, Code::Internal | Code::Unknown) && spec.is_none();
    if is_replaced {
        log_original(status, call);
        INTERNAL_TEXT.clone_into(&mut message);
        details = Details::default();
    }
    if let (Some(info), Some(spec)) = (&info, spec)
        && !details.has::<pb::LocalizedMessage>()
        && let Some((locale, text)) = locale::negotiate(call.languages(), spec.texts)
    {
        let value = |name: &str| info.metadata.get(name).map(String::as_str);
        details.push(&pb::LocalizedMessage { locale: locale.to_owned(), message: text::fill(text, value) });
    }
    if let Some(ids) = call.ids.get()
        && !details.has::<pb::RequestInfo>()
    {
        let request_id = ids.request_id.as_str().to_owned();
        details.push(&pb::RequestInfo { request_id, serving_data: String::new() });
    }
    let own_status = spec.filter(|spec| spec.grpc_code == code).map(|spec| spec.http_status);
    let http_status = own_status
        .filter(|status| (400..600).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .or_else(|| StatusCode::from_u16(code.http_status()).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Finished { code, message, details, http_status, is_replaced }
}

/// Writes what the caller does not read to the log, with the ids of the call.
fn log_original(status: &Status, call: &Call) {
    let mut detail = status.message().to_owned();
    let mut source = std::error::Error::source(status);
    while let Some(cause) = source {
        detail.push_str(": ");
        detail.push_str(&cause.to_string());
        source = cause.source();
    }
    let detail = safe_value(&detail, MAX_LOGGED);
    let req_id = call.ids.get().map_or("", |ids| ids.request_id.as_str());
    tracing::error!(req_id, code = code_of(status).name(), detail, "internal detail of a status");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_text_is_fixed_and_details_are_dropped() {
        let context = RenderContext::of(&http::Extensions::new());
        let mut details = Details::default();
        details.push(&pb::ErrorInfo { reason: "SQL".into(), domain: "db".into(), metadata: HashMap::new() });
        let bytes = details.encode(tonic::Code::Internal, "x");
        let status = Status::with_details(tonic::Code::Internal, "/srv/db.rs: SELECT secret", bytes);
        let text = rest_json(&status, &context);
        assert_eq!(text, r#"{"code":13,"message":"internal error","details":[]}"#);
        let mut status = status;
        status.metadata_mut().insert("x-shard", tonic::metadata::MetadataValue::from_static("db7"));
        assert!(!rest_with_status(&status, None, &context).headers().contains_key("x-shard"));
        let mut status = Status::not_found("no such book");
        status.metadata_mut().insert("x-shelf", tonic::metadata::MetadataValue::from_static("7"));
        assert_eq!(rest_with_status(&status, None, &context).headers()["x-shelf"], "7");
    }

    #[test]
    fn rest_answers_have_the_headers_of_their_code() {
        let context = RenderContext::of(&http::Extensions::new());
        let response =
            rest_with_status(&Status::unauthenticated("invalid or missing credentials"), None, &context);
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let mut details = Details::default();
        details.push(&details::retry_info(std::time::Duration::from_millis(1500)));
        let bytes = details.encode(tonic::Code::ResourceExhausted, "slow down");
        let status = Status::with_details(tonic::Code::ResourceExhausted, "slow down", bytes);
        let response = rest_with_status(&status, None, &context);
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
    }
}
