//! What the user types as INPUT, understood without looking at the disk.
//!
//! The notation is buf's: `PATH` or `PATH#key=value,key=value`. The format comes from `format=` or else from the name. What has
//! to be fetched from somewhere is refused here, with what to do instead: this program opens no connections for a schema.

use std::path::{Path, PathBuf};

use super::notation::{Format, Options, by_name, fault, packing};
use super::revision::check_revision;
use crate::error::Error;

/// Something that a schema can be loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A folder: a project, or an import root.
    Directory(PathBuf),
    /// One `.proto` file.
    ProtoFile(PathBuf),
    /// One `.proto` file together with the other files of its package.
    PackageOf(PathBuf),
    /// A `google.protobuf.FileDescriptorSet`, also one that buf wrote as an image.
    Image(Image),
    /// An archive of sources.
    Archive(Archive),
    /// A revision in a local git repository.
    Git {
        /// Folder that git is asked in.
        repo: PathBuf,
        /// Revision: `HEAD`, `refs/heads/main`, `refs/tags/v1`, `HEAD~3`, a commit's hash.
        rev: String,
        /// Folder inside the revision, relative to its top.
        subdir: Option<String>,
    },
}

/// Where the bytes of an image or archive come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stream {
    /// A regular file.
    File(PathBuf),
    /// Standard input, to its end.
    Stdin,
}

/// What a stream is packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of formats")]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

/// How a descriptor set is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "names of formats")]
pub enum Encoding {
    Binary,
    Json,
    Text,
    Yaml,
}

/// A descriptor set and how to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Where it is.
    pub from: Stream,
    /// How it is written.
    pub encoding: Encoding,
    /// What it is packed with.
    pub compression: Compression,
}

impl Image {
    /// An uncompressed binary descriptor set.
    pub fn binary(path: impl Into<PathBuf>) -> Self {
        Self { from: Stream::File(path.into()), encoding: Encoding::Binary, compression: Compression::None }
    }
}

/// The container of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// tar, as a whole packed with something or nothing.
    Tar(Compression),
    /// zip, stored or deflated.
    Zip,
}

/// An archive of sources and which part of it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// Where it is.
    pub from: Stream,
    /// What it is.
    pub container: Container,
    /// Leading folders to take off each name; names that have fewer are left out. Default 0.
    pub strip_components: usize,
    /// Folder inside the archive, relative to its top, after `strip_components`.
    pub subdir: Option<String>,
}

