//! One REST entry per rpc, with the message types erased.
//!
//! Only the making of the request message and the call itself are generic; decoding and encoding see the messages through `dyn`.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};
use http::Response as HttpResponse;
use protogate_transcode::Capture;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

pub(crate) use super::settings::RestSettings;

use super::binding::{self, Bound, Misfit};
use super::condition;
use super::decode::{self, Input};
use super::encode;
use super::headers;
use super::incoming;
use super::refusal::Refusal;
use super::stream::{self, Format, Item};
use crate::error::render::{self, RenderContext};
use crate::json::{JsonMessage, Kind, ValueMut, ValueRef};
use crate::method::MethodInfo;
use crate::service::Body;

/// A future that owns all it needs.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One request that the router has resolved.
#[derive(Debug)]
pub(crate) struct RestCall {
    /// Head with all extensions, and content.
    pub(crate) request: http::Request<Body>,
    /// The rpc.
    pub(crate) method: &'static MethodInfo,
    /// Position in the method's bindings.
    pub(crate) binding: usize,
    /// What the path variables took.
    pub(crate) captures: Vec<Capture>,
    pub(crate) settings: Arc<RestSettings>,
}

/// Answers REST calls of one rpc.
pub(crate) trait RestHandler: Send + Sync {
    /// Decodes, calls, encodes; a failure is an answer too.
    fn call(&self, call: RestCall) -> BoxFuture<HttpResponse<Body>>;
}

type Handled<T> = BoxFuture<Result<Response<T>, Status>>;

/// A handler: the bindings of an rpc, and the call with its kind of streaming.
struct Entry<K, F> {
    bindings: Arc<[Result<Bound, Misfit>]>,
    call: Arc<F>,
    kind: PhantomData<fn() -> K>,
}

impl<K, F> Entry<K, F> {
    fn new(method: &'static MethodInfo, call: F, request: Kind, response: Kind) -> Arc<Self> {
        let bindings = binding::bind(method, request, response).into();
        Arc::new(Self { bindings, call: Arc::new(call), kind: PhantomData })
    }

    fn open(&self, call: RestCall) -> Exchange {
        let (parts, body) = call.request.into_parts();
        Exchange {
            context: RenderContext::of(&parts.extensions),
            bindings: Arc::clone(&self.bindings),
            binding: call.binding,
            captures: call.captures,
            settings: call.settings,
            path: call.method.path,
            parts,
            body: Some(body),
        }
    }
}

/// One call on its way.
struct Exchange {
    context: RenderContext,
    bindings: Arc<[Result<Bound, Misfit>]>,
    binding: usize,
    captures: Vec<Capture>,
    settings: Arc<RestSettings>,
    path: &'static str,
    parts: http::request::Parts,
    body: Option<Body>,
}

impl Exchange {
    fn bound(&self) -> Result<&Bound, Refusal> {
        match self.bindings.get(self.binding) {
            Some(Ok(bound)) => Ok(bound),
            Some(Err(misfit)) => Err(Refusal::internal(misfit)),
            None => Err(Refusal::internal(&format!("`{}` has no binding {}", self.path, self.binding))),
        }
    }

    /// Reads the content to its end.
    async fn receive(&mut self) -> Result<bytes::Bytes, Refusal> {
        decode::check_media(self.bound()?, &self.settings, &self.parts.headers)?;
        let body = self.body.take().unwrap_or_else(Body::empty);
        decode::read_content(body, self.settings.max_content).await
    }

    /// Fills the request message and makes its metadata.
    fn decode(
        &self,
        content: &bytes::Bytes,
        message: ValueMut<'_>,
        kind: Kind,
    ) -> Result<MetadataMap, Refusal> {
        let input = Input {
            bound: self.bound()?,
            settings: &self.settings,
            method: &self.parts.method,
            headers: &self.parts.headers,
            captures: &self.captures,
            query: self.parts.uri.query().unwrap_or_default(),
            content,
        };
        decode::fill(message, kind, &input)?;
        headers::to_metadata(&self.parts.headers, &self.parts.extensions, self.settings.compat)
    }

