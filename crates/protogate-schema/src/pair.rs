//! The same element in baseline and current: the only place that decides identity.
//!
//! Files pair by path; messages, enums and services by full name, wherever they are declared; fields and enum values by number
//! within their pair; extensions by extendee and number; rpcs by name within their service. Whether a difference between the two
//! sides matters is the business of rules.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::Schema;
use crate::history::History;
use crate::model::element::{
    Element, EnumId, FieldId, FileId, Kind, Message, MessageId, MethodId, ServiceId, ValueId,
};

/// Above this many members, numbers are looked up in a table instead of along the list.
const LINEAR: usize = 32;

/// The two ids of one element. Each is valid in its own schema only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<T> {
    /// The element in the current schema.
    pub current: T,
    /// The element in the baseline.
    pub baseline: T,
}

/// Two schemas, and which elements of them are the same.
#[derive(Debug)]
pub struct Pairs<'a> {
    /// The current schema.
    pub current: &'a Schema,
    /// The accepted earlier schema.
    pub baseline: &'a Schema,
    extensions: HashMap<(&'a str, i32), FieldId>,
    history: OnceLock<History>,
    carried: OnceLock<[HashSet<MessageId>; 2]>,
    routed: OnceLock<[HashSet<MessageId>; 2]>,
}

/// Which way a message travels through rpcs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Travel {
    /// Callers send it.
    pub requests: bool,
    /// Callers receive it.
    pub responses: bool,
}

impl<'a> Pairs<'a> {
    /// Pairs two schemas.
    #[must_use]
    pub fn new(current: &'a Schema, baseline: &'a Schema) -> Self {
        let mut extensions = HashMap::new();
        for (id, field) in current.fields() {
            if let Some(extendee) = &field.extendee {
                extensions.entry((extendee.as_str(), field.number)).or_insert(id);
            }
        }
        Self {
            current,
            baseline,
            extensions,
            history: OnceLock::new(),
            carried: OnceLock::new(),
            routed: OnceLock::new(),
        }
    }

    /// What the baseline remembers of promises that ended; empty when it carries no history.
    #[must_use]
    pub fn history(&self) -> &History {
        self.history.get_or_init(|| History::of(self.baseline).unwrap_or_default())
    }

    /// The file of the current schema with the path of this one of the baseline.
    #[must_use]
    pub fn file(&self, baseline: FileId) -> Option<Pair<FileId>> {
        let current = self.current.find_file(&self.baseline.file(baseline).path)?;
        Some(Pair { current, baseline })
    }

    /// The message with the same full name.
    #[must_use]
    pub fn message(&self, baseline: MessageId) -> Option<Pair<MessageId>> {
        match self.current.find(&self.baseline.message(baseline).full_name)? {
            Element::Message(current) => Some(Pair { current, baseline }),
            _ => None,
        }
    }

    /// The enum with the same full name.
    #[must_use]
    pub fn enumeration(&self, baseline: EnumId) -> Option<Pair<EnumId>> {
        match self.current.find(&self.baseline.enumeration(baseline).full_name)? {
            Element::Enum(current) => Some(Pair { current, baseline }),
            _ => None,
        }
    }

    /// The service with the same full name.
    #[must_use]
    pub fn service(&self, baseline: ServiceId) -> Option<Pair<ServiceId>> {
        match self.current.find(&self.baseline.service(baseline).full_name)? {
            Element::Service(current) => Some(Pair { current, baseline }),
            _ => None,
        }
    }

    /// The rpc with the same name in a pair of services.
    #[must_use]
    pub fn method(&self, services: Pair<ServiceId>, baseline: MethodId) -> Option<Pair<MethodId>> {
        let old = self.baseline.method(baseline);
        let candidates = &self.current.service(services.current).methods;
        let same = |id: &&MethodId| self.current.method(**id).name == old.name;
        let hint = candidates.get(old.index as usize).filter(same);
        let current = hint.or_else(|| candidates.iter().find(same))?;
        Some(Pair { current: *current, baseline })
    }

