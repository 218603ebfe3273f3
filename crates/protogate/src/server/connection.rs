//! One connection: TLS, the first bytes, then hyper with every setting named, until it ends or must.
//!
//! hyper-util's protocol detection has no timeout, so the bytes that it needs are read here first, within a deadline, and handed to
//! it again. Tasks that hyper spawns are tracked, so that a shutdown can wait for them and cut them off.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;
use tower::util::Oneshot;
use tower_service::Service;

use super::shutdown::Shutdown;
use super::tls::Tls;
use crate::config::Limits;
use crate::layer::{Request, Response};
use crate::service::Body;
use crate::telemetry::metrics::Metrics;
use crate::wire::{Door, Passage};

/// What an HTTP/2 connection starts with (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Time between two looks at whether a connection that drains still has calls.
const DRAIN_LOOK: Duration = Duration::from_millis(250);

/// What all connections of a listener share.
pub(super) struct Shared<S> {
    pub(super) stack: S,
    /// Recognises and translates.
    pub(super) door: Arc<Door>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) limits: Limits,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) shutdown: Shutdown,
    /// Cuts everything off.
    pub(super) kill: CancellationToken,
    pub(super) tracker: TaskTracker,
}

/// What a stack of this server is.
pub(super) trait Stack:
    Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<S> Stack for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Serves one accepted socket.
pub(super) async fn serve<S: Stack>(shared: Arc<Shared<S>>, socket: TcpStream, peer: SocketAddr) {
    shared.metrics.connections.inc();
    // One child for all tasks of the connection: a token has a lock, and that of the server would be every request's.
    let kill = shared.kill.child_token();
    // What is still running at the hard limit is dropped here.
    let served = kill.run_until_cancelled(handshake(&shared, &kill, socket, peer)).await;
    if let Some(Err(cause)) = served {
        shared.metrics.dropped(cause);
    }
    shared.metrics.connections.dec();
}

async fn handshake<S: Stack>(
    shared: &Arc<Shared<S>>,
    kill: &CancellationToken,
    socket: TcpStream,
    peer: SocketAddr,
) -> Result<(), &'static str> {
    // Answers are written whole; waiting for more would only delay them. A socket that refuses is closing.
    let _ = socket.set_nodelay(true);
    let Some(tls) = &shared.tls else { return drive(shared, kill, socket, peer).await };
    let accepted = tokio::time::timeout(shared.limits.tls_handshake, tls.acceptor().accept(socket)).await;
    match accepted {
        Err(_) => Err("tls_timeout"),
        Ok(Err(_)) => Err("tls_error"),
        Ok(Ok(stream)) => drive(shared, kill, stream, peer).await,
    }
}

async fn drive<S, I>(
    shared: &Arc<Shared<S>>,
    kill: &CancellationToken,
    mut io: I,
    peer: SocketAddr,
) -> Result<(), &'static str>
where
    S: Stack,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let first = tokio::select! {
        first = tokio::time::timeout(shared.limits.first_bytes, first_bytes(&mut io)) => first,
        () = shared.shutdown.begun() => return Ok(()),
    };
    let first = match first {
        Err(_) => return Err("first_bytes_timeout"),
        Ok(Err(_)) => return Err("reset"),
        Ok(Ok(first)) if first.is_empty() => return Ok(()),
        Ok(Ok(first)) => first,
    };
    let builder = builder(&shared.limits, shared.tracker.clone(), kill.clone());
    let running = Arc::new(());
    let door = Arc::clone(&shared.door);
    let entry = Entry { stack: shared.stack.clone(), door, peer, running: Arc::downgrade(&running) };
    let connection = builder.serve_connection(TokioIo::new(Prefixed { first, io }), entry);
    tokio::pin!(connection);
    let age = async {
        match shared.limits.connection_age {
            Duration::ZERO => std::future::pending().await,
            age => tokio::time::sleep(age).await,
        }
    };
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(|_| "protocol_error"),
        () = shared.shutdown.begun() => {}
        () = age => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        ended = connection => ended.map_err(|_| "protocol_error"),
        () = unanswered(&running, shared.limits.keepalive_timeout) => Err("drain_timeout"),
    }
}

/// Completes when a connection that has been asked to end has had no running call for `patience`. A graceful end of HTTP/2 waits for
/// its peer's answer, and a peer that is gone gives none.
async fn unanswered(running: &Arc<()>, patience: Duration) {
    let mut idle_since = tokio::time::Instant::now();
    loop {
        // One is held here, the others by calls.
        if Arc::strong_count(running) > 1 {
            idle_since = tokio::time::Instant::now();
        } else if idle_since.elapsed() >= patience {
            return;
        }
        tokio::time::sleep(DRAIN_LOOK.min(patience)).await;
    }
}

