//! Renderings of a report: one file each, writing into what the caller hands in.
//!
//! Texts that come from schemas are escaped here, so that a comment or a name cannot steer a terminal or a CI log. Which stream the
//! output goes to, and the exit code, are the caller's business.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use protogate_schema::Schema;

use crate::against::Earlier;
use crate::config::nearest;
use crate::finding::{Against, Report};

pub mod diagnostic;

mod escape;
mod fields;
mod frame;
mod github;
mod gitlab;
mod json;
mod junit;
mod link;
mod markdown;
mod msvs;
mod rdjsonl;
mod sarif;
mod text;

pub use text::summary;

/// A rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Code frames for people, or one line a finding.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Workflow commands of GitHub Actions.
    GithubActions,
    /// GitLab's code quality JSON.
    GitlabCodeQuality,
    /// Lines that Visual Studio understands.
    Msvs,
    /// Reviewdog's diagnostics, one JSON object a line.
    Rdjsonl,
    /// One comment on a pull request.
    Markdown,
}

impl Format {
    /// The names that can be asked for; aliases after them.
    pub const NAMES: &'static [&'static str] = &[
        "text",
        "json",
        "sarif",
        "junit",
        "github-actions",
        "gitlab-code-quality",
        "msvs",
        "rdjsonl",
        "markdown",
        "github",
        "gitlab",
        "md",
    ];
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Ok(match name {
            "text" | "gcc" => Self::Text,
            "json" => Self::Json,
            "sarif" => Self::Sarif,
            "junit" => Self::Junit,
            "github-actions" | "github" => Self::GithubActions,
            "gitlab-code-quality" | "gitlab" => Self::GitlabCodeQuality,
            "msvs" => Self::Msvs,
            "rdjsonl" => Self::Rdjsonl,
            "markdown" | "md" => Self::Markdown,
            _ => {
                let upper: Vec<String> = Self::NAMES.iter().map(|name| name.to_uppercase()).collect();
                let hint = nearest(name, upper.iter().map(String::as_str)).map_or_else(
                    || Self::NAMES.join(", "),
                    |near| format!("did you mean `{}`?", near.to_lowercase()),
                );
                return Err(format!("no format `{name}`; {hint}"));
            }
        })
    }
}

/// What a rendering knows besides the report.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Current schema; its source texts make code frames.
    pub current: Option<&'a Schema>,
    /// Baseline; its source texts make code frames, if it has any.
    pub baseline: Option<&'a Schema>,
    /// All of them when there are several: [`Against::since`](crate::Against::since) says which one a finding is about.
    pub baselines: &'a [Earlier<'a>],
    /// From a path relative to its import root to the path to show.
    pub show_path: &'a dyn Fn(&str) -> String,
    /// What the baseline is called, such as `v1.4.0`.
    pub baseline_name: &'a str,
    /// Code frames in texts; without them one line `path:line:column:message` a finding.
    pub frames: bool,
    /// ANSI colours in texts.
    pub color: bool,
    /// Links behind rule ids in texts (OSC 8): for terminals only.
    pub links: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Today, to say how long waivers still count.
    pub today: Option<jiff::civil::Date>,
    /// How long the check took.
    pub elapsed: Option<Duration>,
}

impl<'a> View<'a> {
    /// The baseline that a place is in, and what it is called.
    #[must_use]
    pub fn baseline_of(&self, against: &Against) -> (Option<&'a Schema>, &'a str) {
        let named = against.since.as_ref().and_then(|name| self.baselines.iter().find(|it| it.name == name));
        named.map_or((self.baseline, self.baseline_name), |it| (Some(it.schema), it.name))
    }
}

impl Default for View<'_> {
    /// No sources, paths as they are, frames without colour, 100 columns.
    fn default() -> Self {
        Self {
            current: None,
            baseline: None,
            baselines: &[],
            show_path: &|path: &str| path.to_owned(),
            baseline_name: "baseline",
            frames: true,
            color: false,
            links: false,
            width: 100,
            today: None,
            elapsed: None,
        }
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("frames", &self.frames)
            .field("color", &self.color)
            .finish_non_exhaustive()
    }
}

impl View<'_> {
    fn path(&self, path: Option<&str>) -> Option<String> {
        path.map(|path| (self.show_path)(path))
    }
}

/// Writes a report.
///
/// # Errors
/// When `out` refuses to be written to.
pub fn render(format: Format, report: &Report, view: &View<'_>, out: &mut dyn fmt::Write) -> fmt::Result {
    match format {
        Format::Text => text::render(report, view, out),
        Format::Json => json::render(report, view, out),
        Format::Sarif => sarif::render(report, view, out),
        Format::Junit => junit::render(report, view, out),
        Format::GithubActions => github::render(report, view, out),
        Format::GitlabCodeQuality => gitlab::render(report, view, out),
        Format::Msvs => msvs::render(report, view, out),
        Format::Rdjsonl => rdjsonl::render(report, view, out),
        Format::Markdown => markdown::render(report, view, out),
    }
}
