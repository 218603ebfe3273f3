//! The reply of a unary call: JSON of the message or of its `response_body`, or the bytes of a `google.api.HttpBody`.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use tonic::metadata::MetadataMap;

use super::binding::Bound;
use super::condition;
use super::refusal::Refusal;
use super::settings::RestSettings;
use super::{headers, operation};
use crate::config::Operations;
use crate::json::{self, Fields, Kind, ValueRef, View, WriteOptions, Writer};
use crate::service::Body;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `x-content-type-options: nosniff`: a browser must not guess a type from the bytes.
pub(crate) fn nosniff(headers: &mut HeaderMap) {
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
}

/// The reply of a successful unary call to `request`.
pub(crate) fn reply(
    metadata: MetadataMap,
    value: ValueRef<'_>,
    kind: Kind,
    bound: &Bound,
    settings: &RestSettings,
    request: &Parts,
) -> Result<Response<Body>, Refusal> {
    let (mut response_headers, mut status) = headers::from_metadata(metadata, settings.compat);
    nosniff(&mut response_headers);
    let places = &bound.reply_etags;
    if status == StatusCode::OK
        && condition::tag_reply(value, places, &request.method, &request.headers, &mut response_headers)
    {
        status = StatusCode::NOT_MODIFIED;
    }
    if status == StatusCode::OK
        && settings.operations == Operations::Accepted
        && operation::is_accepted(value, &mut response_headers)
    {
        status = StatusCode::ACCEPTED;
    }
    let has_content = !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if !has_content {
        return Ok(answer(status, response_headers, Body::empty()));
    }
    let (media_type, content) = if bound.raw_reply {
        raw(value, bound)?
    } else {
        (JSON, Bytes::from(print(value, kind, bound.response, settings.write)?))
    };
    response_headers.insert(CONTENT_TYPE, media_type);
    response_headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    let is_head = request.method == Method::HEAD;
    let body = if is_head { Body::empty() } else { Body::new(Full::new(content)) };
    Ok(answer(status, response_headers, body))
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// JSON of a message, or of the field of it that is the reply.
pub(crate) fn print(
    value: ValueRef<'_>,
    kind: Kind,
    response_body: Option<usize>,
    options: WriteOptions,
) -> Result<Vec<u8>, Refusal> {
    let mut writer = Writer::new(options, json::types_of(kind));
    let printed = match (value, response_body) {
        (ValueRef::Message(message), Some(index)) => json::write_field(message, index, &mut writer),
        (value, _) => json::write_value(value, kind, &mut writer),
    };
    match printed {
        Ok(()) => Ok(writer.into_bytes()),
        Err(error) => Err(Refusal::internal(&format!("the reply cannot be printed as JSON: {error}"))),
    }
}

/// Media type and bytes of a `google.api.HttpBody`.
pub(crate) fn raw(value: ValueRef<'_>, bound: &Bound) -> Result<(HeaderValue, Bytes), Refusal> {
    let ValueRef::Message(message) = value else { return Ok((octet_stream(), Bytes::new())) };
    match bound.response.map(|index| message.view(index)) {
        None => raw_of(message),
        Some(View::One(ValueRef::Message(inner))) => raw_of(inner),
        Some(_) => Ok((octet_stream(), Bytes::new())),
    }
}

fn octet_stream() -> HeaderValue {
    HeaderValue::from_static("application/octet-stream")
}

fn raw_of(body: &dyn Fields) -> Result<(HeaderValue, Bytes), Refusal> {
    let (mut media_type, mut data) = (octet_stream(), Bytes::new());
    for (index, field) in body.table().fields.iter().enumerate() {
        match (field.name, body.view(index)) {
            ("content_type", View::One(ValueRef::Str(text))) if !text.is_empty() => {
                media_type = HeaderValue::from_str(text).map_err(|_| {
                    Refusal::internal("the `content_type` of the HttpBody is no header value")
                })?;
            }
            ("data", View::One(ValueRef::Bytes(bytes))) => data = Bytes::copy_from_slice(bytes),
            _ => {}
        }
    }
    Ok((media_type, data))
}
