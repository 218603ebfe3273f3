//! Where a set goes and in which form: `FILE`, `-`, and `#format=…`, in the notation of inputs.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::error::{Diagnostic, Error, ErrorKind};
use crate::load::{Compression, Encoding, Input, Stream};
use crate::write::write_atomic;

/// Where bytes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, or what a path names instead, such as a pipe.
    File(PathBuf),
    /// Standard output.
    Stdout,
    /// Nowhere: `/dev/null`.
    Nowhere,
}

/// A place and a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Where.
    pub place: Place,
    /// How.
    pub encoding: Encoding,
    /// Packed with what.
    pub compression: Compression,
    /// JSON and YAML: names of fields as in the proto file.
    pub proto_names: bool,
    /// JSON and YAML: enum values as numbers.
    pub enum_numbers: bool,
}

impl Destination {
    /// Reads `x.binpb`, `x.json.gz`, `x#format=txtpb`, `-`, `-#format=json,use_proto_names=true`.
    ///
    /// # Errors
    /// When the name says no form of a descriptor set, or an option is not known.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (base, options) = text.split_once('#').map_or((text, ""), |(base, options)| (base, options));
        let special = match base {
            "-" | "/dev/stdout" => Some(Place::Stdout),
            "/dev/null" => Some(Place::Nowhere),
            _ => None,
        };
        let named = match (&special, options) {
            (None, _) => text.to_owned(),
            (Some(_), "") => "-".to_owned(),
            (Some(_), _) => format!("-#{options}"),
        };
        let Input::Image(image) = Input::parse(&named)? else {
            let message = format!("`{}` is no name of a descriptor set", text.escape_debug());
            let help = "name it `.binpb`, `.json`, `.txtpb` or `.yaml`, with `.gz` or `.zst` after it if you like, or add `#format=binpb`";
            return Err(Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)]));
        };
        let place = match (special, image.from) {
            (Some(place), _) => place,
            (None, Stream::File(path)) => Place::File(path),
            (None, Stream::Stdin) => {
                return Err(Error::message("standard input cannot be written to; `-` is standard output"));
            }
        };
        let is_on = |flag: &str| options.split(',').any(|it| it.strip_prefix(flag) == Some("=true"));
        Ok(Self {
            place,
            encoding: image.encoding,
            compression: image.compression,
            proto_names: is_on("use_proto_names"),
            enum_numbers: is_on("use_enum_numbers"),
        })
    }

    /// Writes a file: by rename, or into what is there when that is no regular file. Returns whether it changed.
    ///
    /// # Errors
    /// [`ErrorKind::Environment`] with the path, when it cannot be written.
    pub fn write_file(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let written =
                    OpenOptions::new().write(true).open(path).and_then(|mut it| it.write_all(bytes));
                written.map(|()| true).map_err(|error| {
                    let message = format!("cannot be written: {error}");
                    let diagnostic = Diagnostic::new(message).in_file(path.display().to_string());
                    Error::new(ErrorKind::Environment, vec![diagnostic])
                })
            }
            _ => write_atomic(path, bytes),
        }
    }
}

/// Packs bytes; the same bytes give the same ones.
pub(super) fn pack(bytes: Vec<u8>, compression: Compression) -> Result<Vec<u8>, Error> {
    match compression {
        Compression::None => Ok(bytes),
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder
                .write_all(&bytes)
                .and_then(|()| encoder.finish())
                .map_err(|error| Error::message(format!("cannot be packed: {error}")))
        }
        Compression::Zstd => Ok(compress_to_vec(&bytes[..], CompressionLevel::Fastest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_form() {
        use Compression::{Gzip, None as Plain, Zstd};
        use Encoding::{Binary, Json, Text, Yaml};
        let file = |path: &str| Place::File(path.into());
        for (text, place, encoding, compression) in [
            ("x.binpb", file("x.binpb"), Binary, Plain),
            ("x.desc", file("x.desc"), Binary, Plain),
            ("x.bin.gz", file("x.bin.gz"), Binary, Gzip),
            ("x.json.zst", file("x.json.zst"), Json, Zstd),
            ("x#format=yaml", file("x"), Yaml, Plain),
            ("-", Place::Stdout, Binary, Plain),
            ("-#format=txtpb", Place::Stdout, Text, Plain),
            ("/dev/stdout#format=json,compression=gzip", Place::Stdout, Json, Gzip),
            ("/dev/null", Place::Nowhere, Binary, Plain),
        ] {
            let found = Destination::parse(text).unwrap();
            assert_eq!(
                (found.place, found.encoding, found.compression),
                (place, encoding, compression),
                "{text}"
            );
        }
        let found = Destination::parse("-#format=json,use_proto_names=true,use_enum_numbers=false").unwrap();
        assert!(found.proto_names && !found.enum_numbers);
        for (text, part) in [
            ("schema", "no name of a descriptor set"),
            ("x.proto", "no name of a descriptor set"),
            ("x.tar.gz", "no name of a descriptor set"),
            ("x.gz", "does not say what is packed"),
            ("x.json#compresion=gzip", "did you mean `compression`?"),
            ("/dev/stdin", "standard output"),
            ("https://x.test/a.binpb", "not on this machine"),
        ] {
            let error = Destination::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
