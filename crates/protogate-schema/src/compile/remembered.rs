//! Which files of a run were linked before, with the same text and the same imports; and what the next run is told.

use std::collections::HashMap;

use bytes::Bytes;

use super::units::Unit;
use crate::cache::{Cache, Entry, Hash};

/// What is known about the files of a run, in their order.
pub(super) struct Remembered {
    keys: Vec<Option<(Hash, Hash)>>,
    /// What to remember of the others, but for the descriptors, which are not made yet.
    new: Vec<Option<Entry>>,
    /// Descriptors of the files that need not be linked again.
    pub(super) linked: Vec<Option<Bytes>>,
}

impl Remembered {
    /// Looks up files, which come in order, imports first.
    pub(super) fn find(units: &[Unit], cache: Option<&Cache>) -> Self {
        let mut keys = Vec::with_capacity(units.len());
        let (mut linked, mut new) = (vec![None; units.len()], vec![None; units.len()]);
        let mut by_name: HashMap<&str, Hash> = HashMap::with_capacity(units.len());
        for (at, unit) in units.iter().enumerate() {
            let Some((cache, id)) = cache.zip(unit.id) else {
                keys.push(None);
                continue;
            };
            let imports = unit.parsed.imports().iter().map(|it| by_name.get(it.as_str()));
            let key = cache.key(&id, imports);
            by_name.insert(&unit.name, key);
            linked[at] = cache.linked(&id, &key).cloned();
            new[at] = linked[at].is_none().then(|| entry(unit, &id, &key));
            keys.push(Some((id, key)));
        }
        Self { keys, new, linked }
    }

    /// Writes down what is new. `encoded` are the descriptors of all files.
    pub(super) fn keep<'a>(self, encoded: impl Iterator<Item = &'a Bytes>, cache: &Cache) {
        let used: Vec<_> = self.keys.into_iter().flatten().collect();
        let new = self.new.into_iter().zip(encoded);
        let new = new.filter_map(|(entry, linked)| Some(Entry { linked: linked.clone(), ..entry? }));
        cache.add(new.collect(), &used);
    }
}