impl Input {
    /// Whether the folder is there, for callers that look at it before they load.
    ///
    /// # Errors
    /// When it is not, and its name is meant to be something else.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Self::Directory(dir) => check_directory(dir),
            _ => Ok(()),
        }
    }

    /// Reads the notation `DIR`, `FILE.proto`, `FILE.binpb`, `FILE.json.gz`, `FILE.tar.gz#subdir=proto`,
    /// `.git#branch=main,subdir=proto`, `-` (standard input). `docs/guide/gate.md` lists formats and options.
    ///
    /// In the git notation `branch`, `tag`, `ref` or `commit` names the revision (default `HEAD`), `subdir` a folder in it.
    /// `depth` and `filter` are accepted for buf's sake and mean nothing: a local repository is read as it is.
    ///
    /// # Errors
    /// When an option is not known or does not fit the format, or the input would have to be fetched.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::message("the input is empty; `.` is the current folder"));
        }
        if text.contains('\0') {
            return Err(Error::message("the input holds a NUL character"));
        }
        let (base, options) = match text.split_once('#') {
            Some((base, options)) => (base, Some(options)),
            None => (text, None),
        };
        let named = by_name(Path::new(base));
        // A `#` that belongs to the name of a file or folder.
        if let (Some(options), Ok((Format::Dir | Format::ProtoFile, _))) = (options, &named)
            && !options.contains('=')
        {
            return Self::build(text, by_name(Path::new(text))?, &Options::default());
        }
        let options = Options::parse(options.unwrap_or(""))?;
        let (format, compression) = match options.format()? {
            Some((format, compression)) => (format, compression.or_else(|| packing(Path::new(base)))),
            None => named?,
        };
        options.check(format, base)?;
        Self::build(base, (format, compression), &options)
    }

    fn build(
        base: &str,
        (format, compression): (Format, Option<Compression>),
        options: &Options,
    ) -> Result<Self, Error> {
        let base = local(base, format)?;
        let path = PathBuf::from(base);
        let from = || match base {
            "-" | "/dev/stdin" => Stream::Stdin,
            _ => Stream::File(path.clone()),
        };
        let compression = options.compression()?.or(compression).unwrap_or(Compression::None);
        let image = |encoding| Ok(Self::Image(Image { from: from(), encoding, compression }));
        match format {
            Format::Binpb => image(Encoding::Binary),
            Format::Json | Format::Yaml => {
                // How names and enums are written is seen; the two options exist for writing.
                options.flag("use_proto_names")?;
                options.flag("use_enum_numbers")?;
                image(if format == Format::Json { Encoding::Json } else { Encoding::Yaml })
            }
            Format::Txtpb => image(Encoding::Text),
            Format::Tar | Format::Zip => Ok(Self::Archive(Archive {
                from: from(),
                container: if format == Format::Tar { Container::Tar(compression) } else { Container::Zip },
                strip_components: options.number("strip_components")?.unwrap_or(0),
                subdir: options.subdir()?,
            })),
            _ if base == "-" => Err(fault(
                format!("`-` is standard input, and {} cannot be read from there", format.name()),
                "formats of standard input: binpb (the default), json, txtpb, yaml, tar, zip, as in `/dev/stdin#format=json`",
            )),
            Format::Dir => Ok(Self::Directory(path)),
            Format::ProtoFile if options.flag("include_package_files")? => Ok(Self::PackageOf(path)),
            Format::ProtoFile => Ok(Self::ProtoFile(path)),
            Format::Git => parse_git(&path, options),
            Format::Mod => Err(registry(base)),
        }
    }
}

/// The path of an input on this machine; what is elsewhere is refused.
fn local(base: &str, format: Format) -> Result<&str, Error> {
    if let Some(path) = base.strip_prefix("file://") {
        if path.starts_with('/') {
            return Ok(path);
        }
        return Err(fault(
            format!("`{}` names a host", base.escape_debug()),
            "write `file:///path`, or the path alone",
        ));
    }
    let remote_git = base.contains("::") || base.starts_with("git@");
    if !remote_git && !base.contains("://") {
        return Ok(base);
    }
    let shown = base.escape_debug();
    Err(if format == Format::Git || remote_git {
        fault(
            format!("`{shown}` is a remote repository"),
            "clone it first and give the path of the clone: `path/to/.git#branch=main`",
        )
    } else {
        fault(format!("`{shown}` is not on this machine"), "download it first and give the path of the file")
    })
}

/// That a registry's module has to be fetched by somebody else.
pub(super) fn registry(name: &str) -> Error {
    fault(
        format!("`{}` is a module of a registry", name.escape_debug()),
        "write it to a folder first, with `buf export MODULE -o DIR`, and give the folder",
    )
}

/// That a folder is there; if not, what else its name may be meant to be.
fn check_directory(dir: &Path) -> Result<(), Error> {
    if dir.exists() {
        return Ok(());
    }
    let text = dir.to_string_lossy();
    let parts: Vec<_> = text.split('/').collect();
    match parts[..] {
        [host, owner, name]
            if host.contains('.') && !host.starts_with('.') && !owner.is_empty() && !name.is_empty() =>
        {
            Err(registry(&text))
        }
        _ => Ok(()),
    }
}

