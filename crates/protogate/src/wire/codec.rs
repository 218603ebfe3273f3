//! The codecs of Connect, and the entries that speak them: one per rpc, with the message types known.
//!
//! An entry ends in the same trait method as the generated gRPC server. It is a tonic server of its own with a codec that is chosen
//! at run time, so one instance per rpc serves both. Unlike tonic's codec it calls a message that does not decode
//! INVALID_ARGUMENT, as the Connect protocol wants it.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _};
use futures_util::Stream;
use tonic::codec::{DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::Grpc;
use tonic::{Request, Response, Status, Streaming};
use tower::service_fn;

use crate::gateway::handler::BoxFuture;
use crate::gateway::refusal::Refusal;
use crate::json::{self, JsonMessage, ReadOptions, WriteOptions};
use crate::service::{Body, MessageLimits};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// The binary form of Protocol Buffers.
    Proto,
    /// Their JSON mapping.
    Json,
}

/// How the entries read and write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodecSettings {
    pub(crate) read: ReadOptions,
    pub(crate) write: WriteOptions,
    pub(crate) limits: MessageLimits,
}

type Answer = BoxFuture<Result<http::Response<Body>, Infallible>>;

/// An rpc with its types erased, in either codec. Requests and answers have the form of gRPC.
pub(crate) trait TypedEntry: Send + Sync {
    fn call(&self, request: http::Request<Body>, codec: Codec, settings: &CodecSettings) -> Answer;
}

/// Messages of an rpc.
pub(crate) trait WireMessage: JsonMessage + prost::Message {}

impl<M: JsonMessage + prost::Message> WireMessage for M {}

struct Typed<K, F> {
    call: F,
    kind: PhantomData<fn() -> K>,
}

struct Unary<Q, A>(PhantomData<(Q, A)>);
struct ServerStream<Q, A, S>(PhantomData<(Q, A, S)>);
struct ClientStream<Q, A>(PhantomData<(Q, A)>);
struct BothStream<Q, A, S>(PhantomData<(Q, A, S)>);

type Handled<T> = BoxFuture<Result<Response<T>, Status>>;

/// The entry of a unary rpc.
pub(crate) fn unary<Q, A, F>(call: Arc<F>) -> Arc<dyn TypedEntry>
where
    Q: WireMessage,
    A: WireMessage,
    F: Fn(Request<Q>) -> Handled<A> + Send + Sync + 'static,
{
    Arc::new(Typed::<Unary<Q, A>, _> { call, kind: PhantomData })
}

/// The entry of a server-streaming rpc.
pub(crate) fn server_streaming<Q, A, S, F>(call: Arc<F>) -> Arc<dyn TypedEntry>
where
    Q: WireMessage,
    A: WireMessage,
    S: Stream<Item = Result<A, Status>> + Send + 'static,
    F: Fn(Request<Q>) -> Handled<S> + Send + Sync + 'static,
{
    Arc::new(Typed::<ServerStream<Q, A, S>, _> { call, kind: PhantomData })
}

/// The entry of a client-streaming rpc.
pub(crate) fn client_streaming<Q, A, F>(call: Arc<F>) -> Arc<dyn TypedEntry>
where
    Q: WireMessage,
    A: WireMessage,
    F: Fn(Request<Streaming<Q>>) -> Handled<A> + Send + Sync + 'static,
{
    Arc::new(Typed::<ClientStream<Q, A>, _> { call, kind: PhantomData })
}

/// The entry of a bidirectional rpc.
pub(crate) fn bidi_streaming<Q, A, S, F>(call: Arc<F>) -> Arc<dyn TypedEntry>
where
    Q: WireMessage,
    A: WireMessage,
    S: Stream<Item = Result<A, Status>> + Send + 'static,
    F: Fn(Request<Streaming<Q>>) -> Handled<S> + Send + Sync + 'static,
{
    Arc::new(Typed::<BothStream<Q, A, S>, _> { call, kind: PhantomData })
}

