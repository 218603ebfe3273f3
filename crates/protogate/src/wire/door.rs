//! The way from a connection into the stack and back: recognise, translate, call, translate.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower::ServiceExt as _;
use tower::util::Oneshot;
use tower_service::Service;

use super::connect::answer::Gathering;
use super::cors::{Cors, Page};
use super::entrance::Entered;
pub(crate) use super::entrance::Entrance;
use super::exit::Exit;
use super::recognise::Recognised;
use crate::call::{Call, PeerAddr};
use crate::config::Config;
use crate::error::render::Renderer;
use crate::gateway::router::Router;
use crate::layer::{Request, Response};

/// What all requests pass on their way in and out.
#[derive(Debug)]
pub(crate) struct Door {
    router: Arc<Router>,
    renderer: Arc<Renderer>,
    entrance: Entrance,
    cors: Option<Cors>,
}

pin_project! {
    /// A request on its way through the stack, and its answer on its way out.
    #[project = Way]
    pub(crate) enum Passage<F> {
        /// Answered at the door.
        Early { response: Option<Response> },
        /// In the stack.
        Inside {
            #[pin]
            inner: F,
            door: Arc<Door>,
            exit: Exit,
            page: Option<Page>,
            gathering: Option<Box<Gathering>>,
        },
    }
}

impl Door {
    pub(crate) fn new(config: &Config, router: Arc<Router>, renderer: Arc<Renderer>) -> Self {
        let compression = &config.compression;
        let entrance = Entrance {
            message: config.limits.message_in,
            compress: compression.enabled.then_some(compression.min_size),
            require_version: config.connect.require_version,
        };
        Self { router, renderer, entrance, cors: Cors::new(&config.cors) }
    }

    /// Takes a request in.
    pub(crate) fn open<S>(
        self: &Arc<Self>,
        stack: S,
        request: Request,
        peer: SocketAddr,
        running: Option<Arc<()>>,
    ) -> Passage<Oneshot<S, Request>>
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let page = self.cors.as_ref().map(|cors| (cors, cors.page(request.headers())));
        if let Some((cors, page)) = &page
            && let Some(response) = cors.preflight(&request, page, &self.router)
        {
            return Passage::Early { response: Some(response) };
        }
        let page = page.map(|(_, page)| page);
        let recognised = Recognised::of(&request, &self.router);
        let mut call = Call::new(&recognised, request.headers(), Some(peer), Arc::clone(&self.renderer));
        call.running = running;
        let Entered { mut request, exit, outcome } = self.entrance.enter(request, &recognised, &self.router);
        if let Err(refusal) = outcome {
            // A new call has none yet.
            let _ = call.fault.set(refusal);
        }
        request.extensions_mut().insert(Arc::new(call));
        request.extensions_mut().insert(PeerAddr(peer));
        let inner = stack.oneshot(request);
        Passage::Inside { inner, door: Arc::clone(self), exit, page, gathering: None }
    }

    fn finish(&self, page: Option<&Page>, mut response: Response) -> Response {
        if let (Some(cors), Some(page)) = (&self.cors, page) {
            cors.finish(page, response.headers_mut());
        }
        response
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Passage<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Way::Early { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
            Way::Inside { inner, door, exit, page, gathering } => {
                if gathering.is_none() {
                    let Ok(response) = ready!(inner.poll(cx));
                    match exit.leave(response) {
                        Ok(response) => return Poll::Ready(Ok(door.finish(page.as_ref(), response))),
                        Err(begun) => *gathering = Some(begun),
                    }
                }
                let Some(gathering) = gathering else { return Poll::Pending };
                gathering.poll(cx).map(|response| Ok(door.finish(page.as_ref(), response)))
            }
        }
    }
}
