//! The connection and the calls on it.

use std::error::Error as _;
use std::time::Duration;

use http::uri::PathAndQuery;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tokio::time::{Instant, timeout_at};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use crate::catalog::{Catalog, Method};
use crate::codec::DynamicCodec;
use crate::error::Error;
use crate::failure::Failure;
use crate::message::{self, Reply};
use crate::options::CallOptions;
use crate::reflection;
use crate::target::Target;

/// How long a TCP connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a server may take to describe itself, when the call has no deadline of its own.
const REFLECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to one server.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    target: Target,
}

/// The messages of a server stream, one by one.
#[derive(Debug)]
pub struct Messages {
    stream: Streaming<DynamicMessage>,
    pool: DescriptorPool,
    ends: Option<Instant>,
}

impl Client {
    /// Connects in plaintext HTTP/2; gives up after 5 seconds.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect(target: &Target) -> Result<Self, Error> {
        let endpoint =
            Endpoint::from(target.uri().clone()).connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| Error::environment(format!("no server at {target}: {}", innermost(&error))))?;
        Ok(Self { channel, target: target.clone() })
    }

    /// Asks the server for its schema.
    ///
    /// # Errors
    /// When the server has no reflection, refuses it, or sends files that do not fit together.
    pub async fn reflect(&self, options: &CallOptions) -> Result<Catalog, Error> {
        let target = self.target.to_string();
        // The dialogue has a limit of its own: a call's short deadline is for the call.
        let plain = CallOptions { deadline: None, ..options.clone() };
        let limit = options.deadline.map_or(REFLECT_TIMEOUT, |own| own.max(REFLECT_TIMEOUT));
        let bytes =
            tokio::time::timeout(limit, reflection::descriptor_set(self.channel.clone(), &plain, &target))
                .await
                .map_err(|_| {
                    Error::environment(format!(
                        "{target} took more than {} s to describe itself",
                        limit.as_secs()
                    ))
                })??;
        Catalog::from_origin(&bytes, &target)
    }

    /// Calls a method that answers once. Empty text is an empty message.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`](crate::ErrorKind) when the JSON is no such request or the method streams,
    /// [`ErrorKind::Failure`](crate::ErrorKind) when the server refuses or the deadline passes.
    pub async fn unary(&self, method: &Method, json: &str, options: &CallOptions) -> Result<Reply, Error> {
        if method.is_server_streaming() {
            return Err(Error::usage(format!("`{}` answers with a stream", method.path())));
        }
        let (mut grpc, path, message, pool) = self.prepare(method, json, options)?;
        let codec = DynamicCodec::new(method.descriptor().output());
        let ends = options.deadline.map(|deadline| Instant::now() + deadline);
        let call = async {
            grpc.ready().await.map_err(|error| Status::unavailable(innermost(&error)))?;
            grpc.unary(options.request(message), path, codec).await
        };
        let response = within(ends, call).await.map_err(|status| failed(&status, &pool, ends))?;
        Ok(Reply::new(response.into_inner()))
    }

    /// Calls a method that answers with a stream; a deadline spans the whole stream.
    ///
    /// # Errors
    /// As [`Client::unary`].
    pub async fn server_stream(
        &self,
        method: &Method,
        json: &str,
        options: &CallOptions,
    ) -> Result<Messages, Error> {
        if !method.is_server_streaming() {
            return Err(Error::usage(format!("`{}` answers once, not with a stream", method.path())));
        }
        let (mut grpc, path, message, pool) = self.prepare(method, json, options)?;
        let codec = DynamicCodec::new(method.descriptor().output());
        let ends = options.deadline.map(|deadline| Instant::now() + deadline);
        let call = async {
            grpc.ready().await.map_err(|error| Status::unavailable(innermost(&error)))?;
            grpc.server_streaming(options.request(message), path, codec).await
        };
        let response = within(ends, call).await.map_err(|status| failed(&status, &pool, ends))?;
        Ok(Messages { stream: response.into_inner(), pool, ends })
    }

    fn prepare(
        &self,
        method: &Method,
        json: &str,
        options: &CallOptions,
    ) -> Result<(Grpc<Channel>, PathAndQuery, DynamicMessage, DescriptorPool), Error> {
        if method.is_client_streaming() {
            return Err(Error::usage(format!(
                "`{}` takes a stream of requests, which this client does not send yet",
                method.path()
            )));
        }
        let descriptor = method.descriptor();
        let message = message::parse(&descriptor.input(), json)?;
        let path = PathAndQuery::try_from(format!("/{}", method.path()))
            .map_err(|_| Error::usage(format!("`{}` cannot be sent as a path", method.path())))?;
        let grpc = Grpc::new(self.channel.clone()).max_decoding_message_size(options.max_message_bytes);
        Ok((grpc, path, message, descriptor.parent_pool().clone()))
    }
}

impl Messages {
    /// The next message; `None` at the end of a stream that ended well.
    ///
    /// # Errors
    /// When the server ends the stream with a failure, or the deadline passes.
    pub async fn next(&mut self) -> Result<Option<Reply>, Error> {
        let next = within(self.ends, self.stream.message())
            .await
            .map_err(|status| failed(&status, &self.pool, self.ends))?;
        Ok(next.map(Reply::new))
    }
}

/// Runs a call up to its deadline, which the client keeps whether the server does or not.
async fn within<T>(
    ends: Option<Instant>,
    call: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    match ends {
        None => call.await,
        Some(ends) => timeout_at(ends, call)
            .await
            .unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer before the deadline"))),
    }
}

fn failed(status: &Status, pool: &DescriptorPool, ends: Option<Instant>) -> Error {
    let late = ends.is_some_and(|ends| Instant::now() >= ends);
    // The channel watches `grpc-timeout` too, and calls its own expiry a cancellation.
    if late && status.code() == Code::Cancelled {
        return Error::failure_from(Failure::local(Code::DeadlineExceeded, "no answer before the deadline"));
    }
    if status.source().is_some() && status.details().is_empty() {
        return Error::failure_from(Failure::local(status.code(), innermost(status)));
    }
    Error::failure_from(Failure::from_status(status, pool))
}

/// The first cause of an error: transports wrap it in layers that say nothing.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    match cause.downcast_ref::<Status>() {
        Some(status) => status.message().to_owned(),
        None => cause.to_string(),
    }
}
