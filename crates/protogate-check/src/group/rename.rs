//! Renames and moves: what one version lost and the other gained, paired by name within a file, by short name, and by shape.
//!
//! A guess, and said to be one; but the same guess every time: candidates are taken in order of likeness, then of their names.

use std::collections::{HashMap, HashSet};

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FileId, Kind, MessageId, MethodId};
use protogate_schema::pair::Pairs;

/// More comparisons of shapes than this are not made: a whole tree was replaced, and no rename explains it.
const COMPARISONS: usize = 200_000;
/// Likeness from which on two types are taken for one, in percent.
const ALIKE: usize = 60;

/// Where deleted types went: full names of the baseline to full names of the current schema.
#[derive(Default)]
pub(super) struct Renames {
    to: HashMap<String, String>,
}

impl Renames {
    pub(super) fn find(pairs: &Pairs<'_>) -> Self {
        let mut lost = missing(pairs.baseline, pairs.current);
        let mut gained = missing(pairs.current, pairs.baseline);
        let mut renames = Self::default();
        if lost.is_empty() || gained.is_empty() {
            return renames;
        }
        // The same name inside the package, in the file of the same path, or of the same file name.
        let mut by_nested: HashMap<String, Vec<Element>> = HashMap::new();
        for &element in &gained {
            by_nested.entry(pairs.current.nested_name(element)).or_default().push(element);
        }
        let mut taken: HashSet<Element> = HashSet::new();
        lost.retain(|&old| {
            let candidates = by_nested.get(&pairs.baseline.nested_name(old)).map_or(&[][..], Vec::as_slice);
            let path = |schema: &Schema, it: Element| schema.file(schema.file_of(it)).path.clone();
            let (home, name) = (path(pairs.baseline, old), |path: &str| {
                path.rsplit('/').next().unwrap_or_default().to_owned()
            });
            let fits = |new: &&Element| same_sort(old, **new) && !taken.contains(*new);
            let best = candidates.iter().filter(fits).min_by_key(|&&new| {
                let there = path(pairs.current, new);
                (there != home, name(&there) != name(&home), there)
            });
            let Some(&new) = best.filter(|&&new| likeness(pairs, old, new).is_none_or(|it| it >= ALIKE / 2))
            else {
                return true;
            };
            taken.insert(new);
            renames.to.insert(pairs.baseline.full_name(old), pairs.current.full_name(new));
            false
        });
        gained.retain(|it| !taken.contains(it));
        if lost.len().saturating_mul(gained.len()) > COMPARISONS {
            return renames;
        }
        let mut candidates: Vec<(usize, String, String, Element, Element)> = Vec::new();
        for &old in &lost {
            for &new in gained.iter().filter(|&&new| same_sort(old, new)) {
                if let Some(alike) = likeness(pairs, old, new).filter(|&it| it >= ALIKE) {
                    candidates.push((
                        100 - alike,
                        pairs.baseline.full_name(old),
                        pairs.current.full_name(new),
                        old,
                        new,
                    ));
                }
            }
        }
        candidates.sort_unstable();
        let (mut from, mut into) = (HashSet::new(), HashSet::new());
        for (_, old, new, lost, gained) in candidates {
            if !from.contains(&lost) && !into.contains(&gained) {
                from.insert(lost);
                into.insert(gained);
                renames.to.insert(old, new);
            }
        }
        renames
    }

    /// All of them: full names of the baseline to full names of the current schema.
    pub(super) fn into_names(self) -> HashMap<String, String> {
        self.to
    }

    /// The new name of a deleted type.
    pub(super) fn of(&self, name: &str) -> Option<&str> {
        self.to.get(name).map(String::as_str)
    }

    /// Whether two names are of one type: equal, or the one before and after a rename.
    pub(super) fn same(&self, old: &str, new: &str) -> bool {
        old == new || self.of(old) == Some(new)
    }
}

/// Messages, enums and services of one schema whose full name the other does not have; no map entries.
fn missing(schema: &Schema, other: &Schema) -> Vec<Element> {
    let messages =
        schema.messages().filter(|(_, it)| !it.is_map_entry && other.find(&it.full_name).is_none());
    let enums = schema.enums().filter(|(_, it)| other.find(&it.full_name).is_none());
    let services = schema.services().filter(|(_, it)| other.find(&it.full_name).is_none());
    messages
        .map(|(id, _)| Element::Message(id))
        .chain(enums.map(|(id, _)| Element::Enum(id)))
        .chain(services.map(|(id, _)| Element::Service(id)))
        .collect()
}

