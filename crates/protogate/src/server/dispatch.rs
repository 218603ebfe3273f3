//! The end of the stack: hands a resolved request to the gRPC, the typed or the REST entry of its rpc.
//!
//! All of them end in the same trait method of the same value.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::{Either, Map, Ready, ready};
use tonic::Status;
use tower_service::Service;

use crate::call::{Call, Protocol};
use crate::error::render::{RenderContext, respond};
use crate::gateway::handler::{BoxFuture, RestCall, RestHandler, RestSettings};
use crate::layer::method::Route;
use crate::layer::{Request, Response};
use crate::service::GrpcEntry;
use crate::wire::codec::{Codec, CodecSettings, TypedEntry};
use crate::wire::entrance::codec_of;

/// The entries of one service.
pub(super) struct Entries {
    pub(super) grpc: Arc<dyn GrpcEntry>,
    pub(super) typed: Vec<Option<Arc<dyn TypedEntry>>>,
    pub(super) rest: Vec<Option<Arc<dyn RestHandler>>>,
}

/// Dispatches to the mounted services.
#[derive(Clone)]
pub(super) struct Dispatch {
    pub(super) services: Arc<[Entries]>,
    pub(super) codecs: Arc<CodecSettings>,
    pub(super) settings: Arc<RestSettings>,
}

type Outcome = Result<Response, Infallible>;
type Finish = fn(Response) -> Outcome;

impl Service<Request> for Dispatch {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<BoxFuture<Outcome>, Either<Map<BoxFuture<Response>, Finish>, Ready<Outcome>>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        match request.extensions_mut().remove::<Route>() {
            Some(Route::Grpc(target)) => {
                let codec = match Call::of(request.extensions()).map(|call| call.protocol) {
                    Some(Protocol::Connect) => Some(codec_of(request.headers())),
                    _ => None,
                };
                if let Some(entries) = self.services.get(target.service) {
                    match (codec, entries.typed.get(target.method)) {
                        (Some(codec), Some(Some(entry))) => {
                            return Either::Left(entry.call(request, codec, &self.codecs));
                        }
                        // Services without typed entries, such as reflection, have the codec of gRPC.
                        (Some(Codec::Json), _) => {}
                        _ => return Either::Left(entries.grpc.call(request)),
                    }
                }
            }
            Some(Route::Rest(route)) => {
                let entries = self.services.get(route.target.service);
                if let Some(Some(handler)) = entries.and_then(|entries| entries.rest.get(route.target.method))
                {
                    let call = RestCall {
                        request,
                        method: route.target.info,
                        binding: route.binding,
                        captures: route.captures,
                        settings: Arc::clone(&self.settings),
                    };
                    return Either::Right(Either::Left(handler.call(call).map(Ok as Finish)));
                }
            }
            None => {}
        }
        let status =
            Status::unimplemented("the rpc is not offered over this protocol, or not with this codec");
        let response = respond(&status, &RenderContext::of(request.extensions()));
        Either::Right(Either::Right(ready(Ok(response))))
    }
}