/// Reads as many bytes as tell HTTP/1 from HTTP/2: up to the whole preface. Empty when the peer closes without a byte.
async fn first_bytes<I: AsyncRead + Unpin>(io: &mut I) -> io::Result<Bytes> {
    let mut first = BytesMut::with_capacity(1024);
    while first.len() < PREFACE.len() && PREFACE.starts_with(&first) {
        if io.read_buf(&mut first).await? == 0 {
            break;
        }
    }
    Ok(first.freeze())
}

/// hyper's builder with every setting of `[limits]`; nothing is left to a default of hyper or h2.
fn builder(limits: &Limits, tracker: TaskTracker, kill: CancellationToken) -> auto::Builder<Tracked> {
    let mut builder = auto::Builder::new(Tracked { tracker, kill });
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.h1_head)
        .max_buf_size(limits.h1_head_size)
        .max_headers(limits.h1_headers)
        .keep_alive(true)
        .half_close(false)
        .pipeline_flush(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.h2_streams)
        .max_local_error_reset_streams(limits.h2_error_resets)
        .max_pending_accept_reset_streams(limits.h2_pending_resets)
        .initial_stream_window_size(limits.h2_stream_window)
        .initial_connection_window_size(limits.h2_connection_window)
        .adaptive_window(false)
        .max_frame_size(limits.h2_frame)
        .max_header_list_size(limits.h2_header_list)
        .max_send_buf_size(limits.h2_send_buffer)
        .keep_alive_interval(limits.keepalive)
        .keep_alive_timeout(limits.keepalive_timeout);
    builder
}

/// Spawns hyper's tasks where a shutdown can wait for them and cut them off.
#[derive(Debug, Clone)]
struct Tracked {
    tracker: TaskTracker,
    /// Of the connection.
    kill: CancellationToken,
}

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        let cut = self.kill.clone().cancelled_owned();
        self.tracker.spawn(Severable { future, cut });
    }
}

pin_project! {
    /// A task that ends when it is done or cut off. Written out, because `run_until_cancelled_owned` is made of `async` blocks that
    /// each hold the task once more, and a task of hyper's holds the futures of the whole stack.
    struct Severable<F> {
        #[pin]
        future: F,
        #[pin]
        cut: WaitForCancellationFutureOwned,
    }
}

impl<F: Future> Future for Severable<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.future.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        this.cut.poll(cx)
    }
}

/// The way from hyper to the door.
#[derive(Clone)]
struct Entry<S> {
    stack: S,
    door: Arc<Door>,
    peer: SocketAddr,
    /// Counts the running calls of the connection.
    running: Weak<()>,
}

impl<S: Stack> hyper::service::Service<http::Request<Incoming>> for Entry<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Passage<Oneshot<S, Request>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        self.door.open(self.stack.clone(), request.map(Body::new), self.peer, self.running.upgrade())
    }
}

/// A stream whose first bytes have been read already.
#[derive(Debug)]
struct Prefixed<I> {
    first: Bytes,
    io: I,
}

impl<I: AsyncRead + Unpin> AsyncRead for Prefixed<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.has_remaining() {
            let length = self.first.len().min(buffer.remaining());
            buffer.put_slice(&self.first[..length]);
            self.first.advance(length);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Prefixed<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_ends_when_it_is_done_or_cut_off() {
        let kill = CancellationToken::new();
        let tracked = Tracked { tracker: TaskTracker::new(), kill: kill.child_token() };
        let held = Arc::new(());
        let (done, cut) = (Arc::clone(&held), Arc::clone(&held));
        hyper::rt::Executor::execute(&tracked, async move { drop(done) });
        hyper::rt::Executor::execute(&tracked, async move {
            std::future::pending::<()>().await;
            drop(cut);
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!((tracked.tracker.len(), Arc::strong_count(&held)), (1, 2), "one is done, one runs on");
        kill.cancel();
        tracked.tracker.close();
        let ended = tokio::time::timeout(Duration::from_secs(5), tracked.tracker.wait()).await;
        assert!(ended.is_ok());
        assert_eq!(Arc::strong_count(&held), 1, "what was cut off is dropped");
    }

    #[test]
    fn a_task_is_held_once() {
        let large = || {
            let bytes = [1_u8; 4096];
            async move { std::future::ready(bytes).await.len() }
        };
        let kill = CancellationToken::new();
        let task = Severable { future: large(), cut: kill.clone().cancelled_owned() };
        let (alone, ours) = (size_of_val(&large()), size_of_val(&task));
        assert!(ours < alone + 256, "{ours} bytes for {alone}");
    }
}
