//! Repairs: edits of the current sources that a finding proposes, as data.
//!
//! Reports show them as patches, `--fix` applies those that are safe. Nothing here reads or writes a file.

use protogate_schema::model::span::Span;
use serde::Serialize;

/// A repair of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does: one line, lower case, such as ``reserve the number 2``.
    pub title: String,
    /// Whether it can be applied without a look: it takes no decision away and breaks nobody.
    pub safe: bool,
    /// What to replace; edits of one file do not overlap.
    pub edits: Vec<Edit>,
}

/// A replacement in a current source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// Path of the file, relative to its import root.
    pub path: String,
    /// What is replaced; an empty place inserts before it. Lines and columns (bytes) from 1, the end exclusive.
    #[serde(serialize_with = "place")]
    pub span: Span,
    /// What stands there then; may have several lines.
    pub text: String,
}

fn place<S: serde::Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeStruct;

    let mut out = serializer.serialize_struct("Span", 4)?;
    out.serialize_field("start_line", &span.start_line)?;
    out.serialize_field("start_column", &span.start_column)?;
    out.serialize_field("end_line", &span.end_line)?;
    out.serialize_field("end_column", &span.end_column)?;
    out.end()
}