macro_rules! entry {
    ($kind:ident<Q, A $(, $stream:ident)?>, $input:ty, $output:ty, $method:ident) => {
        impl<Q, A, $($stream,)? F> TypedEntry for Typed<$kind<Q, A $(, $stream)?>, Arc<F>>
        where
            Q: WireMessage,
            A: WireMessage,
            $($stream: Stream<Item = Result<A, Status>> + Send + 'static,)?
            F: Fn(Request<$input>) -> Handled<$output> + Send + Sync + 'static,
        {
            fn call(&self, request: http::Request<Body>, codec: Codec, settings: &CodecSettings) -> Answer {
                let call = Arc::clone(&self.call);
                let mut grpc = server::<Q, A>(codec, settings);
                Box::pin(async move {
                    Ok(grpc.$method(service_fn(move |request| call(request)), request).await)
                })
            }
        }
    };
}

entry!(Unary<Q, A>, Q, A, unary);
entry!(ServerStream<Q, A, S>, Q, S, server_streaming);
entry!(ClientStream<Q, A>, Streaming<Q>, A, client_streaming);
entry!(BothStream<Q, A, S>, Streaming<Q>, S, streaming);

fn server<Q: WireMessage, A: WireMessage>(codec: Codec, settings: &CodecSettings) -> Grpc<EitherCodec<Q, A>> {
    let either = EitherCodec { codec, read: settings.read, write: settings.write, messages: PhantomData };
    Grpc::new(either)
        .max_decoding_message_size(settings.limits.decode)
        .max_encoding_message_size(settings.limits.encode)
}

/// Reads requests `Q` and writes answers `A`.
#[derive(Debug, Clone, Copy)]
struct EitherCodec<Q, A> {
    codec: Codec,
    read: ReadOptions,
    write: WriteOptions,
    messages: PhantomData<fn() -> (Q, A)>,
}

impl<Q: WireMessage, A: WireMessage> tonic::codec::Codec for EitherCodec<Q, A> {
    type Encode = A;
    type Decode = Q;
    type Encoder = EitherEncoder<A>;
    type Decoder = EitherDecoder<Q>;

    fn encoder(&mut self) -> EitherEncoder<A> {
        EitherEncoder { codec: self.codec, options: self.write, message: PhantomData }
    }

    fn decoder(&mut self) -> EitherDecoder<Q> {
        EitherDecoder { codec: self.codec, options: self.read, message: PhantomData }
    }
}

struct EitherEncoder<A> {
    codec: Codec,
    options: WriteOptions,
    message: PhantomData<fn() -> A>,
}

struct EitherDecoder<Q> {
    codec: Codec,
    options: ReadOptions,
    message: PhantomData<fn() -> Q>,
}

impl<A: WireMessage> Encoder for EitherEncoder<A> {
    type Item = A;
    type Error = Status;

    fn encode(&mut self, message: A, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        match self.codec {
            Codec::Proto => message
                .encode(buffer)
                .map_err(|error| Status::internal(format!("the answer does not encode: {error}"))),
            Codec::Json => {
                let text = json::print(&message, self.options)
                    .map_err(|error| Status::internal(format!("the answer has no JSON form: {error}")))?;
                buffer.put_slice(&text);
                Ok(())
            }
        }
    }
}

impl<Q: WireMessage> Decoder for EitherDecoder<Q> {
    type Item = Q;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Q>, Status> {
        // No content at all is the empty message, in JSON too.
        if !buffer.has_remaining() {
            return Ok(Some(Q::default()));
        }
        let decoded = match self.codec {
            Codec::Proto => Q::decode(buffer)
                .map_err(|error| Status::invalid_argument(format!("the message does not decode: {error}"))),
            Codec::Json => {
                let text = buffer.copy_to_bytes(buffer.remaining());
                json::parse(&text, self.options).map_err(|error| Refusal::json(&error).into_status())
            }
        };
        decoded.map(Some)
    }
}
