//! How often one caller may call: token buckets (GCRA) by identity or by peer address.
//!
//! A method with figures of its own in the contract has a table of its own; all others share one. Tables are bounded: idle entries
//! are dropped at the bound, and callers that still do not fit share entries. The peer's address is the socket's, never a header's.

use std::convert::Infallible;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::Either;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use tonic::Code;
use tower_service::Service;

use super::{Early, Request, Response, Stacked, refuse};
use crate::call::Call;
use crate::error::details::retry_status;
use crate::method::{MethodInfo, RateKey, RateLimit};

/// How many checks pass between two looks at a table's size.
const LOOK_EVERY: usize = 256;
/// How many entries are shared by callers that do not fit.
const SHARED: u64 = 1024;

/// Whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Subject(Arc<str>),
    Peer(IpAddr),
    All,
    Shared(u64),
}

/// A bounded table of token buckets.
pub(crate) struct Table {
    limiter: RateLimiter<Key, DashMapStateStore<Key>, DefaultClock>,
    clock: DefaultClock,
    bound: usize,
    checks: AtomicUsize,
    full: AtomicBool,
    hasher: RandomState,
}

impl Table {
    /// A table of buckets that gain `per_second` tokens and hold `burst`.
    pub(crate) fn new(per_second: f64, burst: u32, bound: usize) -> Self {
        let period = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::from_secs(1));
        let period = period.max(Duration::from_nanos(1));
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(period).expect("the period is more than zero").allow_burst(burst);
        Self {
            limiter: RateLimiter::dashmap(quota),
            clock: DefaultClock::default(),
            bound,
            checks: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    /// Takes a token; without one, the time until there is one.
    pub(crate) fn check(&self, key: Key) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            self.look();
        }
        let key = match self.full.load(Ordering::Relaxed) {
            true => Key::Shared(self.hasher.hash_one(&key) % SHARED),
            false => key,
        };
        self.limiter.check_key(&key).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    fn look(&self) {
        if self.limiter.len() >= self.bound {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.full.store(self.limiter.len() >= self.bound, Ordering::Relaxed);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("entries", &self.limiter.len()).field("bound", &self.bound).finish()
    }
}

/// Makes [`LimitRate`] services that share their tables.
#[derive(Debug, Clone)]
pub(crate) struct RateLimitLayer {
    tables: Arc<Tables>,
}

#[derive(Debug)]
struct Tables {
    default: Table,
    /// By service and method, as the router counts them.
    own: Vec<Vec<Option<(RateLimit, Table)>>>,
}

impl RateLimitLayer {
    pub(crate) fn new<'t>(
        per_second: u32,
        burst: u32,
        entries: usize,
        methods: impl IntoIterator<Item = &'t &'static [MethodInfo]>,
    ) -> Self {
        let own = |method: &MethodInfo| {
            let limit = method.policy.rate_limit?;
            Some((limit, Table::new(limit.per_second, limit.burst, entries)))
        };
        let own = methods.into_iter().map(|methods| methods.iter().map(own).collect()).collect();
        let default = Table::new(f64::from(per_second), burst, entries);
        Self { tables: Arc::new(Tables { default, own }) }
    }
}

/// Refuses callers that call too often.
#[derive(Debug, Clone)]
pub(crate) struct LimitRate<S> {
    inner: S,
    tables: Arc<Tables>,
}

impl<S> tower_layer::Layer<S> for RateLimitLayer {
    type Service = LimitRate<S>;

    fn layer(&self, inner: S) -> LimitRate<S> {
        LimitRate { inner, tables: Arc::clone(&self.tables) }
    }
}

impl<S: Stacked> Service<Request> for LimitRate<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Early<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let checked = Call::of(request.extensions()).map_or(Ok(()), |call| self.tables.check(call));
        match checked {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(delay) => {
                refuse(&retry_status(Code::ResourceExhausted, "too many calls", delay), request.extensions())
            }
        }
    }
}

impl Tables {
    fn check(&self, call: &Call) -> Result<(), Duration> {
        let own =
            call.target.get().and_then(|target| self.own.get(target.service)?.get(target.method)?.as_ref());
        let (key, table) = own.map_or((RateKey::Subject, &self.default), |(limit, table)| (limit.key, table));
        table.check(match (key, call.subject.get(), call.peer) {
            (RateKey::Subject, Some(subject), _) => Key::Subject(Arc::clone(subject)),
            (RateKey::Subject | RateKey::Peer, _, Some(peer)) => Key::Peer(peer.ip()),
            _ => Key::All,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_refuses_beyond_its_burst_and_says_how_long_to_wait() {
        let table = Table::new(1.0, 3, 1000);
        let key = || Key::Subject(Arc::from("a"));
        for _ in 0..3 {
            assert_eq!(table.check(key()), Ok(()));
        }
        let wait = table.check(key()).unwrap_err();
        assert!(wait > Duration::from_millis(500) && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(table.check(Key::Subject(Arc::from("b"))), Ok(()));
    }

    #[test]
    fn a_table_stays_bounded() {
        let table = Table::new(0.001, 1, 500);
        for number in 0..20_000_u32 {
            let _ = table.check(Key::Peer(IpAddr::from(number.to_be_bytes())));
        }
        assert!(table.limiter.len() <= 500 + LOOK_EVERY + SHARED as usize, "{}", table.limiter.len());
    }
}