    /// Which way a message of the current schema travels, by itself or inside of others. What no rpc carries may be sent by other
    /// means (queues, files), so it counts as travelling both ways.
    #[must_use]
    pub fn travel(&self, current: MessageId) -> Travel {
        let [requests, responses] = self.carried.get_or_init(|| carried(self.current, |_| true));
        let (asked, answered) = (requests.contains(&current), responses.contains(&current));
        let unknown = !asked && !answered;
        Travel { requests: asked || unknown, responses: answered || unknown }
    }

    /// Which way a message of the baseline travels through rpcs with routes (`google.api.http`); neither when no route carries it.
    #[must_use]
    pub fn routed(&self, baseline: MessageId) -> Travel {
        let [requests, responses] = self
            .routed
            .get_or_init(|| carried(self.baseline, |id| self.baseline.method(id).options.http.is_some()));
        Travel { requests: requests.contains(&baseline), responses: responses.contains(&baseline) }
    }

    /// The extension with the same extendee and number.
    #[must_use]
    pub fn extension(&self, baseline: FieldId) -> Option<Pair<FieldId>> {
        let old = self.baseline.field(baseline);
        let current = *self.extensions.get(&(old.extendee.as_deref()?, old.number))?;
        Some(Pair { current, baseline })
    }

    /// The fields of a pair of messages, in the order of the baseline: each with its partner of the same number, if there is one.
    pub fn fields(
        &self,
        messages: Pair<MessageId>,
    ) -> impl Iterator<Item = (FieldId, Option<Pair<FieldId>>)> {
        let new = &self.current.message(messages.current).fields;
        let old = &self.baseline.message(messages.baseline).fields;
        let numbers = Numbers::new(new, |id| self.current.field(id).number);
        old.iter().enumerate().map(move |(index, &baseline)| {
            let number = self.baseline.field(baseline).number;
            let current = numbers.find(number, index, |id| self.current.field(id).number);
            (baseline, current.map(|current| Pair { current, baseline }))
        })
    }

    /// The values of a pair of enums, in the order of the baseline: each with the first current value of the same number.
    pub fn values(&self, enums: Pair<EnumId>) -> impl Iterator<Item = (ValueId, Option<Pair<ValueId>>)> {
        let new = &self.current.enumeration(enums.current).values;
        let old = &self.baseline.enumeration(enums.baseline).values;
        let numbers = Numbers::new(new, |id| self.current.value(id).number);
        old.iter().enumerate().map(move |(index, &baseline)| {
            let number = self.baseline.value(baseline).number;
            let current = numbers.find(number, index, |id| self.current.value(id).number);
            (baseline, current.map(|current| Pair { current, baseline }))
        })
    }
}

/// The messages inside the requests of some rpcs, and inside their responses.
fn carried(schema: &Schema, has: impl Fn(MethodId) -> bool) -> [HashSet<MessageId>; 2] {
    let methods = || schema.methods().filter(|(id, _)| has(*id)).map(|(_, method)| method);
    [
        inside(schema, methods().map(|method| method.input).collect()),
        inside(schema, methods().map(|method| method.output).collect()),
    ]
}

/// These messages and all that are inside of them.
fn inside(schema: &Schema, mut open: Vec<MessageId>) -> HashSet<MessageId> {
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let Message { fields, .. } = schema.message(id);
            open.extend(fields.iter().filter_map(|&field| match schema.field(field).kind {
                Kind::Message(inner) | Kind::Group(inner) => Some(inner),
                _ => None,
            }));
        }
    }
    seen
}

/// Members by number. Most lists are short and in the same order on both sides, so that a guess is right and a table not worth it.
struct Numbers<'a, T> {
    list: &'a [T],
    table: Option<HashMap<i32, T>>,
}

impl<'a, T: Copy> Numbers<'a, T> {
    fn new(list: &'a [T], number_of: impl Fn(T) -> i32) -> Self {
        let table = (list.len() > LINEAR).then(|| {
            // In reverse, so that the first member with a number wins.
            list.iter().rev().map(|&id| (number_of(id), id)).collect()
        });
        Self { list, table }
    }

    fn find(&self, number: i32, guess: usize, number_of: impl Fn(T) -> i32) -> Option<T> {
        if let Some(table) = &self.table {
            return table.get(&number).copied();
        }
        let guessed = self.list.get(guess).copied().filter(|&id| number_of(id) == number);
        guessed.or_else(|| self.list.iter().copied().find(|&id| number_of(id) == number))
    }
}
