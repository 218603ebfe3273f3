//! Links many files on all processors: in shards, each with a pool of its own that holds its files and what they import.
//!
//! How files are divided depends on the files alone, not on the number of processors, so that the outcome does not either. Nothing
//! here explains an error: the answer is then `None`, and the caller links one file after the other. What no shard can see, a name
//! that is declared twice in two of them, is looked for beforehand.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use prost_reflect::DescriptorPool;
use prost_types::FileDescriptorProto;

use super::front_end::{STACK_BYTES, encode, reserved_names};
use super::source_info::field_length;
use super::units::Unit;
use crate::model::wire::{Fields, Value};

/// Below this many files, one pool is quicker than a second thread.
const MIN_FILES: usize = 256;
/// Files of a shard, unless they belong together.
const SHARD_FILES: usize = 300;
/// A file that more files than this import does not hold them together; each shard has its own copy.
const MAX_USERS: usize = 100;

/// The descriptors of the files, which come in order, imports first; `None` when the files are few or something is wrong. Those
/// that are known are not made again.
pub(super) fn link(units: &[Unit], known: &[Option<Bytes>]) -> Option<Vec<Bytes>> {
    if units.len() < MIN_FILES && known.iter().all(Option::is_none) || clash(units) {
        return None;
    }
    let plan = Plan::new(units, known);
    let shared: HashMap<usize, FileDescriptorProto> = plan
        .shared()
        .into_iter()
        .filter(|&at| known[at].is_none())
        .filter_map(|at| Some((at, units[at].parsed.copy()?)))
        .collect();
    let linked: Mutex<Vec<Option<Bytes>>> = Mutex::new(known.to_vec());
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        while let Some(shard) = plan.shards.get(next.fetch_add(1, Ordering::Relaxed)) {
            if failed.load(Ordering::Relaxed) {
                break;
            }
            let done = catch_unwind(AssertUnwindSafe(|| shard.link(units, known, &shared))).ok().flatten();
            match done {
                Some(done) => {
                    let mut linked = linked.lock().unwrap_or_else(PoisonError::into_inner);
                    done.into_iter().for_each(|(at, bytes)| linked[at] = Some(bytes));
                }
                None => failed.store(true, Ordering::Relaxed),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            if thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work).is_err() {
                failed.store(true, Ordering::Relaxed);
            }
        }
    });
    linked.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect()
}

/// Whether a name may be declared in two files.
fn clash(units: &[Unit]) -> bool {
    let (mut names, mut packages) = (HashSet::new(), HashSet::new());
    for (name, package) in units.iter().flat_map(|it| it.parsed.symbols()) {
        if package {
            packages.insert(name);
        } else if !names.insert(name) {
            return true;
        }
    }
    packages.iter().any(|it| names.contains(it))
}

struct Plan {
    shards: Vec<Shard>,
}

/// Positions of files, in order.
struct Shard {
    /// The files whose descriptors this shard makes.
    own: Vec<usize>,
    /// Those, and everything that they import.
    all: Vec<usize>,
}

impl Plan {
    fn new(units: &[Unit], known: &[Option<Bytes>]) -> Self {
        let by_name: HashMap<&str, usize> =
            units.iter().enumerate().map(|(at, it)| (it.name.as_str(), at)).collect();
        let imports: Vec<Vec<usize>> = units
            .iter()
            .map(|it| it.parsed.imports().iter().filter_map(|it| by_name.get(it.as_str()).copied()).collect())
            .collect();
        let mut users = vec![0; units.len()];
        imports.iter().flatten().for_each(|&it| users[it] += 1);

        // Files that import each other, however indirectly, are one group; widely used files connect nothing.
        let mut groups = Groups { parent: (0..units.len()).collect() };
        for (at, imported) in imports.iter().enumerate() {
            imported.iter().filter(|&&it| users[it] <= MAX_USERS).for_each(|&it| groups.join(at, it));
        }
        let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
        let unknown = (0..units.len()).filter(|&at| known[at].is_none());
        unknown.for_each(|at| members.entry(groups.top(at)).or_default().push(at));
        let mut members: Vec<_> = members.into_values().collect();
        members.sort_unstable();

        let mut owned: Vec<Vec<usize>> = vec![Vec::new()];
        for group in members {
            // A group that is too large is cut, and its shards have common files.
            for part in group.chunks(SHARD_FILES * 2) {
                if owned.last().is_some_and(|it| it.len() + part.len() > SHARD_FILES && !it.is_empty()) {
                    owned.push(Vec::new());
                }
                owned.last_mut().into_iter().for_each(|it| it.extend_from_slice(part));
            }
        }
        owned.retain(|it| !it.is_empty());
        Self { shards: owned.into_iter().map(|own| Shard::new(own, &imports)).collect() }
    }

