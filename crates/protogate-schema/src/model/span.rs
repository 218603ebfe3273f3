//! Places in source files, from `SourceCodeInfo`.
//!
//! The source info of a file is decoded when the first place in it is asked for: a clean check of a large tree never pays for it.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::OnceLock;

use bytes::Bytes;
use prost::Message as _;

use super::wire::{Fields, Value, packed_numbers};
use crate::descriptor::Location;

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

/// Source info of one file: descriptor path to span. If several locations share a path, the first one counts.
///
/// A file has thousands of locations, and few are asked for: paths and spans are decoded into flat lists, comments when somebody
/// reads them.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    /// The paths, one after the other.
    numbers: Vec<i32>,
    entries: Vec<Entry>,
    /// Open addressing: 1 + an index into `entries`, 0 for none. Twice as long as `entries`, a power of two.
    table: Vec<u32>,
    /// Differs from run to run, so that nobody can choose paths that end up in one place.
    seed: u64,
    /// Locations with comments, encoded, and what they say once somebody has asked.
    commented: Vec<(Bytes, OnceLock<Box<Comments>>)>,
}

#[derive(Debug)]
struct Entry {
    start: u32,
    length: u32,
    span: Span,
    /// 1 + an index into `commented`, 0 for none.
    comments: u32,
}

static NO_COMMENTS: Comments =
    Comments { leading: String::new(), trailing: String::new(), detached: Vec::new() };

impl Locations {
    pub(crate) fn decode(bytes: &Bytes) -> Self {
        let mut found = Self { seed: RandomState::new().hash_one(bytes.len()), ..Self::default() };
        for (number, value) in Fields::new(bytes) {
            if let (1, Value::Bytes(location)) = (number, value) {
                found.add(bytes, location);
            }
        }
        found.table = vec![0; (found.entries.len() * 2).next_power_of_two()];
        for index in 0..found.entries.len() {
            let path = found.path(&found.entries[index]);
            let slot = found.slot(path);
            if found.table[slot] == 0 {
                found.table[slot] = index as u32 + 1;
            }
        }
        found
    }

    fn add(&mut self, all: &Bytes, location: &[u8]) {
        let start = self.numbers.len();
        let (mut at, mut count, mut comments) = ([0; 4], 0, false);
        for (number, value) in Fields::new(location) {
            match (number, value) {
                (1, Value::Bytes(packed)) => self.numbers.extend(packed_numbers(packed).map(|it| it as i32)),
                (1, Value::Number(one)) => self.numbers.push(one as i32),
                (2, Value::Bytes(packed)) => {
                    for one in packed_numbers(packed) {
                        if let Some(slot) = at.get_mut(count) {
                            *slot = one as i32;
                        }
                        count += 1;
                    }
                }
                (2, Value::Number(one)) => {
                    if let Some(slot) = at.get_mut(count) {
                        *slot = one as i32;
                    }
                    count += 1;
                }
                (3 | 4 | 6, Value::Bytes(_)) => comments = true,
                _ => {}
            }
        }
        let Some(span) = at.get(..count).and_then(span) else {
            self.numbers.truncate(start);
            return;
        };
        if comments {
            self.commented.push((all.slice_ref(location), OnceLock::new()));
        }
        let length = (self.numbers.len() - start) as u32;
        let comments = if comments { self.commented.len() as u32 } else { 0 };
        self.entries.push(Entry { start: start as u32, length, span, comments });
    }

    fn path(&self, entry: &Entry) -> &[i32] {
        &self.numbers[entry.start as usize..(entry.start + entry.length) as usize]
    }

    /// Where in the table a path is, or would be.
    fn slot(&self, path: &[i32]) -> usize {
        let mask = self.table.len() - 1;
        let hash = path.iter().fold(self.seed, |hash, &number| {
            (hash ^ u64::from(number as u32)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
        });
        let mut slot = (hash ^ (hash >> 32)) as usize & mask;
        loop {
            match self.table[slot] {
                0 => return slot,
                index if self.path(&self.entries[index as usize - 1]) == path => return slot,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn find(&self, path: &[i32]) -> Option<&Entry> {
        if self.table.is_empty() {
            return None;
        }
        self.entries.get((self.table[self.slot(path)] as usize).checked_sub(1)?)
    }

    pub(crate) fn span(&self, path: &[i32]) -> Option<Span> {
        self.find(path).map(|it| it.span)
    }

    pub(crate) fn comments(&self, path: &[i32]) -> Option<&Comments> {
        let entry = self.find(path)?;
        let Some(index) = (entry.comments as usize).checked_sub(1) else { return Some(&NO_COMMENTS) };
        let (encoded, decoded) = &self.commented[index];
        Some(decoded.get_or_init(|| {
            let location = Location::decode(encoded.clone()).unwrap_or_default();
            Box::new(Comments {
                leading: location.leading_comments,
                trailing: location.trailing_comments,
                detached: location.leading_detached_comments,
            })
        }))
    }

    /// The recorded paths that start with `prefix`, in no order.
    pub(crate) fn below<'a>(&'a self, prefix: &'a [i32]) -> impl Iterator<Item = (&'a [i32], Span)> {
        let all = self.entries.iter().map(|it| (self.path(it), it.span));
        all.filter(move |(path, _)| path.starts_with(prefix))
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
