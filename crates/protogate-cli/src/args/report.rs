//! How results are written: flattened into the commands that report.

use clap::{Args, ValueEnum};

/// How findings are written.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Form of the findings on stdout
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Code frames for people
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
}

/// Text for people or JSON for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}
