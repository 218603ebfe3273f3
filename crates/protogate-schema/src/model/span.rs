//! Places in source files, from `SourceCodeInfo`.
//!
//! The source info of a file is decoded when the first place in it is asked for: a clean check of a large tree never pays for it.

use std::collections::HashMap;

use bytes::Bytes;
use prost::Message as _;

use crate::descriptor::SourceCodeInfo;

/// A place in a file. Lines and columns are 1-based; the end column is the one just after the last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First line.
    pub start_line: u32,
    /// First column, in bytes.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character, in bytes.
    pub end_column: u32,
}

/// Comments around a declaration, as the compiler stripped them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comments {
    /// Comment directly before.
    pub leading: String,
    /// Comment directly after.
    pub trailing: String,
    /// Comments before `leading`, each separated by a blank line.
    pub detached: Vec<String>,
}

/// Decoded source info of one file: descriptor path to span. If several locations share a path, the first one counts.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    by_path: HashMap<Box<[i32]>, (Span, Comments)>,
}

impl Locations {
    pub(crate) fn decode(bytes: &Bytes) -> Self {
        let Ok(info) = SourceCodeInfo::decode(bytes.clone()) else { return Self::default() };
        let mut by_path = HashMap::with_capacity(info.location.len());
        for location in info.location {
            let Some(span) = span(&location.span) else { continue };
            let comments = Comments {
                leading: location.leading_comments,
                trailing: location.trailing_comments,
                detached: location.leading_detached_comments,
            };
            by_path.entry(location.path.into_boxed_slice()).or_insert((span, comments));
        }
        Self { by_path }
    }

    pub(crate) fn span(&self, path: &[i32]) -> Option<Span> {
        self.by_path.get(path).map(|(span, _)| *span)
    }

    pub(crate) fn comments(&self, path: &[i32]) -> Option<&Comments> {
        self.by_path.get(path).map(|(_, comments)| comments)
    }

    /// The recorded paths that start with `prefix`, in no order.
    pub(crate) fn below<'a>(&'a self, prefix: &'a [i32]) -> impl Iterator<Item = (&'a [i32], Span)> {
        self.by_path
            .iter()
            .filter(move |(path, _)| path.starts_with(prefix))
            .map(|(path, (span, _))| (&**path, *span))
    }
}

/// A span as descriptors write it: three numbers or four, 0-based.
pub(crate) fn span(numbers: &[i32]) -> Option<Span> {
    let at = |number: i32| u32::try_from(number).ok()?.checked_add(1);
    match *numbers {
        [line, start, end] => Some(Span {
            start_line: at(line)?,
            start_column: at(start)?,
            end_line: at(line)?,
            end_column: at(end)?,
        }),
        [line, start, end_line, end] => Some(Span {
            start_line: at(line)?,
            start_column: at(start)?,
            end_line: at(end_line)?,
            end_column: at(end)?,
        }),
        _ => None,
    }
}
