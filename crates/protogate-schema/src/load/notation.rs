//! The `#key=value,…` part of an input, and what a file name says about the format.
//!
//! One table says which option belongs to which format; which values an option takes is said where it is read.

use std::path::Path;

use super::input::Compression;
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::nearest::suggest;

/// What kind of thing an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Dir,
    Git,
    Tar,
    Zip,
    Binpb,
    Json,
    Txtpb,
    Yaml,
    ProtoFile,
    Mod,
}

use Format::{Binpb, Dir, Git, Json, Mod, ProtoFile, Tar, Txtpb, Yaml, Zip};

/// Values of `format=`, the old ones of buf included, with the compression that is part of them.
const FORMATS: [(&str, Format, Option<Compression>); 14] = [
    ("dir", Dir, None),
    ("git", Git, None),
    ("tar", Tar, None),
    ("zip", Zip, None),
    ("binpb", Binpb, None),
    ("json", Json, None),
    ("txtpb", Txtpb, None),
    ("yaml", Yaml, None),
    ("protofile", ProtoFile, None),
    ("mod", Mod, None),
    ("bin", Binpb, None),
    ("bingz", Binpb, Some(Compression::Gzip)),
    ("jsongz", Json, Some(Compression::Gzip)),
    ("targz", Tar, Some(Compression::Gzip)),
];

/// Options and the formats that have them; `format` is one of all.
const KEYS: [(&str, &[Format]); 14] = [
    ("format", &[Dir, Git, Tar, Zip, Binpb, Json, Txtpb, Yaml, ProtoFile, Mod]),
    ("branch", &[Git]),
    ("tag", &[Git]),
    ("ref", &[Git]),
    ("commit", &[Git]),
    ("depth", &[Git]),
    ("filter", &[Git]),
    ("recurse_submodules", &[Git]),
    ("subdir", &[Git, Tar, Zip]),
    ("strip_components", &[Tar, Zip]),
    ("compression", &[Tar, Binpb, Json, Txtpb, Yaml]),
    ("include_package_files", &[ProtoFile]),
    ("use_proto_names", &[Json, Yaml]),
    ("use_enum_numbers", &[Json, Yaml]),
];

impl Format {
    /// As `format=` writes it.
    pub(super) fn name(self) -> &'static str {
        FORMATS.iter().find(|(_, format, _)| *format == self).map_or("", |(name, ..)| name)
    }

    fn plain(self) -> &'static str {
        match self {
            Dir => "a folder",
            Git => "a git repository",
            Tar => "a tar archive",
            Zip => "a zip archive",
            Binpb => "a descriptor set",
            Json => "a JSON image",
            Txtpb => "a text image",
            Yaml => "a YAML image",
            ProtoFile => "a proto file",
            Mod => "a module of a registry",
        }
    }
}

/// The format that a file name stands for. Standard input is a binary image.
pub(super) fn by_name(path: &Path) -> Result<(Format, Option<Compression>), Error> {
    let text = path.to_string_lossy();
    if matches!(&*text, "-" | "/dev/stdin") {
        return Ok((Binpb, None));
    }
    let extension = |path: &Path| {
        path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase).unwrap_or_default()
    };
    let packed = |extension: &str| match extension {
        "binpb" | "bin" | "pb" | "desc" => Some(Binpb),
        "json" => Some(Json),
        "txtpb" => Some(Txtpb),
        "yaml" => Some(Yaml),
        "tar" => Some(Tar),
        _ => None,
    };
    let own = extension(path);
    if let Some(format) = packed(&own) {
        return Ok((format, None));
    }
    let compression = match own.as_str() {
        "git" => return Ok((Git, None)),
        "proto" => return Ok((ProtoFile, None)),
        "zip" => return Ok((Zip, None)),
        "tgz" => return Ok((Tar, Some(Compression::Gzip))),
        "gz" => Compression::Gzip,
        "zst" => Compression::Zstd,
        "bz2" | "xz" if extension(Path::new(path.file_stem().unwrap_or_default())) == "tar" => {
            let name = if own == "xz" { "xz" } else { "bzip2" };
            return Err(fault(
                format!("`{}` is packed with {name}, which is not supported", text.escape_debug()),
                "pack it with gzip or zstd, or not at all",
            ));
        }
        _ if path.file_name().is_some_and(|it| it == ".git") => return Ok((Git, None)),
        _ => return Ok((Dir, None)),
    };
    match packed(&extension(Path::new(path.file_stem().unwrap_or_default()))) {
        Some(format) => Ok((format, Some(compression))),
        None => Err(fault(
            format!("the name `{}` does not say what is packed", text.escape_debug()),
            "name it such as `.tar.gz`, `.binpb.gz` or `.json.zst`, or say it: `#format=binpb,compression=gzip`",
        )),
    }
}