    /// Files that a shard needs and another one owns.
    fn shared(&self) -> HashSet<usize> {
        let foreign = |it: &Shard| {
            let own: HashSet<usize> = it.own.iter().copied().collect();
            it.all.iter().copied().filter(|at| !own.contains(at)).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(foreign).collect()
    }
}

impl Shard {
    fn new(own: Vec<usize>, imports: &[Vec<usize>]) -> Self {
        let mut seen: HashSet<usize> = own.iter().copied().collect();
        let mut open = own.clone();
        while let Some(at) = open.pop() {
            open.extend(imports[at].iter().copied().filter(|&it| seen.insert(it)));
        }
        let mut all: Vec<usize> = seen.into_iter().collect();
        all.sort_unstable();
        Self { own, all }
    }

    fn link(
        &self,
        units: &[Unit],
        known: &[Option<Bytes>],
        shared: &HashMap<usize, FileDescriptorProto>,
    ) -> Option<Vec<(usize, Bytes)>> {
        let own: HashSet<usize> = self.own.iter().copied().collect();
        let mut pool = DescriptorPool::new();
        let mut linked = Vec::with_capacity(own.len());
        for &at in &self.all {
            let unit = &units[at];
            if let Some(linked) = &known[at] {
                pool.decode_file_descriptor_proto(without_source_info(linked)).ok()?;
                continue;
            }
            if !own.contains(&at) {
                pool.add_file_descriptor_proto(shared.get(&at)?.clone()).ok()?;
                continue;
            }
            let (proto, info) = unit.parsed.take()?;
            if !reserved_names(&proto, &info, &unit.name).is_empty() {
                return None;
            }
            pool.add_file_descriptor_proto(proto).ok()?;
            linked.push((at, encode(&pool, &unit.name, info)?));
        }
        Some(linked)
    }
}

/// A descriptor as [`encode`] makes it, up to the source info, which comes last.
fn without_source_info(linked: &[u8]) -> &[u8] {
    let info = Fields::new(linked).find_map(|(number, value)| match value {
        Value::Bytes(info) if number == 9 => Some(field_length(9, info.len())),
        _ => None,
    });
    &linked[..linked.len() - info.unwrap_or(0)]
}

/// Disjoint sets of positions.
struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    fn top(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.top(one), self.top(other));
        self.parent[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::tree::Memory;
    use crate::compile::{Source, front_end, imports, reorder, units};

    /// Files that import each other in groups, all of them one common file; `extra` is added to the last ones.
    fn project(count: usize, group: usize, extra: &str) -> Vec<Unit> {
        let common = "syntax = \"proto3\";\npackage common;\nimport \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions {\n  string note = 50000;\n}\n";
        let mut sources = vec![Source::new("common.proto", common)];
        for at in 0..count {
            let (name, first) = (format!("p{}/f{at}.proto", at / group), at % group == 0);
            // A tree rather than a chain: chains may not be long.
            let other = at / group * group + (at % group).saturating_sub(1) / 2;
            let import =
                if first { String::new() } else { format!("import \"p{}/f{other}.proto\";\n", at / group) };
            let field = if first { String::new() } else { format!("  M{other} last = 2;\n") };
            let extra = if at + 2 >= count { extra } else { "" };
            let text = format!(
                "syntax = \"proto3\";\npackage p{};\nimport \"common.proto\";\n{import}message M{at} {{\n  string a = 1 [(common.note) = \"n\"];\n{field}}}\n{extra}",
                at / group
            );
            sources.push(Source::new(name, text));
        }
        let names: Vec<_> = sources.iter().map(|it| it.path.clone()).collect();
        let tree = Memory::new(sources).unwrap();
        let units = units::read_and_parse(&tree, names, None).unwrap();
        let order = imports::order(&units, &tree).unwrap();
        reorder(units, &order)
    }

    #[test]
    fn shards_give_what_one_pool_gives() {
        // Small groups, larger ones, and one that has to be cut.
        for (count, group) in [(700, 7), (650, 50), (750, 750)] {
            let sharded = link(&project(count, group, ""), &vec![None; count + 2]).unwrap();
            let together = front_end::one_by_one(&project(count, group, "")).unwrap();
            assert!(sharded == together, "{count} files in groups of {group}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_the_one_pool() {
        for (extra, expected) in
            [("message Twice {}\n", "already defined"), ("message X { Missing a = 1; }\n", "not defined")]
        {
            let count = 300;
            let known = vec![None; count + 2];
            assert!(link(&project(count, 10, extra), &known).is_none(), "{extra}");
            let sharded = front_end::link(&project(count, 10, extra), &known);
            let together = front_end::one_by_one(&project(count, 10, extra));
            assert_eq!(sharded, together);
            assert!(format!("{:?}", together.unwrap_err()).contains(expected), "{extra}");
        }
    }
}
