//! What the user types as INPUT, understood without looking at the disk.

use std::path::{Path, PathBuf};

use super::revision::check_revision;
use crate::error::{Diagnostic, Error, ErrorKind};
use crate::nearest::suggest;

/// Something that a schema can be loaded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A folder: a project, or an import root.
    Directory(PathBuf),
    /// One `.proto` file.
    ProtoFile(PathBuf),
    /// An encoded `google.protobuf.FileDescriptorSet`, also one that buf wrote as an image.
    DescriptorSet(PathBuf),
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

const GIT_KEYS: [&str; 6] = ["branch", "commit", "depth", "ref", "subdir", "tag"];

impl Input {
    /// Reads the notation `DIR`, `FILE.proto`, `FILE.binpb` (also `.bin`, `.pb`, `.desc`), `.git#branch=main,subdir=proto`.
    ///
    /// In the git notation `branch`, `tag`, `ref` or `commit` names the revision (default `HEAD`), `subdir` a folder in it.
    /// `depth` is accepted for buf's sake and means nothing: a local repository is read as it is.
    ///
    /// # Errors
    /// When the git notation is wrong, or names a remote repository.
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
        if base.contains("://") || base.contains("::") || base.starts_with("git@") {
            return Err(fault(
                format!("`{text}` is a remote repository"),
                "clone it first and give the path of the clone: `path/to/.git#branch=main`",
            ));
        }
        let path = Path::new(base);
        if path.extension().is_some_and(|it| it == "git") || path.file_name().is_some_and(|it| it == ".git") {
            return Self::parse_git(path, options.unwrap_or(""));
        }
        // A `#` that belongs to the name of a file or folder.
        let path = PathBuf::from(text);
        if options.is_some_and(|it| GIT_KEYS.iter().any(|key| it.starts_with(&format!("{key}=")))) {
            return Err(fault(
                format!("`{text}` has git options, but `{base}` is no `.git`"),
                "write `path/to/.git#branch=main`",
            ));
        }
        let extension = path.extension().and_then(|it| it.to_str()).map(str::to_ascii_lowercase);
        Ok(match extension.as_deref() {
            Some("proto") => Self::ProtoFile(path),
            Some("binpb" | "bin" | "pb" | "desc") => Self::DescriptorSet(path),
            _ => Self::Directory(path),
        })
    }

    fn parse_git(path: &Path, options: &str) -> Result<Self, Error> {
        let repo = if path.file_name().is_some_and(|it| it == ".git") {
            match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                _ => PathBuf::from("."),
            }
        } else {
            path.to_owned()
        };
        let (mut rev, mut subdir) = (None, None);
        for option in options.split(',').filter(|it| !it.is_empty()) {
            let Some((key, value)) = option.split_once('=') else {
                return Err(fault(format!("git option `{option}` has no value"), "write `branch=main`"));
            };
            let found = match key {
                "branch" => format!("refs/heads/{value}"),
                "tag" => format!("refs/tags/{value}"),
                "ref" => value.to_owned(),
                "commit"
                    if (4..=64).contains(&value.len()) && value.bytes().all(|it| it.is_ascii_hexdigit()) =>
                {
                    value.to_owned()
                }
                "commit" => {
                    return Err(fault(
                        format!(
                            "`commit={}` is no hash of 4 to 64 hexadecimal digits",
                            value.escape_default()
                        ),
                        "for other names use `ref=`",
                    ));
                }
                "subdir" => {
                    subdir = clean_subdir(value)?;
                    continue;
                }
                "depth" if value.bytes().all(|it| it.is_ascii_digit()) => continue,
                _ => {
                    return Err(fault(
                        format!("git option `{}` is not known", key.escape_default()),
                        &suggest(key, GIT_KEYS),
                    ));
                }
            };
            check_revision(value).map_err(Error::message)?;
            if rev.replace(found).is_some() {
                return Err(fault(
                    "the git input names more than one revision".to_owned(),
                    "keep one of `branch`, `tag`, `ref` and `commit`",
                ));
            }
        }
        Ok(Self::Git { repo, rev: rev.unwrap_or_else(|| "HEAD".to_owned()), subdir })
    }
}

fn clean_subdir(value: &str) -> Result<Option<String>, Error> {
    let parts: Vec<_> = value.split('/').filter(|it| !it.is_empty() && *it != ".").collect();
    if value.starts_with('/')
        || parts.contains(&"..")
        || value.contains(|c: char| c.is_control() || c == '\\')
    {
        return Err(fault(
            format!("`subdir={}` is no folder inside a repository", value.escape_default()),
            "give it relative to the top of the repository, with forward slashes",
        ));
    }
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

fn fault(message: String, help: &str) -> Error {
    Error::new(ErrorKind::Input, vec![Diagnostic::new(message).with_help(help)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(repo: &str, rev: &str, subdir: Option<&str>) -> Input {
        Input::Git { repo: repo.into(), rev: rev.into(), subdir: subdir.map(str::to_owned) }
    }

    #[test]
    fn notations() {
        for (text, expected) in [
            (".", Input::Directory(".".into())),
            ("proto/", Input::Directory("proto/".into())),
            ("a#b", Input::Directory("a#b".into())),
            ("a/b.proto", Input::ProtoFile("a/b.proto".into())),
            ("b.binpb", Input::DescriptorSet("b.binpb".into())),
            ("b.DESC", Input::DescriptorSet("b.DESC".into())),
            (".git", git(".", "HEAD", None)),
            (".git#branch=main", git(".", "refs/heads/main", None)),
            ("../x/.git#tag=v1.2.0,subdir=./proto/", git("../x", "refs/tags/v1.2.0", Some("proto"))),
            ("bare.git#ref=HEAD~3,subdir=a/b,depth=50", git("bare.git", "HEAD~3", Some("a/b"))),
            (".git#commit=0123abcd", git(".", "0123abcd", None)),
            (".git#subdir=.", git(".", "HEAD", None)),
        ] {
            assert_eq!(Input::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn refused_with_a_reason() {
        for (text, part) in [
            ("", "empty"),
            ("a\0b", "NUL"),
            ("https://x.test/a.git#branch=main", "remote"),
            ("ext::sh -c touch% x.git#branch=main", "remote"),
            ("git@x.test:a.git", "remote"),
            (".git#branch=--upload-pack=x", "must start with"),
            (".git#ref=-O", "must start with"),
            (".git#ref=a\nb", "only letters"),
            (".git#ref=HEAD@{1}", "only letters"),
            (".git#branch=", "empty"),
            (".git#branch=a,tag=b", "more than one"),
            (".git#brunch=a", "did you mean `branch`?"),
            (".git#main", "no value"),
            (".git#commit=main", "hexadecimal"),
            (".git#subdir=../x", "no folder inside"),
            (".git#subdir=/x", "no folder inside"),
            ("proto#branch=main", "is no `.git`"),
        ] {
            let error = Input::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
