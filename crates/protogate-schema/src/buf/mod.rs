//! buf's configuration as it stands: `buf.yaml` of the versions v1beta1, v1 and v2, and `buf.work.yaml`.
//!
//! What comes out are [`Module`]s: folders that are an import root each, with their own rules. Paths of rules are already relative
//! to the import root when they leave here, so nobody else has to know which version counts from where. What the rules mean is
//! `protogate-check`'s business; dependencies, plugins and policies are named, not fetched and not run.

mod document;
mod find;
mod read;
mod work;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(crate) use find::{ConfigFiles, Workspace, find, from_text};

/// Name of the file of a module or, from v2 on, of a workspace.
pub const FILE_NAME: &str = "buf.yaml";
/// Name of the file of a workspace before v2.
pub const WORK_FILE_NAME: &str = "buf.work.yaml";

/// Version of a `buf.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `version: v1beta1`.
    V1Beta1,
    /// `version: v1`.
    V1,
    /// `version: v2`.
    V2,
}

/// A `lint` or a `breaking` section. Keys that the other kind has keep their default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Ids and categories that run; empty: the defaults.
    pub r#use: Vec<String>,
    /// Ids and categories taken away again.
    pub except: Vec<String>,
    /// Files and folders whose findings are dropped, relative to the import root; `""` is all of the module.
    pub ignore: Vec<String>,
    /// The same for each id or category.
    pub ignore_only: BTreeMap<String, Vec<String>>,
    /// None of the rules that come with the tool run.
    pub disable_builtin: bool,
    /// `lint`: suffix of the zero value of enums; empty: the default.
    pub enum_zero_value_suffix: String,
    /// `lint`: suffix of services; empty: the default.
    pub service_suffix: String,
    /// `lint`: an rpc may use one message as request and response.
    pub rpc_allow_same_request_response: bool,
    /// `lint`: rpcs may take `google.protobuf.Empty`.
    pub rpc_allow_google_protobuf_empty_requests: bool,
    /// `lint`: rpcs may return `google.protobuf.Empty`.
    pub rpc_allow_google_protobuf_empty_responses: bool,
    /// `lint`, v1beta1 and v1: comments `buf:lint:ignore` count.
    pub allow_comment_ignores: bool,
    /// `lint`, v2: they do not.
    pub disallow_comment_ignores: bool,
    /// `breaking`: findings in unstable packages are dropped.
    pub ignore_unstable_packages: bool,
}

/// A module: import roots with rules of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its folder, relative to the workspace's, `.` for that itself. With forward slashes.
    pub path: String,
    /// Its name in a registry.
    pub name: Option<String>,
    /// Version of the file that configures it.
    pub version: Version,
    /// Import roots relative to the workspace's folder; more than one only in v1beta1.
    pub roots: Vec<PathBuf>,
    /// Folders that alone belong to the module, relative to the workspace's folder; empty: all.
    pub includes: Vec<String>,
    /// Folders that do not belong to it, relative to the workspace's folder.
    pub excludes: Vec<String>,
    /// `lint`.
    pub lint: Section,
    /// `breaking`.
    pub breaking: Section,
}

impl Module {
    /// What modules of two workspaces are sorted by before they are paired: the registry name, else the folder.
    #[must_use]
    pub fn key(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.path)
    }

    /// The one module of a folder that nothing configures: rules of v2.
    pub(crate) fn plain() -> Self {
        Self {
            path: ".".to_owned(),
            name: None,
            version: Version::V2,
            roots: vec![PathBuf::from(".")],
            includes: Vec::new(),
            excludes: Vec::new(),
            lint: Section::default(),
            breaking: Section::default(),
        }
    }
}

/// Whether `path` is `folder` or below it; `""` and `.` are everything.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    matches!(folder, "" | ".")
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path below another, relative to it: `""` for that itself.
pub(crate) fn relative_to<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let path = if path == "." { "" } else { path };
    if matches!(folder, "" | ".") {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Two such paths after each other; `.` when nothing is left.
pub(crate) fn join(folder: &str, path: &str) -> String {
    let parts: Vec<&str> =
        folder.split('/').chain(path.split('/')).filter(|it| !matches!(*it, "" | ".")).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
