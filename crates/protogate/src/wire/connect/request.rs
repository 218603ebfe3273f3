//! The content of a unary Connect request, a bare message, as one frame.
//!
//! A prefix needs the length. When it has been declared the content passes through behind the prefix; else, and when it is
//! compressed, it is gathered first, up to the limit of a message.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame as Piece, SizeHint};
use tonic::Status;

use super::super::frames::{Frame, PREFIX, prefix};
use super::super::gzip;
use crate::service::Body;

/// A bare message as a frame.
pub(in crate::wire) struct UnaryContent {
    inner: Body,
    state: State,
}

enum State {
    /// The prefix has not been sent; the length is known.
    Declared(usize),
    /// Behind the prefix.
    Passing,
    /// The length is not known, or not the message's.
    Gathering {
        content: BytesMut,
        limit: usize,
        is_gzip: bool,
    },
    Ended,
}

impl UnaryContent {
    /// The content of a request whose message has at most `limit` bytes.
    pub(in crate::wire) fn new(inner: Body, limit: usize, is_gzip: bool) -> Self {
        let declared = inner.size_hint().exact().and_then(|length| usize::try_from(length).ok());
        let state = match declared {
            Some(length) if !is_gzip || length == 0 => State::Declared(length),
            _ => State::Gathering { content: BytesMut::new(), limit, is_gzip },
        };
        Self { inner, state }
    }
}

/// The frame of what was gathered.
fn whole(content: &BytesMut, limit: usize, is_gzip: bool) -> Result<Bytes, Status> {
    // No content is the empty message, and never decompressed.
    if is_gzip && !content.is_empty() {
        return Ok(Frame::new(0, &gzip::inflate(content, limit)?).into_bytes());
    }
    Ok(Frame::new(0, content).into_bytes())
}

impl http_body::Body for UnaryContent {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Status>>> {
        let this = &mut *self;
        let piece = match &mut this.state {
            State::Ended => return Poll::Ready(None),
            State::Declared(length) => {
                let prefix = Bytes::copy_from_slice(&prefix(0, *length));
                this.state = State::Passing;
                Ok(prefix)
            }
            State::Passing => match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(piece)) => Ok(piece.into_data().unwrap_or_default()),
                Some(Err(status)) => Err(status),
                None => {
                    this.state = State::Ended;
                    return Poll::Ready(None);
                }
            },
            State::Gathering { content, limit, is_gzip } => {
                match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                    Some(Ok(piece)) => {
                        let data = piece.into_data().unwrap_or_default();
                        if content.len() + data.len() > *limit {
                            Err(gzip::too_large(*limit))
                        } else {
                            content.extend_from_slice(&data);
                            // An empty piece shows the layers outside that the content goes on.
                            Ok(Bytes::new())
                        }
                    }
                    Some(Err(status)) => Err(status),
                    None => {
                        let frame = whole(content, *limit, *is_gzip);
                        this.state = State::Ended;
                        frame
                    }
                }
            }
        };
        if piece.is_err() {
            this.state = State::Ended;
        }
        Poll::Ready(Some(piece.map(Piece::data)))
    }

    fn size_hint(&self) -> SizeHint {
        match self.state {
            State::Declared(length) => SizeHint::with_exact((length + PREFIX) as u64),
            _ => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::{BodyExt as _, Full, StreamBody};

    use super::*;

    async fn read(body: Body, is_gzip: bool) -> Result<Bytes, tonic::Code> {
        let read = UnaryContent::new(body, 100, is_gzip).collect().await;
        read.map(http_body_util::Collected::to_bytes).map_err(|status| status.code())
    }

    #[tokio::test]
    async fn a_message_becomes_a_frame() {
        let declared = |content: &[u8]| Body::new(Full::new(Bytes::copy_from_slice(content)));
        let undeclared = |content: &[u8]| {
            let pieces: Vec<_> = content
                .chunks(3)
                .map(|it| Ok::<_, Status>(Piece::data(Bytes::copy_from_slice(it))))
                .collect();
            Body::new(StreamBody::new(stream::iter(pieces)))
        };
        let frame = |content: &[u8]| Ok(Frame::new(0, content).into_bytes());
        for content in [&b""[..], b"a", b"0123456789"] {
            assert_eq!(read(declared(content), false).await, frame(content));
            assert_eq!(read(undeclared(content), false).await, frame(content));
            assert_eq!(read(declared(&gzip::deflate(content)), true).await, frame(content));
            assert_eq!(read(undeclared(&gzip::deflate(content)), true).await, frame(content));
        }
        assert_eq!(read(declared(b""), true).await, frame(b""));
        assert_eq!(read(undeclared(b""), true).await, frame(b""));
        assert_eq!(read(undeclared(&[0; 101]), false).await, Err(tonic::Code::ResourceExhausted));
        assert_eq!(
            read(declared(&gzip::deflate(&[0; 101])), true).await,
            Err(tonic::Code::ResourceExhausted)
        );
        assert_eq!(read(declared(b"no gzip"), true).await, Err(tonic::Code::InvalidArgument));
        let hint = UnaryContent::new(declared(&[0; 1000]), 100, false).size_hint();
        assert_eq!(hint.exact(), Some(1005), "refused by its length before it is read");
    }
}
