//! What a contract once promised and no longer does: every number, name, rpc and route that was ever in a baseline.
//!
//! Two versions alone cannot show that a number comes back with another meaning after it was deleted. The baseline file therefore
//! carries its history: an unknown field of the descriptor set, which other tools skip (`docs/decisions/0004`). It only grows:
//! nothing but [`History::advance`] and [`History::merge`] changes it, and neither takes anything away. Which reuse is wrong is the
//! business of rules.

mod elements;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use crate::Schema;

pub use elements::{promised, route_shape};
pub use wire::FIELD;
pub(crate) use wire::{split, with_history};

/// What kind of thing was promised. Numbers of `protogate.v1.Former.Kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FormerKind {
    /// A field of a message.
    Field,
    /// An extension; its scope is the extended message.
    Extension,
    /// A value of an enum.
    Value,
    /// An rpc.
    Rpc,
    /// A REST route of an rpc.
    Route,
    /// Reserved numbers of a message.
    ReservedNumbers,
    /// A reserved name of a message.
    ReservedName,
    /// Reserved numbers of an enum.
    ReservedValueNumbers,
    /// A reserved name of an enum.
    ReservedValueName,
}

/// One promise: enough to tell whether something of today is the same.
///
/// Ordered by scope, kind, number and name, which is also the order in the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Former {
    /// Full name of the message, enum or service that it belonged to; of a route, the rpc.
    pub scope: String,
    /// What it was.
    pub kind: FormerKind,
    /// Field or value number, or the first of a reserved range; 0 for what has none.
    pub number: i32,
    /// Last number of a reserved range, inclusive; 0 otherwise.
    pub end: i32,
    /// Short name; full name of an extension; `GET /v1/devices/{id}` of a route; empty for reserved numbers.
    pub name: String,
    /// Type of a field, signature of an rpc.
    pub text: String,
    /// JSON name of a field.
    pub json_name: String,
}

/// The day on which a promise ended: `2026-10-02`, in UTC.
pub type Day = String;

/// Everything that was promised once, each with the day on which it ended last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    ended: BTreeMap<Former, Day>,
}

impl History {
    /// The history that a schema's descriptor set carries; `None` when it was not written by `baseline accept`, or is damaged.
    #[must_use]
    pub fn of(schema: &Schema) -> Option<Self> {
        Self::from_descriptor_set(schema.descriptor_bytes()).ok().flatten()
    }

    /// The same from the bytes of a descriptor set.
    ///
    /// # Errors
    /// What is wrong with the history, when there is one that cannot be read.
    pub fn from_descriptor_set(bytes: &[u8]) -> Result<Option<Self>, String> {
        let (_, history) = split(bytes)?;
        history.map(|it| wire::decode(&it)).transpose()
    }

    /// The history after `new` took the place of `old`: what `old` promised and `new` does not ended on `day`.
    #[must_use]
    pub fn advance(&self, old: &Schema, new: &Schema, day: &str) -> Self {
        let kept = promised(new);
        let mut next = self.clone();
        for former in promised(old) {
            if !kept.contains(&former) {
                next.end(former, day);
            }
        }
        next
    }

    /// Takes over what another history knows.
    pub fn merge(&mut self, other: Self) {
        for (former, day) in other.ended {
            self.end(former, &day);
        }
    }

    /// Records that a promise ended; the later day counts.
    pub fn end(&mut self, former: Former, day: &str) {
        let known = self.ended.entry(former).or_default();
        if known.as_str() < day {
            day.clone_into(known);
        }
    }

    /// Whether nothing was ever taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ended.is_empty()
    }

    /// Number of promises that ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ended.len()
    }

    /// All of it, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Former, &str)> {
        self.ended.iter().map(|(former, day)| (former, day.as_str()))
    }

    /// What belonged to one message, enum, service or rpc.
    pub fn of_scope<'a>(&'a self, scope: &'a str) -> impl Iterator<Item = (&'a Former, &'a str)> {
        let first = Former {
            scope: scope.to_owned(),
            kind: FormerKind::Field,
            number: i32::MIN,
            end: i32::MIN,
            name: String::new(),
            text: String::new(),
            json_name: String::new(),
        };
        let rest = self.ended.range(first..);
        rest.take_while(move |(former, _)| former.scope == scope).map(|(former, day)| (former, day.as_str()))
    }

    /// The promises of an earlier record, made or ended, that this history and `schema` together know nothing of, in order.
    #[must_use]
    pub fn forgotten(&self, schema: &Schema, earlier: &BTreeSet<Former>) -> Vec<Former> {
        let promised = promised(schema);
        let known = |it: &&Former| promised.contains(*it) || self.ended.contains_key(*it);
        earlier.iter().filter(|it| !known(it)).cloned().collect()
    }
}

/// Everything that a baseline remembers: what it promises, and what ended before.
#[must_use]
pub fn remembered(schema: &Schema) -> BTreeSet<Former> {
    let mut all = promised(schema);
    all.extend(History::of(schema).unwrap_or_default().ended.into_keys());
    all
}
