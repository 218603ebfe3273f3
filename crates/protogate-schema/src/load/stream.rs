//! Bytes of images and archives: opened, unpacked and bounded.
//!
//! Nothing is believed about sizes: a packed stream is counted while it is unpacked, in bytes and against what it was unpacked
//! from, so that a small file cannot become a large one.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::input::{Compression, Stream};
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::project::shown;

/// Most bytes that one packed byte may stand for, once there are [`RATIO_FREE`] of them. Sources and images stay far below.
const MAX_RATIO: u64 = 200;
/// Unpacked bytes from which on the ratio counts.
const RATIO_FREE: u64 = 16 << 20;
/// Largest window of a zstd frame, in bytes: memory that a frame can ask for. `zstd -19 --long` needs as much.
const MAX_WINDOW: u64 = 128 << 20;

/// Standard input is there once; who asks again would find it empty.
static STDIN_TAKEN: AtomicBool = AtomicBool::new(false);

impl Stream {
    /// What messages call it.
    pub(super) fn display(&self) -> String {
        match self {
            Self::File(path) => shown(path),
            Self::Stdin => "stdin".to_owned(),
        }
    }

    fn fail(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::new(kind, vec![Diagnostic::new(message).in_file(self.display())])
    }

    /// An error of reading: what the content is to blame for, or what is around it.
    pub(super) fn unreadable(&self, error: &io::Error) -> Error {
        if let Some(refused) = error.get_ref().and_then(|it| it.downcast_ref::<Refusal>()) {
            return self.fail(ErrorKind::Input, refused.0.clone());
        }
        match error.kind() {
            io::ErrorKind::NotFound => self.fail(ErrorKind::Input, "there is no such file"),
            io::ErrorKind::UnexpectedEof => {
                self.fail(ErrorKind::Input, "ends too early: it is only a part of a file")
            }
            _ => self.fail(ErrorKind::Environment, format!("cannot be read: {error}")),
        }
    }

    /// The regular file behind the stream; `None` for standard input.
    pub(super) fn file(&self) -> Result<Option<File>, Error> {
        let Self::File(path) = self else { return Ok(None) };
        let found = std::fs::metadata(path).map_err(|error| self.unreadable(&error))?;
        if !found.is_file() {
            return Err(self.fail(ErrorKind::Input, "is no regular file"));
        }
        File::open(path).map(Some).map_err(|error| self.unreadable(&error))
    }

    /// The bytes, unpacked while they are read.
    pub(super) fn open(&self, compression: Compression) -> Result<Box<dyn Read>, Error> {
        let packed: Box<dyn Read> = match self.file()? {
            Some(file) => Box::new(file),
            None if STDIN_TAKEN.swap(true, Ordering::Relaxed) => {
                let message = "was already read: standard input can be one input, not two";
                return Err(self.fail(ErrorKind::Input, message));
            }
            None => Box::new(io::stdin().lock()),
        };
        Ok(unpack(packed, compression))
    }

    /// All bytes, unpacked, at most `max`.
    pub(super) fn read(&self, compression: Compression, max: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        if let (Self::File(path), Compression::None) = (self, compression) {
            let length = std::fs::metadata(path).map_or(0, |it| it.len());
            bytes.reserve_exact(usize::try_from(length.min(max)).unwrap_or(0) + 1);
        }
        self.open(compression)?
            .take(max + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreadable(&error))?;
        if bytes.len() as u64 > max {
            return Err(self.fail(ErrorKind::Input, format!("has more than {max} bytes")));
        }
        Ok(bytes)
    }
}

/// The unpacked form of a stream.
pub(super) fn unpack(packed: Box<dyn Read>, compression: Compression) -> Box<dyn Read> {
    let consumed = Rc::new(Cell::new(0));
    let counted = BufReader::with_capacity(64 << 10, Counted { inner: packed, count: consumed.clone() });
    let unpacked: Box<dyn Read> = match compression {
        Compression::None => return Box::new(counted),
        Compression::Gzip => Box::new(Gzip { inner: MultiGzDecoder::new(counted) }),
        Compression::Zstd => Box::new(Zstd { source: counted, frame: None, seen: false }),
    };
    Box::new(Bounded { inner: unpacked, consumed, produced: 0 })
}

/// Why content is not taken; travels inside an [`io::Error`].
#[derive(Debug)]
pub(super) struct Refusal(String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// An error that is the content's fault.
pub(super) fn refuse(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Refusal(message.into()))
}

struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

/// Whether so many unpacked bytes are more than the packed ones are trusted with.
pub(super) fn too_dense(packed: u64, unpacked: u64) -> bool {
    unpacked > RATIO_FREE && unpacked / MAX_RATIO > packed
}

struct Bounded {
    inner: Box<dyn Read>,
    consumed: Rc<Cell<u64>>,
    produced: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.produced += read as u64;
        if too_dense(self.consumed.get(), self.produced) {
            return Err(refuse(format!(
                "is a decompression bomb: one packed byte stands for more than {MAX_RATIO}"
            )));
        }
        Ok(read)
    }
}

struct Gzip<R> {
    inner: MultiGzDecoder<R>,
}

impl<R: io::BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                refuse(format!("is no gzip file, or a damaged one: {error}"))
            }
            _ => error,
        })
    }
}

/// The frames of a zstd file, one after the other.
struct Zstd<R> {
    source: R,
    /// Of the frame that is being read.
    frame: Option<Box<FrameDecoder>>,
    seen: bool,
}

impl<R: io::BufRead> Zstd<R> {
    /// Goes on to the next frame; `false` at the end.
    fn next(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return if self.seen { Ok(false) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
            self.seen = true;
            let mut frame = FrameDecoder::new();
            frame.set_max_window_size(MAX_WINDOW);
            match frame.init(&mut self.source) {
                Ok(()) => {
                    self.frame = Some(Box::new(frame));
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    if io::copy(&mut (&mut self.source).take(length), &mut io::sink())? != length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(damaged(&error)),
            }
        }
    }
}

fn damaged(error: &dyn std::fmt::Display) -> io::Error {
    refuse(format!("is no zstd file, or a damaged one: {error}"))
}

impl<R: io::BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(frame) = &mut self.frame else {
                if buffer.is_empty() || !self.next()? {
                    return Ok(0);
                }
                continue;
            };
            while frame.can_collect() == 0 && !frame.is_finished() {
                frame
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| damaged(&error))?;
            }
            let read = frame.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if frame.get_checksum_from_data().is_some()
                && frame.get_checksum_from_data() != frame.get_calculated_checksum()
            {
                return Err(damaged(&"its checksum is wrong"));
            }
            self.frame = None;
        }
    }
}
