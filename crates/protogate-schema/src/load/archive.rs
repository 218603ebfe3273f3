//! Reads a project out of a tar or zip archive, in memory: nothing is unpacked to a disk, so no name in an archive can make us
//! write anywhere, and none is ever opened.
//!
//! What does not fit the picture of a folder with files is refused rather than guessed at: absolute names, names with `..`, one
//! name twice with different content. Links, devices and other special entries hold nothing for us; they are left out, as buf
//! has it. Counts and sizes are bounded, of single files, of all of them, and of what is only skipped.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use tar::EntryType;
use zip::ZipArchive;

use super::input::{Archive, Compression, Container, Stream};
use super::snapshot::{self, Files, counts};
use super::sources::Source;
use super::stream::{refuse, too_dense};
use super::{Adjust, Loaded};
use crate::compile::tree::{Refused, unclean};
use crate::compile::{MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES};
use crate::error::{Diagnostic, Error, ErrorKind};

/// Most entries of an archive, of any kind.
const MAX_ENTRIES: usize = 1_000_000;
/// Most bytes of an archive, unpacked: what is not read has to be skipped all the same.
const MAX_BYTES: u64 = 8 << 30;
/// Most bytes of a zip archive from standard input, which has to be held.
const MAX_HELD: u64 = 1 << 30;
/// Longest name that an extended header may give.
const MAX_NAME: u64 = 64 << 10;

pub(super) fn load(archive: &Archive, adjust: &Adjust<'_>) -> Result<Loaded, Error> {
    let content = read(archive)?;
    snapshot::load(&content, &content.top, adjust).map_err(|error| content.advise(error))
}

/// The target files as they are written.
pub(super) fn sources(archive: &Archive, adjust: &Adjust<'_>) -> Result<Vec<Source>, Error> {
    let content = read(archive)?;
    snapshot::sources(&content, &content.top, adjust).map_err(|error| content.advise(error))
}

fn read(archive: &Archive) -> Result<Content, Error> {
    let mut content = Content {
        name: archive.from.display(),
        strip: archive.strip_components,
        top: archive.subdir.clone().unwrap_or_default(),
        ..Content::default()
    };
    let read = match archive.container {
        Container::Tar(compression) => {
            let stream = archive.from.open(compression)?;
            content.read_tar(stream)
        }
        Container::Zip => match archive.from.file()? {
            Some(file) => content.read_zip(io::BufReader::new(file)),
            None => {
                let bytes = Stream::Stdin.read(Compression::None, MAX_HELD)?;
                content.read_zip(Cursor::new(bytes))
            }
        },
    };
    read.map_err(|error| archive.from.unreadable(&error))?;
    Ok(content)
}

/// What was taken out of an archive.
#[derive(Default)]
struct Content {
    name: String,
    strip: usize,
    /// Folder that counts; files outside of it may still be imported when the project says so.
    top: String,
    /// By path; `None` is a link.
    files: BTreeMap<String, Option<Vec<u8>>>,
    entries: usize,
    total: u64,
    /// Name of some file that `strip_components` has left out.
    stripped: Option<String>,
}