/// What the last part of a file name says about its packing.
pub(super) fn packing(path: &Path) -> Option<Compression> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "gz" | "tgz" => Some(Compression::Gzip),
        "zst" => Some(Compression::Zstd),
        _ => None,
    }
}

/// The options of an input as they were written.
#[derive(Debug, Default)]
pub(super) struct Options {
    pairs: Vec<(String, String)>,
}

impl Options {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for option in text.split(',').filter(|it| !it.is_empty()) {
            let Some((key, value)) = option.split_once('=') else {
                return Err(fault(
                    format!("the option `{}` has no value", option.escape_default()),
                    "options are `key=value`, separated by commas, as in `branch=main,subdir=proto`",
                ));
            };
            if pairs.iter().any(|(seen, _)| seen == key) {
                return Err(fault(
                    format!("the option `{}` is there twice", key.escape_default()),
                    "keep one of the two",
                ));
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(Self { pairs })
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(it, _)| it == key).map(|(_, value)| value.as_str())
    }

    /// What `format=` says.
    pub(super) fn format(&self) -> Result<Option<(Format, Option<Compression>)>, Error> {
        let Some(name) = self.get("format") else { return Ok(None) };
        match FORMATS.iter().find(|(it, ..)| *it == name) {
            Some((_, format, compression)) => Ok(Some((*format, *compression))),
            None => Err(fault(
                format!("the format `{}` is not known", name.escape_default()),
                &suggest(name, FORMATS.map(|(name, ..)| name)),
            )),
        }
    }

    /// Whether every option is one of this format.
    pub(super) fn check(&self, format: Format, base: &str) -> Result<(), Error> {
        for (key, _) in &self.pairs {
            let known = KEYS.iter().find(|(it, _)| it == key).map(|(_, formats)| *formats);
            match known {
                Some(formats) if formats.contains(&format) => {}
                Some(&[Git]) => {
                    return Err(fault(
                        format!(
                            "`{key}` is an option of git, but `{}` is read as {}",
                            base.escape_debug(),
                            format.plain()
                        ),
                        "write `path/to/.git#branch=main`, or add `format=git`",
                    ));
                }
                Some(formats) => {
                    let names: Vec<_> = formats.iter().map(|it| it.name()).collect();
                    return Err(fault(
                        format!(
                            "`{key}` is no option of {}, and `{}` is read as {}",
                            format.name(),
                            base.escape_debug(),
                            format.plain()
                        ),
                        &format!("formats with this option: {}; `format=` chooses one", names.join(", ")),
                    ));
                }
                None => {
                    let names =
                        KEYS.iter().filter(|(_, formats)| formats.contains(&format)).map(|(name, _)| *name);
                    return Err(fault(
                        format!("the option `{}` is not known", key.escape_default()),
                        &suggest(key, names),
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn flag(&self, key: &str) -> Result<bool, Error> {
        match self.get(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(fault(
                format!("`{key}={}` is neither true nor false", other.escape_default()),
                "write `true` or `false`",
            )),
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<usize>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match value.parse::<u32>() {
            Ok(number) if value.bytes().all(|it| it.is_ascii_digit()) => Ok(Some(number as usize)),
            _ => Err(fault(
                format!("`{key}={}` is no number", value.escape_default()),
                "write a whole number that is not negative",
            )),
        }
    }

    pub(super) fn compression(&self) -> Result<Option<Compression>, Error> {
        match self.get("compression") {
            None => Ok(None),
            Some("none") => Ok(Some(Compression::None)),
            Some("gzip") => Ok(Some(Compression::Gzip)),
            Some("zstd") => Ok(Some(Compression::Zstd)),
            Some(other) => Err(fault(
                format!("`compression={}` is not known", other.escape_default()),
                "write `none`, `gzip` or `zstd`",
            )),
        }
    }

    /// A folder inside the input, `None` for its top.
    pub(super) fn subdir(&self) -> Result<Option<String>, Error> {
        let Some(value) = self.get("subdir") else { return Ok(None) };
        let parts: Vec<_> = value.split('/').filter(|it| !it.is_empty() && *it != ".").collect();
        if value.starts_with('/')
            || parts.contains(&"..")
            || value.contains(|c: char| c.is_control() || c == '\\')
        {
            return Err(fault(
                format!("`subdir={}` is no folder inside the input", value.escape_default()),
                "give it relative to the top of the repository or archive, with forward slashes",
            ));
        }
        Ok((!parts.is_empty()).then(|| parts.join("/")))
    }
}

pub(super) fn fault(message: String, help: &str) -> Error {
    Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)])
}
