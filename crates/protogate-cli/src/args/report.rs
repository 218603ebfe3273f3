//! How results are written: flattened into the commands that report.

use clap::{Args, ValueEnum};

/// How findings are written.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Form of the findings on stdout
    #[arg(long, visible_alias = "error-format", value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Code frames for people
    #[value(alias = "gcc")]
    Text,
    /// One JSON object a line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML
    Junit,
    /// GitHub workflow commands: annotations on the diff
    #[value(name = "github-actions", alias = "github")]
    GithubActions,
    /// GitLab Code Quality JSON
    #[value(name = "gitlab-code-quality", alias = "gitlab")]
    GitlabCodeQuality,
    /// Lines that Visual Studio understands
    Msvs,
    /// Reviewdog diagnostics, one JSON object a line
    Rdjsonl,
    /// Markdown for one comment on a pull request
    #[value(alias = "md")]
    Markdown,
    /// `lint`: a `buf.yaml` whose `ignore_only` holds what was found
    ConfigIgnoreYaml,
}

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}