fn entry(unit: &Unit, id: &Hash, key: &Hash) -> Entry {
    let (packages, names): (Vec<_>, Vec<_>) =
        unit.parsed.symbols().into_iter().partition(|(_, package)| *package);
    Entry {
        id: Bytes::copy_from_slice(id),
        key: Bytes::copy_from_slice(key),
        imports: unit.parsed.imports().to_vec(),
        package: unit.parsed.package().to_owned(),
        names: names.into_iter().map(|(name, _)| name).collect(),
        packages: packages.into_iter().map(|(name, _)| name).collect(),
        linked: Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use crate::cache::Cache;
    use crate::compile::tree::Memory;
    use crate::compile::{Source, compile_with};
    use crate::{Error, Schema};

    type Files = BTreeMap<String, String>;

    fn load(files: &Files, cache: Option<&Cache>) -> Result<Schema, Error> {
        let sources = files.iter().map(|(name, text)| Source::new(name, text.as_bytes())).collect();
        compile_with(&Memory::new(sources)?, files.keys().cloned().collect(), cache)
    }

    /// All that can be told about an outcome.
    fn shown(outcome: &Result<Schema, Error>) -> (Vec<u8>, String) {
        match outcome {
            Ok(schema) => {
                let sources = schema.files().map(|(_, it)| schema.source(&it.path).map_or("", |it| &**it));
                (schema.descriptor_bytes().to_vec(), sources.collect())
            }
            Err(error) => {
                let texts = error.diagnostics().iter().filter_map(|it| error.source_text(it.path.as_ref()?));
                (
                    Vec::new(),
                    format!("{:?} {:?} {:?}", error.kind(), error.diagnostics(), texts.collect::<Vec<_>>()),
                )
            }
        }
    }

    /// Compiles with the cache in this folder, opened anew as a new process would, and without; the outcomes must be equal.
    fn compare(files: &Files, folder: &Path) -> Result<Schema, Error> {
        let cached = load(files, Some(&Cache::open(folder.to_owned())));
        let plain = load(files, None);
        assert_eq!(shown(&cached), shown(&plain));
        cached
    }

    /// Ten packages in a chain, each with a file of messages and a file of options for its fields.
    fn project() -> Files {
        let mut files = Files::new();
        for at in 0..10 {
            let before =
                if at == 0 { String::new() } else { format!("import \"p{}/types.proto\";\n", at - 1) };
            let field = if at == 0 { String::new() } else { format!("  p{}.M last = 9;\n", at - 1) };
            files.insert(
                format!("p{at}/options.proto"),
                format!(
                    "syntax = \"proto3\";\npackage p{at};\nimport \"google/protobuf/descriptor.proto\";\nextend google.protobuf.FieldOptions {{\n  string note{at} = {};\n}}\n",
                    50_000 + at
                ),
            );
            files.insert(
                format!("p{at}/types.proto"),
                format!(
                    "syntax = \"proto3\";\npackage p{at};\n{before}import \"p{at}/options.proto\";\n// A message.\nmessage M {{\n  string a = 1 [(note{at}) = \"x\"];\n{field}}}\nenum E {{\n  E{at}_ZERO = 0;\n}}\n"
                ),
            );
        }
        files
    }

    #[derive(Debug, Clone)]
    enum Edit {
        Comment(usize),
        Field(usize),
        /// Changes an option that others may use.
        Number(usize),
        Rename(usize),
        Duplicate(usize, usize),
        Break(usize),
        Delete(usize),
        Add(usize),
        Restore,
        /// Damages or removes what is on the disk.
        Damage(usize, u8),
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            4 => (0..20_usize).prop_map(Edit::Comment),
            4 => (0..20_usize).prop_map(Edit::Field),
            2 => (0..10_usize).prop_map(Edit::Number),
            1 => (0..10_usize).prop_map(Edit::Rename),
            1 => (0..10_usize, 0..10_usize).prop_map(|(a, b)| Edit::Duplicate(a, b)),
            1 => (0..20_usize).prop_map(Edit::Break),
            1 => (0..20_usize).prop_map(Edit::Delete),
            2 => (0..20_usize).prop_map(Edit::Add),
            3 => Just(Edit::Restore),
            1 => (0..5_usize, any::<u8>()).prop_map(|(a, b)| Edit::Damage(a, b)),
        ]
    }

    fn apply(edit: &Edit, files: &mut Files, folder: &Path) {
        let names: Vec<String> = files.keys().cloned().collect();
        let name = |at: usize| names.get(at % names.len().max(1)).cloned().unwrap_or_default();
        let mut change = |name: String, how: &dyn Fn(&str) -> String| {
            if let Some(text) = files.get_mut(&name) {
                *text = how(text);
            }
        };
        match edit {
            Edit::Comment(at) => change(name(*at), &|it| format!("// {}\n{it}", it.len())),
            Edit::Field(at) => {
                change(name(*at), &|it| it.replace("string a = 1", "bytes b = 2;\n  string a = 1"))
            }
            Edit::Number(at) => {
                change(format!("p{at}/options.proto"), &|it| it.replace("= 500", "= 510"));
            }
            Edit::Rename(at) => {
                change(format!("p{at}/types.proto"), &|it| it.replace("message M", "message N"))
            }
            Edit::Duplicate(from, to) => {
                let extra = format!("\nmessage D{} {{}}\n", from.min(to));
                change(format!("p{from}/types.proto"), &|it| format!("{it}{extra}"));
                change(format!("p{to}/options.proto"), &|it| {
                    format!("{}{extra}", it.replace(&format!("package p{to};"), &format!("package p{from};")))
                });
            }
            Edit::Break(at) => change(name(*at), &|it| format!("{it}\nmessage {{")),
            Edit::Delete(at) => drop(files.remove(&name(*at))),
            Edit::Add(at) => {
                let text = format!("syntax = \"proto3\";\npackage x.p{};\nmessage X{at} {{}}\n", at % 10);
                files.insert(format!("x/{at}.proto"), text);
            }
            Edit::Restore => *files = project(),
            Edit::Damage(which, how) => {
                let packs: Vec<_> =
                    fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect();
                if let Some(path) = packs.get(*which) {
                    match how % 4 {
                        0 => drop(fs::remove_file(path)),
                        1 => fs::write(path, b"pgpack01").unwrap(),
                        _ => {
                            let mut bytes = fs::read(path).unwrap();
                            let at = usize::from(*how) * bytes.len() / 256;
                            bytes[at] ^= 1;
                            fs::write(path, bytes).unwrap();
                        }
                    }
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn a_cached_run_and_an_uncached_one_say_the_same(edits in prop::collection::vec(edit(), 1..16)) {
            let folder = tempfile::tempdir().unwrap();
            let mut files = project();
            let _ = compare(&files, folder.path());
            for edit in &edits {
                apply(edit, &mut files, folder.path());
                if !files.is_empty() {
                    let _ = compare(&files, folder.path());
                }
            }
        }
    }

    #[test]
    fn only_what_changed_is_linked_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = project();
        let before = compare(&files, folder.path()).unwrap();
        let packs = || fs::read_dir(folder.path()).unwrap().flatten().map(|it| it.metadata().unwrap().len());
        assert_eq!(packs().count(), 1);
        // Nothing changed, nothing is written.
        compare(&files, folder.path()).unwrap();
        assert_eq!(packs().count(), 1);
        apply(&Edit::Comment(files.len() - 1), &mut files, folder.path());
        let after = compare(&files, folder.path()).unwrap();
        assert_eq!(packs().count(), 2);
        // The last file of the chain is imported by none: its entry alone is new.
        assert!(packs().min().unwrap() * 5 < packs().max().unwrap());
        assert_ne!(before.descriptor_bytes(), after.descriptor_bytes());
    }

    #[test]
    fn packs_do_not_pile_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut files = project();
        for at in 0..40 {
            apply(&Edit::Comment(at), &mut files, folder.path());
            compare(&files, folder.path()).unwrap();
            assert!(fs::read_dir(folder.path()).unwrap().count() <= 9);
        }
    }

    /// A folder that cannot be written, or is a file, costs time only.
    #[test]
    fn a_place_that_is_no_folder_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        compare(&project(), &file).unwrap();
        compare(&project(), &file.join("below")).unwrap();
    }
}
