//! The request's id and its place in a distributed trace.
//!
//! A caller's `x-request-id` is kept when it is well-formed; `traceparent` (W3C Trace Context, level 1) is continued when it is.
//! Both are for finding things in logs and are never used for decisions. The id goes back in `x-request-id`.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{HeaderMap, HeaderName, HeaderValue};
use pin_project_lite::pin_project;
use tower_service::Service;
use uuid::Uuid;

use super::{Request, Response, Stacked};
use crate::call::{Call, Ids, RequestId, TraceContext};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The longest id that is taken from a caller, in bytes.
const MAX_ID: usize = 128;

/// Makes [`SetRequestId`] services.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestIdLayer;

/// Gives each request an id and a trace.
#[derive(Debug, Clone)]
pub(crate) struct SetRequestId<S> {
    inner: S,
}

pin_project! {
    /// The future of [`SetRequestId`].
    pub(crate) struct RequestIdFuture<F> {
        #[pin]
        inner: F,
        id: Option<HeaderValue>,
    }
}

impl<S> tower_layer::Layer<S> for RequestIdLayer {
    type Service = SetRequestId<S>;

    fn layer(&self, inner: S) -> SetRequestId<S> {
        SetRequestId { inner }
    }
}

impl<S: Stacked> Service<Request> for SetRequestId<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = RequestIdFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (request_id, id, random) = match accepted_id(request.headers()) {
            // The time that orders a new id is not needed, only what is random.
            Some((text, value)) => (RequestId(Arc::from(text)), Some(value.clone()), Uuid::new_v4()),
            None => {
                let fresh = Uuid::now_v7();
                let mut buffer = Uuid::encode_buffer();
                let text: &str = fresh.hyphenated().encode_lower(&mut buffer);
                (RequestId(Arc::from(text)), HeaderValue::from_str(text).ok(), fresh)
            }
        };
        let trace = trace(request.headers(), random);
        if let Some(call) = Call::of(request.extensions()) {
            // A second setting would be a second layer of this kind; the first one holds.
            let _ = call.ids.set(Ids { request_id: request_id.clone(), trace });
        }
        request.extensions_mut().insert(request_id);
        request.extensions_mut().insert(trace);
        RequestIdFuture { inner: self.inner.call(request), id }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for RequestIdFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.inner.poll(cx).map(|answered| {
            answered.map(|mut response| {
                if let Some(id) = this.id.take() {
                    response.headers_mut().insert(REQUEST_ID, id);
                }
                response
            })
        })
    }
}

/// The caller's id, if it is well-formed, and the header that it came in.
fn accepted_id(headers: &HeaderMap) -> Option<(&str, &HeaderValue)> {
    let value = headers.get(REQUEST_ID)?;
    let text = value.to_str().ok()?;
    let well_formed = !text.is_empty()
        && text.len() <= MAX_ID
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    well_formed.then_some((text, value))
}

/// The caller's trace continued, or a new one. `random` is random enough for both ids, and its version bits keep the trace's from
/// being 0.
fn trace(headers: &HeaderMap, random: Uuid) -> TraceContext {
    let (high, low) = random.as_u64_pair();
    let parent = headers.get(TRACEPARENT).and_then(|value| parse_traceparent(value.to_str().ok()?));
    let (trace_id, parent_id, flags) = parent
        .map_or((random.as_u128(), None, 0), |(trace_id, parent_id, flags)| {
            (trace_id, Some(parent_id), flags)
        });
    // The upper half, a time or random, differs between servers even if the lower one were to repeat. 0 would mean no span.
    let span_id = (low ^ high.rotate_left(17)).max(1);
    TraceContext { trace_id, span_id, parent_id, flags }
}

/// `version-traceid-parentid-flags` of the W3C recommendation; unknown versions may be longer.
fn parse_traceparent(text: &str) -> Option<(u128, u64, u8)> {
    let mut parts = text.splitn(5, '-');
    let mut next = |length: usize| {
        parts.next().filter(|part| {
            part.len() == length
                && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        })
    };
    let version = next(2)?;
    let trace_id = u128::from_str_radix(next(32)?, 16).ok()?;
    let parent_id = u64::from_str_radix(next(16)?, 16).ok()?;
    let flags = u8::from_str_radix(next(2)?, 16).ok()?;
    let known_end = version != "00" || parts.next().is_none();
    (version != "ff" && known_end && trace_id != 0 && parent_id != 0).then_some((trace_id, parent_id, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traceparents_of_the_recommendation() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(
            parse_traceparent(good),
            Some((0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331, 1))
        );
        for bad in [
            "",
            "00",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-+1",
        ] {
            assert_eq!(parse_traceparent(bad), None, "{bad}");
        }
        assert!(parse_traceparent(&format!("01{}-later", &good[2..])).is_some());
    }

    #[test]
    fn a_trace_is_continued_or_begun() {
        let random = Uuid::new_v4();
        let begun = trace(&HeaderMap::new(), random);
        assert_eq!((begun.trace_id, begun.parent_id, begun.flags), (random.as_u128(), None, 0));
        assert_ne!(begun.span_id, 0);
        assert_eq!(trace(&HeaderMap::new(), Uuid::nil()).span_id, 1);
        let value = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        let continued = trace(&HeaderMap::from_iter([(TRACEPARENT, value)]), random);
        assert_eq!(continued.trace_id, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);
        assert_eq!((continued.parent_id, continued.flags), (Some(0xb7ad_6b71_6920_3331), 1));
        assert_eq!(continued.span_id, begun.span_id);
    }

    #[test]
    fn only_well_formed_ids_are_kept() {
        let accepted = |text: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_str(text).unwrap())]);
            accepted_id(&headers).is_some()
        };
        assert!(accepted("abc-1.2_3"));
        for bad in ["", "a b", "a\"b", "a{b}", &"a".repeat(129)] {
            assert!(!accepted(bad), "{bad}");
        }
    }
}
