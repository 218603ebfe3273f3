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
use super::drain::{self, Draining, Lost};
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
            // `None` when it has answered.
            #[pin]
            inner: Option<F>,
            door: Arc<Door>,
            exit: Exit,
            page: Option<Page>,
            lost: Option<Lost>,
            wait: Option<Wait>,
        },
    }
}

/// What an answer waits for.
pub(crate) enum Wait {
    /// Its own end, because that says what it is.
    Gathering(Box<Gathering>),
    /// The end of its request.
    Draining(Box<Draining>),
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
        mut request: Request,
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
        let lost = drain::lend(&mut request);
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
        let inner = Some(stack.oneshot(request));
        Passage::Inside { inner, door: Arc::clone(self), exit, page, lost, wait: None }
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
        let (mut inner, door, exit, page, lost, wait) = match self.project() {
            Way::Early { response } => {
                return response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)));
            }
            Way::Inside { inner, door, exit, page, lost, wait } => (inner, door, exit, page, lost, wait),
        };
        let mut answered = None;
        if let Some(running) = inner.as_mut().as_pin_mut() {
            let Ok(response) = ready!(running.poll(cx));
            match exit.leave(response) {
                Ok(response) => answered = Some(response),
                Err(begun) => *wait = Some(Wait::Gathering(begun)),
            }
        }
        if let Some(Wait::Gathering(gathering)) = wait {
            answered = Some(ready!(gathering.poll(cx)));
        }
        if let Some(response) = answered {
            // What it still holds of the request goes now.
            inner.set(None);
            let response = door.finish(page.as_ref(), response);
            let Some(lost) = lost else { return Poll::Ready(Ok(response)) };
            match lost.before(response) {
                Ok(response) => return Poll::Ready(Ok(response)),
                Err(draining) => *wait = Some(Wait::Draining(draining)),
            }
        }
        match wait {
            Some(Wait::Draining(draining)) => draining.poll(cx).map(Ok),
            _ => Poll::Pending,
        }
    }
}