    fn reply(&self, metadata: MetadataMap, value: ValueRef<'_>, kind: Kind) -> HttpResponse<Body> {
        let made = self
            .bound()
            .and_then(|bound| encode::reply(metadata, value, kind, bound, &self.settings, &self.parts));
        made.unwrap_or_else(|refusal| self.refuse(refusal))
    }

    fn refuse(&self, refusal: Refusal) -> HttpResponse<Body> {
        refusal.respond(&self.context)
    }

    fn fail(&self, status: &Status) -> HttpResponse<Body> {
        let is_condition = condition::is_failed(&self.parts.method, &self.parts.headers, status);
        let http_status = is_condition.then_some(http::StatusCode::PRECONDITION_FAILED);
        render::rest_with_status(status, http_status, &self.context)
    }

    fn extensions(&mut self) -> http::Extensions {
        std::mem::take(&mut self.parts.extensions)
    }
}

struct UnaryCall<Q, A>(PhantomData<(Q, A)>);
struct ServerStream<Q, A>(PhantomData<(Q, A)>);
struct ClientStream<Q, A>(PhantomData<(Q, A)>);

/// The entry of a unary rpc.
pub(crate) fn unary<Q, A, F>(method: &'static MethodInfo, call: F) -> Arc<dyn RestHandler>
where
    Q: JsonMessage,
    A: JsonMessage,
    F: Fn(Request<Q>) -> Handled<A> + Send + Sync + 'static,
{
    Entry::<UnaryCall<Q, A>, F>::new(method, call, Q::kind(), A::kind())
}

/// Receives and decodes a request with one message.
async fn one_request<Q: JsonMessage>(exchange: &mut Exchange) -> Result<Request<Q>, Refusal> {
    let content = exchange.receive().await?;
    let mut message = Q::default();
    let metadata = exchange.decode(&content, message.get_mut(), Q::kind())?;
    Ok(Request::from_parts(metadata, exchange.extensions(), message))
}

impl<Q, A, F> RestHandler for Entry<UnaryCall<Q, A>, F>
where
    Q: JsonMessage,
    A: JsonMessage,
    F: Fn(Request<Q>) -> Handled<A> + Send + Sync + 'static,
{
    fn call(&self, call: RestCall) -> BoxFuture<HttpResponse<Body>> {
        let mut exchange = self.open(call);
        let handler = Arc::clone(&self.call);
        Box::pin(async move {
            let request = match one_request::<Q>(&mut exchange).await {
                Ok(request) => request,
                Err(refusal) => return exchange.refuse(refusal),
            };
            match handler(request).await {
                Ok(response) => {
                    let (metadata, message, _) = response.into_parts();
                    exchange.reply(metadata, message.get(), A::kind())
                }
                Err(status) => exchange.fail(&status),
            }
        })
    }
}

/// The entry of a server-streaming rpc.
pub(crate) fn server_streaming<Q, A, S, F>(method: &'static MethodInfo, call: F) -> Arc<dyn RestHandler>
where
    Q: JsonMessage,
    A: JsonMessage,
    S: Stream<Item = Result<A, Status>> + Send + 'static,
    F: Fn(Request<Q>) -> Handled<S> + Send + Sync + 'static,
{
    Entry::<ServerStream<Q, (A, S)>, F>::new(method, call, Q::kind(), A::kind())
}

impl<Q, A, S, F> RestHandler for Entry<ServerStream<Q, (A, S)>, F>
where
    Q: JsonMessage,
    A: JsonMessage,
    S: Stream<Item = Result<A, Status>> + Send + 'static,
    F: Fn(Request<Q>) -> Handled<S> + Send + Sync + 'static,
{
    fn call(&self, call: RestCall) -> BoxFuture<HttpResponse<Body>> {
        let mut exchange = self.open(call);
        let handler = Arc::clone(&self.call);
        Box::pin(async move {
            let request = match one_request::<Q>(&mut exchange).await {
                Ok(request) => request,
                Err(refusal) => return exchange.refuse(refusal),
            };
            let response = match handler(request).await {
                Ok(response) => response,
                Err(status) => return exchange.fail(&status),
            };
            let (metadata, messages, _) = response.into_parts();
            let print = match Printer::new(&exchange, A::kind()) {
                Ok(print) => print,
                Err(refusal) => return exchange.refuse(refusal),
            };
            let setting = stream::Setting {
                format: print.format,
                keep_alive: exchange.settings.stream_keep_alive,
                compat: exchange.settings.compat,
                method: exchange.parts.method.clone(),
                context: exchange.context.clone(),
            };
            let items = messages.map(move |message| message.and_then(|message| print.item(message.get())));
            match stream::reply(metadata, Box::pin(items), setting).await {
                Ok(response) => response,
                Err(status) => exchange.fail(&status),
            }
        })
    }
}

/// Prints the messages of one stream.
struct Printer {
    bindings: Arc<[Result<Bound, Misfit>]>,
    binding: usize,
    settings: Arc<RestSettings>,
    kind: Kind,
    format: Format,
}

impl Printer {
    fn new(exchange: &Exchange, kind: Kind) -> Result<Self, Refusal> {
        let format = Format::of(&exchange.parts.headers, exchange.bound()?.raw_reply);
        Ok(Self {
            bindings: Arc::clone(&exchange.bindings),
            binding: exchange.binding,
            settings: Arc::clone(&exchange.settings),
            kind,
            format,
        })
    }

    fn item(&self, value: ValueRef<'_>) -> Result<Item, Status> {
        let Some(Ok(bound)) = self.bindings.get(self.binding) else {
            return Err(Status::internal("the binding of a running stream is gone"));
        };
        let made = if self.format == Format::Raw {
            encode::raw(value, bound).map(|(media_type, content)| Item {
                content,
                media_type: Some(media_type),
                id: None,
            })
        } else {
            // One message is one line.
            let options = crate::json::WriteOptions { pretty: false, ..self.settings.write };
            let content = encode::print(value, self.kind, bound.response, options);
            let resume = bound.resume.filter(|_| self.format == Format::Events);
            let id = resume.and_then(|resume| resume.id(value));
            content.map(|content| Item { content: content.into(), media_type: None, id })
        };
        made.map_err(Refusal::into_status)
    }
}

/// The entry of a client-streaming rpc.
pub(crate) fn client_streaming<Q, A, F>(method: &'static MethodInfo, call: F) -> Arc<dyn RestHandler>
where
    Q: JsonMessage,
    A: JsonMessage,
    F: Fn(Request<Streaming<Q>>) -> Handled<A> + Send + Sync + 'static,
{
    Entry::<ClientStream<Q, A>, F>::new(method, call, Q::kind(), A::kind())
}

impl<Q, A, F> RestHandler for Entry<ClientStream<Q, A>, F>
where
    Q: JsonMessage,
    A: JsonMessage,
    F: Fn(Request<Streaming<Q>>) -> Handled<A> + Send + Sync + 'static,
{
    fn call(&self, call: RestCall) -> BoxFuture<HttpResponse<Body>> {
        let mut exchange = self.open(call);
        let handler = Arc::clone(&self.call);
        Box::pin(async move {
            let metadata = match exchange.open_stream() {
                Ok(metadata) => metadata,
                Err(refusal) => return exchange.refuse(refusal),
            };
            let body = exchange.body.take().unwrap_or_else(Body::empty);
            let messages =
                incoming::streaming::<Q>(body, exchange.settings.read, exchange.settings.max_content);
            match handler(Request::from_parts(metadata, exchange.extensions(), messages)).await {
                Ok(response) => {
                    let (metadata, message, _) = response.into_parts();
                    exchange.reply(metadata, message.get(), A::kind())
                }
                Err(status) => exchange.fail(&status),
            }
        })
    }
}

impl Exchange {
    /// A client stream has its messages in the content and nothing in path and query.
    fn open_stream(&self) -> Result<MetadataMap, Refusal> {
        let bound = self.bound()?;
        decode::check_media(bound, &self.settings, &self.parts.headers)?;
        let input = Input {
            bound,
            settings: &self.settings,
            method: &self.parts.method,
            headers: &self.parts.headers,
            captures: &self.captures,
            query: self.parts.uri.query().unwrap_or_default(),
            content: &bytes::Bytes::new(),
        };
        decode::fill(ValueMut::Empty, Kind::Empty, &input)?;
        headers::to_metadata(&self.parts.headers, &self.parts.extensions, self.settings.compat)
    }
}