fn parse_git(path: &Path, options: &Options) -> Result<Input, Error> {
    let repo = if path.file_name().is_some_and(|it| it == ".git") {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        }
    } else {
        path.to_owned()
    };
    if options.flag("recurse_submodules")? {
        return Err(fault(
            "`recurse_submodules` is not supported: a revision is read without its submodules".to_owned(),
            "check the submodules out and give the folder, or give the submodule's own `.git`",
        ));
    }
    options.number("depth")?;
    let named: Vec<_> =
        ["branch", "tag", "commit", "ref"].iter().filter(|key| options.get(key).is_some()).copied().collect();
    let key = match named[..] {
        [] => None,
        [key] => Some(key),
        // buf clones the branch and checks the reference out of it.
        ["branch", "ref"] => Some("ref"),
        _ => {
            return Err(fault(
                "the git input names more than one revision".to_owned(),
                "keep one of `branch`, `tag`, `ref` and `commit`",
            ));
        }
    };
    let mut rev = "HEAD".to_owned();
    if let Some((key, value)) = key.and_then(|key| options.get(key).map(|value| (key, value))) {
        let hash = (4..=64).contains(&value.len()) && value.bytes().all(|it| it.is_ascii_hexdigit());
        if key == "commit" && !hash {
            return Err(fault(
                format!("`commit={}` is no hash of 4 to 64 hexadecimal digits", value.escape_default()),
                "for other names use `ref=`",
            ));
        }
        check_revision(value).map_err(Error::message)?;
        rev = match key {
            "branch" => format!("refs/heads/{value}"),
            "tag" => format!("refs/tags/{value}"),
            _ => value.to_owned(),
        };
    }
    Ok(Input::Git { repo, rev, subdir: options.subdir()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(repo: &str, rev: &str, subdir: Option<&str>) -> Input {
        Input::Git { repo: repo.into(), rev: rev.into(), subdir: subdir.map(str::to_owned) }
    }

    fn image(path: &str, encoding: Encoding, compression: Compression) -> Input {
        let from = if path == "-" { Stream::Stdin } else { Stream::File(path.into()) };
        Input::Image(Image { from, encoding, compression })
    }

    fn archive(path: &str, container: Container, strip_components: usize, subdir: Option<&str>) -> Input {
        let from = if path == "-" { Stream::Stdin } else { Stream::File(path.into()) };
        Input::Archive(Archive { from, container, strip_components, subdir: subdir.map(str::to_owned) })
    }

    #[test]
    fn folders_files_and_revisions() {
        for (text, expected) in [
            (".", Input::Directory(".".into())),
            ("proto/", Input::Directory("proto/".into())),
            ("a#b", Input::Directory("a#b".into())),
            ("a#b.proto", Input::ProtoFile("a#b.proto".into())),
            ("x.json#format=dir", Input::Directory("x.json".into())),
            ("file:///x/y", Input::Directory("/x/y".into())),
            ("a/b.proto", Input::ProtoFile("a/b.proto".into())),
            ("b.proto#include_package_files=true", Input::PackageOf("b.proto".into())),
            ("b.proto#include_package_files=false", Input::ProtoFile("b.proto".into())),
            (".git", git(".", "HEAD", None)),
            (".git#branch=main", git(".", "refs/heads/main", None)),
            ("../x/.git#tag=v1.2.0,subdir=./proto/", git("../x", "refs/tags/v1.2.0", Some("proto"))),
            ("bare.git#ref=HEAD~3,subdir=a/b,depth=50", git("bare.git", "HEAD~3", Some("a/b"))),
            (".git#branch=main,ref=HEAD~2", git(".", "HEAD~2", None)),
            (".git#commit=0123abcd", git(".", "0123abcd", None)),
            (".git#subdir=.,recurse_submodules=false", git(".", "HEAD", None)),
            ("work/tree#format=git,branch=a#b", git("work/tree", "refs/heads/a#b", None)),
            ("file:///x/.git#tag=v1", git("/x", "refs/tags/v1", None)),
        ] {
            assert_eq!(Input::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn images_and_archives() {
        use Compression::{Gzip, None as Plain, Zstd};
        use Encoding::{Binary, Json, Text, Yaml};
        for (text, expected) in [
            ("b.binpb", image("b.binpb", Binary, Plain)),
            ("b.DESC", image("b.DESC", Binary, Plain)),
            ("-", image("-", Binary, Plain)),
            ("/dev/stdin", image("-", Binary, Plain)),
            ("-#format=json,compression=gzip", image("-", Json, Gzip)),
            ("-#format=jsongz", image("-", Json, Gzip)),
            ("x#format=bin", image("x", Binary, Plain)),
            ("x#format=bingz", image("x", Binary, Gzip)),
            ("x.bin.gz", image("x.bin.gz", Binary, Gzip)),
            ("x.json.zst", image("x.json.zst", Json, Zstd)),
            ("x.json.zst#compression=none", image("x.json.zst", Json, Plain)),
            ("x.txtpb", image("x.txtpb", Text, Plain)),
            ("x.yaml.gz#use_proto_names=true", image("x.yaml.gz", Yaml, Gzip)),
            ("x.gz#format=json", image("x.gz", Json, Gzip)),
            ("x.tar", archive("x.tar", Container::Tar(Plain), 0, None)),
            ("x.tgz", archive("x.tgz", Container::Tar(Gzip), 0, None)),
            (
                "x.tar.zst#strip_components=2,subdir=a/b",
                archive("x.tar.zst", Container::Tar(Zstd), 2, Some("a/b")),
            ),
            ("x.zip#subdir=a", archive("x.zip", Container::Zip, 0, Some("a"))),
            ("-#format=targz", archive("-", Container::Tar(Gzip), 0, None)),
            ("-#format=tar,compression=zstd", archive("-", Container::Tar(Zstd), 0, None)),
        ] {
            assert_eq!(Input::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn refused_with_a_reason() {
        for (text, part) in [
            ("", "empty"),
            ("a\0b", "NUL"),
            ("https://x.test/a.git#branch=main", "remote repository"),
            ("ssh://git@x.test/a#format=git", "remote repository"),
            ("https://x.test/a.tar.gz", "download it first"),
            ("https://x.test/a", "download it first"),
            ("file://host/a", "names a host"),
            ("ext::sh -c touch% x.git#branch=main", "remote"),
            ("git@x.test:a.git", "remote"),
            (".git#branch=--upload-pack=x", "must start with"),
            (".git#ref=-O", "must start with"),
            (".git#ref=a\nb", "only letters"),
            (".git#ref=HEAD@{1}", "only letters"),
            (".git#branch=", "empty"),
            (".git#branch=a,tag=b", "more than one"),
            (".git#ref=a,commit=0123abcd", "more than one"),
            (".git#brunch=a", "did you mean `branch`?"),
            (".git#branch=a,branch=b", "twice"),
            (".git#main", "no value"),
            (".git#commit=main", "hexadecimal"),
            (".git#subdir=../x", "no folder inside"),
            (".git#subdir=/x", "no folder inside"),
            (".git#recurse_submodules=true", "without its submodules"),
            (".git#depth=x", "is no number"),
            ("proto#branch=main", "`proto` is read as a folder"),
            ("x.tar.gz#branch=main", "option of git"),
            ("x.tar.gz#subdir", "no value"),
            ("x.zip#compression=gzip", "is no option of zip"),
            ("x.tar#compression=bzip2", "`none`, `gzip` or `zstd`"),
            ("x.tar#strip_components=-1", "is no number"),
            ("x.json#use_proto_names=yes", "`true` or `false`"),
            ("x#format=bnpb", "did you mean `binpb`?"),
            ("x.gz", "does not say what is packed"),
            ("x.tar.bz2", "bzip2"),
            ("-#format=dir", "standard input"),
            ("buf.build/acme/x#format=mod", "buf export"),
            ("x.binpb#foo=1", "not known"),
        ] {
            let error = Input::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
