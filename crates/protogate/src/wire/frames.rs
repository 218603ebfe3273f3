//! Length-prefixed messages, as gRPC, gRPC-Web and Connect share them: one byte of flags, four of length, the message.
//!
//! The codec behind reads plain frames only. What stands here checks the caller's frames, inflates those that are compressed, and
//! compresses those of answers. A frame that arrives in one piece is passed on as it is, without a copy.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body::{Frame as Piece, SizeHint};
use tonic::Status;

use super::gzip;
use crate::service::Body;

/// Bytes before a message.
pub(crate) const PREFIX: usize = 5;
/// The message is compressed.
pub(crate) const COMPRESSED: u8 = 1;

/// A frame with its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Prefix and message.
    whole: Bytes,
}

impl Frame {
    pub(crate) fn new(flags: u8, message: &[u8]) -> Self {
        let mut whole = BytesMut::with_capacity(PREFIX + message.len());
        whole.put_slice(&prefix(flags, message.len()));
        whole.put_slice(message);
        Self { whole: whole.freeze() }
    }

    pub(crate) fn flags(&self) -> u8 {
        self.whole[0]
    }

    pub(crate) fn message(&self) -> &[u8] {
        &self.whole[PREFIX..]
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.whole
    }
}

/// The bytes before a message. Messages have a limit far below 4 GiB.
pub(crate) fn prefix(flags: u8, length: usize) -> [u8; PREFIX] {
    let [a, b, c, d] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [flags, a, b, c, d]
}

/// Finds the frames in pieces of content. What a prefix announces is not allocated before it has come.
#[derive(Debug)]
pub(crate) struct Splitter {
    limit: usize,
    piece: Bytes,
    /// The beginning of a frame that came in several pieces.
    partial: BytesMut,
}

impl Splitter {
    /// A splitter for messages of at most `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, piece: Bytes::new(), partial: BytesMut::new() }
    }

    /// Takes a piece; the one before must have been read to its end.
    pub(crate) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.piece.is_empty(), "frames are taken out before more is put in");
        self.piece = piece;
    }

    /// Whether a frame has begun and not ended.
    pub(crate) fn is_within(&self) -> bool {
        !self.partial.is_empty() || !self.piece.is_empty()
    }

    /// The next frame, if it is there.
    ///
    /// # Errors
    /// A message beyond the limit.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Status> {
        if self.partial.is_empty() {
            if let Some(total) = self.total(&self.piece)?
                && self.piece.len() >= total
            {
                return Ok(Some(Frame { whole: self.piece.split_to(total) }));
            }
            self.take(self.piece.len());
            return Ok(None);
        }
        self.take(PREFIX.saturating_sub(self.partial.len()));
        let Some(total) = self.total(&self.partial)? else { return Ok(None) };
        self.take(total.saturating_sub(self.partial.len()));
        let is_whole = self.partial.len() == total;
        Ok(is_whole.then(|| Frame { whole: std::mem::take(&mut self.partial).freeze() }))
    }

    /// The length of the frame that begins here, prefix included; `None` before the whole prefix is there.
    fn total(&self, bytes: &[u8]) -> Result<Option<usize>, Status> {
        let Some([_, a, b, c, d]) = bytes.first_chunk::<PREFIX>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(gzip::too_large(self.limit));
        }
        Ok(Some(PREFIX + length))
    }

    fn take(&mut self, length: usize) {
        let taken = self.piece.split_to(length.min(self.piece.len()));
        self.partial.extend_from_slice(&taken);
    }
}

/// The content of a request: checked, inflated, plain frames on the inside.
pub(crate) struct RequestFrames {
    inner: Body,
    splitter: Splitter,
    limit: usize,
    /// The caller has named gzip as the encoding of compressed messages.
    is_gzip: bool,
    /// The rpc takes exactly one message.
    is_single: bool,
    seen: usize,
    ended: bool,
}

impl RequestFrames {
    pub(crate) fn new(inner: Body, limit: usize, is_gzip: bool, is_single: bool) -> Self {
        Self { inner, splitter: Splitter::new(limit), limit, is_gzip, is_single, seen: 0, ended: false }
    }

