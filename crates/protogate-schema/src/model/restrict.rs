//! A part of a schema: some of its targets and what they import, as if nothing else had been asked for.
//!
//! For inputs that are narrowed after they were read, and for the modules of a workspace, which are compared one by one.

use std::collections::{HashMap, HashSet};

use bytes::{Bytes, BytesMut};
use prost::Message as _;

use super::Schema;
use crate::error::Error;
use crate::history::{History, with_history};

#[derive(Clone, PartialEq, prost::Message)]
struct RawSet {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    file: Vec<Bytes>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Imports {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, repeated, tag = "3")]
    dependency: Vec<String>,
}

impl Schema {
    /// The schema of the files that `keep` takes, imports among them included, and of everything that they import. Whatever else
    /// there was is gone; an empty schema is left when nothing is taken.
    ///
    /// # Errors
    /// None that the schema itself did not have.
    pub fn restricted(&self, keep: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let corrupt = |error: prost::DecodeError| Error::message(format!("not a descriptor set: {error}"));
        let set = RawSet::decode(self.descriptor_bytes().clone()).map_err(corrupt)?;
        let heads: Vec<Imports> = set
            .file
            .iter()
            .map(|it| Imports::decode(it.clone()))
            .collect::<Result<_, _>>()
            .map_err(corrupt)?;
        let by_name: HashMap<&str, &Imports> = heads.iter().map(|it| (it.name.as_str(), it)).collect();
        let targets: HashSet<String> =
            heads.iter().filter(|it| keep(&it.name)).map(|it| it.name.clone()).collect();
        let mut needed: HashSet<&str> = HashSet::new();
        let mut open: Vec<&str> = targets.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if let Some(file) = by_name.get(name)
                && needed.insert(file.name.as_str())
            {
                open.extend(file.dependency.iter().map(String::as_str));
            }
        }
        let mut bytes = BytesMut::new();
        for (head, file) in heads.iter().zip(&set.file) {
            if needed.contains(head.name.as_str()) {
                // Field 1, a message.
                prost::encoding::bytes::encode(1, file, &mut bytes);
            }
        }
        let bytes = match History::of(self) {
            Some(history) => with_history(&bytes, &history).into(),
            None => bytes.freeze(),
        };
        let part = Self::from_descriptor_set(bytes, Some(&targets))?;
        let mut part = part.with_sources(self.sources.clone());
        part.origin.clone_from(&self.origin);
        Ok(part)
    }

    /// The schema, and beside it where the files of another were found: for messages about both.
    #[must_use]
    pub fn with_places_of(mut self, other: &Self) -> Self {
        for (name, display) in &other.origin.display {
            self.origin.display.entry(name.clone()).or_insert_with(|| display.clone());
        }
        for (name, text) in &other.sources {
            self.sources.entry(name.clone()).or_insert_with(|| text.clone());
        }
        self
    }
}