impl Content {
    /// The path that an entry counts under, `None` when it does not count.
    fn path(&mut self, raw: &[u8]) -> io::Result<Option<String>> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(refuse(format!("has more than {MAX_ENTRIES} entries")));
        }
        let Ok(name) = std::str::from_utf8(raw) else {
            // Without a source's ending it is nobody's business.
            return if raw.ends_with(b".proto") {
                let shown = String::from_utf8_lossy(raw);
                Err(refuse(format!("holds the name `{}`, which is not UTF-8", shown.escape_debug())))
            } else {
                Ok(None)
            };
        };
        let clean: Vec<_> = name.split('/').filter(|it| *it != ".").collect();
        let clean = clean.join("/");
        let clean = clean.trim_end_matches('/');
        if clean.is_empty() {
            return Ok(None);
        }
        if name.starts_with('/') || clean.split('/').any(|it| it == "..") {
            return Err(refuse(format!(
                "holds the name `{}`, which leads out of the archive",
                name.escape_debug()
            )));
        }
        if !counts(clean) {
            return Ok(None);
        }
        if let Some(why) = unclean(clean) {
            return Err(refuse(format!("holds the name `{}`, which {why}", name.escape_debug())));
        }
        let stripped = clean.splitn(self.strip.saturating_add(1), '/').nth(self.strip);
        if stripped.is_none() && clean.ends_with(".proto") {
            self.stripped.get_or_insert_with(|| clean.to_owned());
        }
        Ok(stripped.map(str::to_owned))
    }

    /// Keeps a file; `size` is what the archive says.
    fn take(&mut self, path: String, size: u64, content: &mut dyn Read) -> io::Result<()> {
        let too_long = || {
            refuse(format!(
                "holds `{}`, which has more than {MAX_FILE_BYTES} bytes, the limit for a source file",
                path.escape_debug()
            ))
        };
        if size > MAX_FILE_BYTES {
            return Err(too_long());
        }
        let mut bytes = Vec::new();
        content.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(too_long());
        }
        if (bytes.len() as u64) < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.total += bytes.len() as u64;
        if self.total > MAX_TOTAL_BYTES {
            return Err(refuse(format!("holds sources of more than {MAX_TOTAL_BYTES} bytes in all")));
        }
        self.keep(path, Some(bytes))
    }

    fn keep(&mut self, path: String, bytes: Option<Vec<u8>>) -> io::Result<()> {
        match self.files.get(&path) {
            Some(first) if *first != bytes => {
                return Err(refuse(format!(
                    "holds `{}` twice, with different content: which one counts would be a guess",
                    path.escape_debug()
                )));
            }
            _ => self.files.insert(path, bytes),
        };
        if self.files.len() > MAX_FILES {
            return Err(refuse(format!("holds more than {MAX_FILES} source files")));
        }
        Ok(())
    }

    fn read_tar(&mut self, stream: Box<dyn Read>) -> io::Result<()> {
        let mut archive = tar::Archive::new(stream.take(MAX_BYTES));
        // Raw: headers that only carry names are entries of their own here, so that their length is ours to bound.
        let mut long_name: Option<Vec<u8>> = None;
        let mut entries = 0;
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry.map_err(broken_tar)?;
            entries += 1;
            let size = entry.size();
            let extended = |entry: &mut dyn Read| {
                let mut bytes = Vec::new();
                if size > MAX_NAME || entry.take(MAX_NAME).read_to_end(&mut bytes)? as u64 != size {
                    return Err(refuse(format!("has an extended header of {size} bytes")));
                }
                Ok(bytes)
            };
            match entry.header().entry_type() {
                EntryType::GNULongName => {
                    let mut name = extended(&mut entry)?;
                    name.truncate(name.iter().position(|it| *it == 0).unwrap_or(name.len()));
                    long_name = Some(name);
                    continue;
                }
                EntryType::XHeader => {
                    if let Some(name) = pax_name(&extended(&mut entry)?)? {
                        long_name = Some(name);
                    }
                    continue;
                }
                EntryType::GNULongLink | EntryType::XGlobalHeader => continue,
                EntryType::GNUSparse => {
                    return Err(refuse("holds sparse files; pack it again without `--sparse`"));
                }
                kind => {
                    let name = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                    let Some(path) = self.path(&name)? else { continue };
                    match kind {
                        EntryType::Regular | EntryType::Continuous => self.take(path, size, &mut entry)?,
                        EntryType::Symlink | EntryType::Link => self.keep(path, None)?,
                        _ => {}
                    }
                }
            }
        }
        // The end of an archive is two blocks of zeros; an empty file has not even one entry.
        if entries == 0 {
            return Err(refuse("is no tar archive, or an empty one"));
        }
        Ok(())
    }

    fn read_zip(&mut self, source: impl Read + Seek) -> io::Result<()> {
        let broken = |error: zip::result::ZipError| match error {
            zip::result::ZipError::Io(error) => error,
            other => refuse(format!("is no zip archive, or a damaged one: {other}")),
        };
        let mut archive = ZipArchive::new(source).map_err(broken)?;
        if archive.has_duplicate_names() {
            return Err(refuse("holds one name twice: which of the two counts would be a guess"));
        }
        for index in 0..archive.len() {
            let entry = archive.by_index_data(index).map_err(broken)?;
            let name = entry.name_raw().to_owned();
            let (file, link, encrypted) = (entry.is_file(), entry.is_symlink(), entry.encrypted());
            let (packed, size) = (entry.compressed_size(), entry.size());
            let Some(path) = self.path(&name)? else { continue };
            if link {
                self.keep(path, None)?;
                continue;
            }
            if !file {
                continue;
            }
            if encrypted {
                return Err(refuse(format!("holds `{}` encrypted", path.escape_debug())));
            }
            if too_dense(packed, size) {
                return Err(refuse(format!("is a decompression bomb: `{}`", path.escape_debug())));
            }
            let mut content = archive.by_index(index).map_err(broken)?;
            self.take(path, size, &mut content).map_err(|error| match error.kind() {
                // A checksum or a deflate stream that is wrong.
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
                    if error.get_ref().is_none_or(|it| !it.is::<super::stream::Refusal>()) =>
                {
                    refuse(format!(
                        "holds `{}` damaged: {error}",
                        String::from_utf8_lossy(&name).escape_debug()
                    ))
                }
                _ => error,
            })?;
        }
        Ok(())
    }

    /// Says what is likely when the sources of an archive are not found.
    fn advise(&self, error: Error) -> Error {
        let (Some(stripped), true) = (&self.stripped, self.files.is_empty()) else { return error };
        let message = format!("`strip_components={}` leaves no file of `{}`", self.strip, self.name);
        let help = format!("the names in it are such as `{stripped}`");
        Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)])
    }
}