    /// The next frame as the codec reads it.
    fn next(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(frame) = self.splitter.next()? else { return Ok(None) };
        self.seen += 1;
        if self.is_single && self.seen > 1 {
            return Err(Status::unimplemented("the rpc takes one message, and more were sent"));
        }
        match frame.flags() {
            0 => Ok(Some(frame.into_bytes())),
            COMPRESSED if frame.message().is_empty() => Ok(Some(Frame::new(0, &[]).into_bytes())),
            COMPRESSED if self.is_gzip => {
                let message = gzip::inflate(frame.message(), self.limit)?;
                Ok(Some(Frame::new(0, &message).into_bytes()))
            }
            COMPRESSED => {
                Err(Status::invalid_argument("a message is marked as compressed, and no encoding is named"))
            }
            flags => Err(Status::invalid_argument(format!(
                "a message has the flags {flags:#04x}; expected 0, or 1 for a compressed one"
            ))),
        }
    }

    fn end(&self) -> Result<(), Status> {
        if self.splitter.is_within() {
            return Err(Status::invalid_argument("the content ends inside of a message"));
        }
        if self.is_single && self.seen == 0 {
            return Err(Status::unimplemented("the rpc takes one message, and none was sent"));
        }
        Ok(())
    }
}

impl http_body::Body for RequestFrames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Status>>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        let mut has_read = false;
        let failed = loop {
            match this.next() {
                Ok(Some(frame)) => return Poll::Ready(Some(Ok(Piece::data(frame)))),
                // The beginning of a message: an empty piece shows the layers outside that the content goes on.
                Ok(None) if has_read => return Poll::Ready(Some(Ok(Piece::data(Bytes::new())))),
                Ok(None) => {}
                Err(status) => break status,
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(piece)) => {
                    if let Ok(data) = piece.into_data() {
                        this.splitter.push(data);
                        has_read = true;
                    }
                }
                Some(Err(status)) => break status,
                None => {
                    this.ended = true;
                    return Poll::Ready(this.end().err().map(Err));
                }
            }
        };
        this.ended = true;
        Poll::Ready(Some(Err(failed)))
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        // Compressed frames grow, plain ones stay: this much will come at least.
        if !self.is_gzip && !self.ended {
            hint.set_lower(self.inner.size_hint().lower());
        }
        hint
    }
}

/// The content of an answer with its messages compressed, but for small ones.
pub(crate) struct DeflatedFrames {
    inner: Body,
    splitter: Splitter,
    min: usize,
}

impl DeflatedFrames {
    /// Compresses messages of at least `min` bytes.
    pub(crate) fn new(inner: Body, min: usize) -> Self {
        // What the codec has written is within its limit.
        Self { inner, splitter: Splitter::new(usize::MAX), min }
    }
}

impl http_body::Body for DeflatedFrames {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Piece<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            match this.splitter.next() {
                Ok(Some(frame)) if frame.flags() == 0 && frame.message().len() >= this.min => {
                    let frame = Frame::new(COMPRESSED, &gzip::deflate(frame.message()));
                    return Poll::Ready(Some(Ok(Piece::data(frame.into_bytes()))));
                }
                Ok(Some(frame)) => return Poll::Ready(Some(Ok(Piece::data(frame.into_bytes())))),
                Ok(None) => {}
                Err(status) => return Poll::Ready(Some(Err(status))),
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Ok(piece)) => match piece.into_data() {
                    Ok(data) => this.splitter.push(data),
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => return Poll::Ready(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::{BodyExt as _, StreamBody};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn body(pieces: Vec<Vec<u8>>) -> Body {
        let pieces = pieces.into_iter().map(|piece| Ok::<_, Status>(Piece::data(Bytes::from(piece))));
        Body::new(StreamBody::new(stream::iter(pieces)))
    }

    /// The content cut after each of these positions.
    fn cut(content: &[u8], cuts: &[prop::sample::Index]) -> Vec<Vec<u8>> {
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(content.len() + 1)).collect();
        at.sort_unstable();
        let ends = at.iter().copied().chain([content.len()]);
        let starts = [0].into_iter().chain(at.iter().copied());
        starts.zip(ends).map(|(start, end)| content[start..end].to_vec()).collect()
    }

    fn read(frames: RequestFrames) -> Result<Bytes, Status> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { frames.collect().await.map(http_body_util::Collected::to_bytes) })
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_the_pieces(
            messages in vec((any::<bool>(), vec(any::<u8>(), 0..300)), 0..8),
            cuts in vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let sent: Vec<u8> = messages
                .iter()
                .flat_map(|(packed, message)| match packed {
                    true => Frame::new(COMPRESSED, &gzip::deflate(message)).into_bytes(),
                    false => Frame::new(0, message).into_bytes(),
                })
                .collect();
            let plain: Vec<u8> =
                messages.iter().flat_map(|(_, message)| Frame::new(0, message).into_bytes()).collect();
            let frames = RequestFrames::new(body(cut(&sent, &cuts)), 1000, true, false);
            prop_assert_eq!(read(frames).unwrap(), plain.clone());
            // And back: small ones stay, large ones are compressed, and nothing is lost.
            let packed = DeflatedFrames::new(body(cut(&plain, &cuts)), 100);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let packed = runtime.block_on(packed.collect()).unwrap().to_bytes();
            let again = RequestFrames::new(body(vec![packed.to_vec()]), 1000, true, false);
            prop_assert_eq!(read(again).unwrap(), plain);
        }

