//! User layers at named places of the stack, and layers that are left out.
//!
//! A place without user layers costs nothing: the service below is used as it is. Only where a user layer stands is the rest of the
//! stack boxed, because its type must have a name.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::Either;
use tower::util::BoxCloneSyncService;
use tower_service::Service;

use crate::gateway::handler::BoxFuture;
use crate::layer::{Request, Response};

/// The layers of the stack by name, the outermost first.
pub(crate) const LAYERS: [&str; 13] = [
    "panic",
    "request_id",
    "observe",
    "render",
    "method",
    "headers",
    "body_limit",
    "deadline",
    "auth",
    "policy",
    "rate_limit",
    "capacity",
    "stream",
];

/// Layers that the stack does not work without.
const FIXED: [&str; 2] = ["render", "method"];

/// What is below a user layer.
pub(crate) type BoxService = BoxCloneSyncService<Request, Response, Infallible>;

type Wrap = Arc<dyn Fn(BoxService) -> BoxService + Send + Sync>;

/// Which layers are left out and where user layers stand.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    removed: Vec<&'static str>,
    replaced: Vec<&'static str>,
    /// By the position of the layer inside of them.
    places: BTreeMap<usize, Vec<Wrap>>,
    problems: Vec<String>,
}

impl Hooks {
    pub(crate) fn remove(&mut self, name: &str) {
        let Some(at) = self.position(name) else { return };
        if FIXED.contains(&name) {
            self.problems
                .push(format!("the layer `{name}` cannot be left out; the stack does not work without it"));
        }
        self.removed.push(LAYERS[at]);
    }

    pub(crate) fn before(&mut self, name: &str, wrap: Wrap) {
        if let Some(at) = self.position(name) {
            self.places.entry(at).or_default().push(wrap);
        }
    }

    pub(crate) fn after(&mut self, name: &str, wrap: Wrap) {
        if let Some(at) = self.position(name) {
            self.places.entry(at + 1).or_default().push(wrap);
        }
    }

    pub(crate) fn replace(&mut self, name: &str, wrap: Wrap) {
        self.remove(name);
        self.before(name, wrap);
        if let Some(at) = LAYERS.iter().position(|known| *known == name) {
            self.replaced.push(LAYERS[at]);
        }
    }

    /// What is wrong with the wishes.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(problem) = self.problems.first() {
            return Err(problem.clone());
        }
        if self.removed.contains(&"policy") && !self.replaced.contains(&"policy") {
            let message =
                "the layer `policy` can only be replaced; without it every caller could call every method";
            return Err(message.to_owned());
        }
        Ok(())
    }

    pub(crate) fn keeps(&self, name: &str) -> bool {
        debug_assert!(LAYERS.contains(&name), "`{name}` is in the list of layers");
        !self.removed.contains(&name)
    }

    /// The user layers outside the layer of this name.
    pub(crate) fn outside(&self, name: &str) -> HookLayer {
        let at = LAYERS.iter().position(|known| *known == name);
        HookLayer { wraps: at.and_then(|at| self.places.get(&at)).cloned().unwrap_or_default() }
    }

    /// The user layers inside all others.
    pub(crate) fn innermost(&self) -> HookLayer {
        HookLayer { wraps: self.places.get(&LAYERS.len()).cloned().unwrap_or_default() }
    }

    fn position(&mut self, name: &str) -> Option<usize> {
        let at = LAYERS.iter().position(|known| *known == name);
        if at.is_none() {
            let known = LAYERS.join("`, `");
            self.problems.push(format!("unknown layer `{}`; expected one of `{known}`", name.escape_debug()));
        }
        at
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("removed", &self.removed).field("places", &self.places.keys()).finish()
    }
}

/// Turns a user's tower layer into something that the stack can hold.
pub(crate) fn wrap<L>(layer: L) -> Wrap
where
    L: tower_layer::Layer<BoxService> + Send + Sync + 'static,
    L::Service: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request>>::Future: Send + 'static,
{
    Arc::new(move |inner| BoxCloneSyncService::new(layer.layer(inner)))
}

/// Puts user layers around a service; the first one is the outermost.
#[derive(Clone)]
pub(crate) struct HookLayer {
    wraps: Vec<Wrap>,
}

/// A service with or without user layers around it.
#[derive(Debug, Clone)]
pub(crate) enum Hooked<S> {
    Plain(S),
    Wrapped(BoxService),
}

impl<S> tower_layer::Layer<S> for HookLayer
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    type Service = Hooked<S>;

    fn layer(&self, inner: S) -> Hooked<S> {
        if self.wraps.is_empty() {
            return Hooked::Plain(inner);
        }
        let inner = BoxCloneSyncService::new(inner);
        Hooked::Wrapped(self.wraps.iter().rev().fold(inner, |inner, wrap| wrap(inner)))
    }
}

impl<S> Service<Request> for Hooked<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<Result<Response, Infallible>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        match self {
            Self::Plain(inner) => inner.poll_ready(cx),
            Self::Wrapped(inner) => inner.poll_ready(cx),
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self {
            Self::Plain(inner) => Either::Left(inner.call(request)),
            Self::Wrapped(inner) => Either::Right(inner.call(request)),
        }
    }
}