fn broken_tar(error: io::Error) -> io::Error {
    if error.get_ref().is_some_and(|it| it.is::<super::stream::Refusal>()) {
        return error;
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => error,
        _ => refuse(format!("is no tar archive, or a damaged one: {error}")),
    }
}

/// The name in a pax header. Its records are `LENGTH KEY=VALUE\n`, where the length counts all of it.
fn pax_name(mut bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut found = None;
    let wrong = || refuse("has a damaged extended header");
    while !bytes.is_empty() {
        let space = bytes.iter().position(|it| *it == b' ').ok_or_else(wrong)?;
        let length: usize =
            std::str::from_utf8(&bytes[..space]).ok().and_then(|it| it.parse().ok()).ok_or_else(wrong)?;
        let record = bytes.get(space + 1..length).ok_or_else(wrong)?;
        let record = record.strip_suffix(b"\n").ok_or_else(wrong)?;
        let equals = record.iter().position(|it| *it == b'=').ok_or_else(wrong)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => found = Some(value.to_vec()),
            // The length in the plain header is then not the length; nothing of ours is that long.
            b"size" => return Err(refuse("holds a file of 8 GiB or more")),
            key if key.starts_with(b"GNU.sparse.") => {
                return Err(refuse("holds sparse files; pack it again without `--sparse`"));
            }
            _ => {}
        }
        bytes = &bytes[length..];
    }
    Ok(found)
}

impl Files for Content {
    fn name(&self) -> &str {
        &self.name
    }

    fn list(&self) -> Vec<(&str, bool)> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.is_none())).collect()
    }

    fn read(&self, path: &str, display: &str) -> Result<Vec<u8>, Refused> {
        match self.files.get(path) {
            Some(Some(bytes)) => Ok(bytes.clone()),
            _ => Err(Refused::input(display, "is no longer there")),
        }
    }
}