        #[test]
        fn hostile_content_is_a_status(
            content in vec(any::<u8>(), 0..64),
            cuts in vec(any::<prop::sample::Index>(), 0..4),
            is_gzip: bool,
            is_single: bool,
        ) {
            let whole = read(RequestFrames::new(body(vec![content.clone()]), 40, is_gzip, is_single));
            let cut = read(RequestFrames::new(body(cut(&content, &cuts)), 40, is_gzip, is_single));
            match (whole, cut) {
                (Ok(whole), Ok(cut)) => prop_assert_eq!(whole, cut),
                (Err(whole), Err(cut)) => {
                    prop_assert_eq!(whole.code(), cut.code());
                    prop_assert_ne!(whole.code(), tonic::Code::Internal);
                }
                (whole, cut) => prop_assert!(false, "{:?} and {:?}", whole, cut),
            }
        }
    }

    #[test]
    fn frames_are_checked() {
        use tonic::Code::{InvalidArgument, ResourceExhausted, Unimplemented};
        let one = |flags, message: &[u8]| Frame::new(flags, message).into_bytes().to_vec();
        let bomb = one(COMPRESSED, &gzip::deflate(&[0; 5000]));
        type Case = (Vec<u8>, bool, bool, Result<usize, tonic::Code>);
        let cases: &[Case] = &[
            (one(0, b"abc"), false, true, Ok(8)),
            (vec![], false, false, Ok(0)),
            (vec![], false, true, Err(Unimplemented)),
            ([one(0, b"a"), one(0, b"b")].concat(), false, true, Err(Unimplemented)),
            ([one(0, b"a"), one(0, b"b")].concat(), false, false, Ok(12)),
            (one(COMPRESSED, &gzip::deflate(b"abc")), true, true, Ok(8)),
            (one(COMPRESSED, &gzip::deflate(b"abc")), false, true, Err(InvalidArgument)),
            (one(COMPRESSED, b"abc"), true, true, Err(InvalidArgument)),
            (one(COMPRESSED, b""), false, true, Ok(5)),
            (one(2, b"{}"), false, true, Err(InvalidArgument)),
            (one(0x80, b"a: b"), false, true, Err(InvalidArgument)),
            (one(0, b"abc")[..6].to_vec(), false, true, Err(InvalidArgument)),
            (vec![0, 0], false, true, Err(InvalidArgument)),
            (vec![0, 0xff, 0xff, 0xff, 0xff], false, true, Err(ResourceExhausted)),
            (bomb, true, true, Err(ResourceExhausted)),
        ];
        for (content, is_gzip, is_single, expected) in cases {
            let found = read(RequestFrames::new(body(vec![content.clone()]), 1000, *is_gzip, *is_single));
            assert_eq!(
                found.map(|bytes| bytes.len()).map_err(|status| status.code()),
                *expected,
                "{content:?}"
            );
        }
    }
}