fn same_sort(old: Element, new: Element) -> bool {
    std::mem::discriminant(&old) == std::mem::discriminant(&new)
}

/// How much of two types is the same, in percent; `None` when neither has a member.
fn likeness(pairs: &Pairs<'_>, old: Element, new: Element) -> Option<usize> {
    let (old, new) = (members(pairs.baseline, old), members(pairs.current, new));
    let all = old.len().max(new.len());
    if all == 0 {
        return None;
    }
    let same = old.iter().filter(|it| new.contains(it)).count();
    Some(100 * same / all)
}

/// Members in a form that a rename of the type does not change.
fn members(schema: &Schema, element: Element) -> Vec<(i32, String, u8)> {
    match element {
        Element::Message(id) => {
            let fields = schema.message(id).fields.iter().map(|&id| schema.field(id));
            fields.map(|it| (it.number, it.name.clone(), crate::kind::wire_group(it.kind))).collect()
        }
        Element::Enum(id) => {
            let own = prefix(&schema.enumeration(id).name);
            let values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
            values
                .map(|it| (it.number, it.name.strip_prefix(&own).unwrap_or(&it.name).to_owned(), 0))
                .collect()
        }
        Element::Service(id) => {
            let methods = schema.service(id).methods.iter().map(|&id| schema.method(id));
            methods
                .map(|it| {
                    (0, it.name.clone(), u8::from(it.client_streaming) * 2 + u8::from(it.server_streaming))
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// `DeviceKind` to `DEVICE_KIND_`, what values of the enum usually start with.
fn prefix(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out.push('_');
    out
}

/// The rpc that a deleted one became: new in the service, and the only one with the same route, or with the same messages.
pub(super) fn method(pairs: &Pairs<'_>, renames: &Renames, old: MethodId) -> Option<MethodId> {
    let before = pairs.baseline.method(old);
    let service = pairs.service(before.service)?;
    let names: HashSet<&str> = pairs
        .baseline
        .service(service.baseline)
        .methods
        .iter()
        .map(|&id| pairs.baseline.method(id).name.as_str())
        .collect();
    let added: Vec<MethodId> = pairs
        .current
        .service(service.current)
        .methods
        .iter()
        .copied()
        .filter(|&id| !names.contains(pairs.current.method(id).name.as_str()))
        .collect();
    let route = |schema: &Schema, id: MethodId| {
        schema.bindings(id).into_iter().next().map(|it| (it.http_method, it.template))
    };
    let routed = route(pairs.baseline, old);
    let only = |fits: &dyn Fn(MethodId) -> bool| {
        let mut found = added.iter().copied().filter(|&id| fits(id));
        found.next().filter(|_| found.next().is_none())
    };
    let messages = |id: MethodId| {
        let now = pairs.current.method(id);
        let name = |schema: &Schema, id: MessageId| schema.message(id).full_name.clone();
        now.client_streaming == before.client_streaming
            && now.server_streaming == before.server_streaming
            && renames.same(&name(pairs.baseline, before.input), &name(pairs.current, now.input))
            && renames.same(&name(pairs.baseline, before.output), &name(pairs.current, now.output))
    };
    only(&|id| routed.is_some() && route(pairs.current, id) == routed).or_else(|| only(&messages))
}

/// The file that most types of a deleted file are in now, if it is one that the baseline does not have.
pub(super) fn file(pairs: &Pairs<'_>, renames: &Renames, old: FileId) -> Option<FileId> {
    let file = pairs.baseline.file(old);
    let types = file.messages.iter().map(|&id| Element::Message(id));
    let types = types.chain(file.enums.iter().map(|&id| Element::Enum(id)));
    let types: Vec<Element> = types.chain(file.services.iter().map(|&id| Element::Service(id))).collect();
    let mut homes: HashMap<FileId, usize> = HashMap::new();
    for &element in &types {
        let name = pairs.baseline.full_name(element);
        let now = pairs.current.find(&name).or_else(|| pairs.current.find(renames.of(&name)?));
        if let Some(now) = now {
            *homes.entry(pairs.current.file_of(now)).or_default() += 1;
        }
    }
    let (home, count) = homes.into_iter().max_by_key(|&(id, count)| (count, std::cmp::Reverse(id)))?;
    (2 * count > types.len()).then_some(home)
}

/// The message or enum that a type of a field names.
pub(super) fn named(kind: Kind) -> Option<Element> {
    match kind {
        Kind::Message(id) | Kind::Group(id) => Some(Element::Message(id)),
        Kind::Enum(id) => Some(Element::Enum(id)),
        _ => None,
    }
}
