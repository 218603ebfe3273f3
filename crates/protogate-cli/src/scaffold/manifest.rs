//! From the template's manifest, which inherits from the workspace, to one that stands alone.
//!
//! Versions come from the workspace's manifest: there is one place that states them. In a checkout the workspace's lock file is cut
//! down to what the project needs, so that its first build asks no network for anything that the checkout has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::source::Source;
use super::template;

const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// Says that an embedded manifest is not what the tests saw.
const EMBEDDED: &str = "the embedded manifests are checked by tests";

/// The crates that the template's manifest names.
pub(super) fn dependencies() -> Vec<String> {
    let manifest: DocumentMut = template::MANIFEST.parse().expect(EMBEDDED);
    DEPENDENCY_TABLES
        .iter()
        .filter_map(|it| manifest.get(it)?.as_table_like())
        .flat_map(|table| table.iter().map(|(name, _)| name.to_owned()))
        .collect()
}

/// The manifest of the project. `keep` says which dependencies of the template it has, by table and name.
pub(super) fn render(name: &str, source: &Source, keep: impl Fn(&str, &str) -> bool) -> String {
    let mut manifest: DocumentMut = template::MANIFEST.parse().expect(EMBEDDED);
    let workspace: DocumentMut = template::WORKSPACE.parse().expect(EMBEDDED);
    let workspace = workspace["workspace"].as_table().expect(EMBEDDED);

    let package = manifest["package"].as_table_mut().expect(EMBEDDED);
    package["name"] = value(name);
    let inherited = workspace["package"].as_table().expect(EMBEDDED);
    for key in ["edition", "rust-version"] {
        package.insert(key, inherited[key].clone());
    }
    package.remove("license");

    let versions = workspace["dependencies"].as_table().expect(EMBEDDED);
    for kind in DEPENDENCY_TABLES {
        let Some(table) = manifest.get_mut(kind).and_then(Item::as_table_like_mut) else { continue };
        let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            if keep(kind, &name) {
                let features = features_of(table, &name);
                table.insert(&name, Item::Value(requirement(&name, &versions[&name], features, source)));
            } else {
                table.remove(&name);
            }
        }
        if table.is_empty() {
            manifest.remove(kind);
        }
    }
    manifest.remove("lints");
    let mut lints = Table::new();
    lints.set_implicit(true);
    let mut rust = Table::new();
    rust["unsafe_code"] = value("forbid");
    lints.insert("rust", Item::Table(rust));
    manifest.insert("lints", Item::Table(lints));
    let mut profiles = Table::new();
    profiles.set_implicit(true);
    let mut dev = Table::new();
    dev["debug"] = value("line-tables-only");
    dev.decor_mut().set_prefix("\n# Quicker to link; back traces keep their lines.\n");
    profiles.insert("dev", Item::Table(dev));
    manifest.insert("profile", Item::Table(profiles));
    let mut alone = Table::new();
    alone.decor_mut().set_prefix("\n# Stands alone, also inside the folder of another workspace.\n");
    manifest.insert("workspace", Item::Table(alone));
    manifest.to_string()
}

/// Features that the template adds to the workspace's.
fn features_of(table: &dyn TableLike, name: &str) -> Vec<String> {
    let features = table.get(name).and_then(|it| it.get("features")?.as_array());
    features.into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

fn requirement(name: &str, item: &Item, more: Vec<String>, source: &Source) -> Value {
    let own = item.get("path").and_then(Item::as_str);
    let version = item.as_str().or_else(|| item.get("version")?.as_str()).unwrap_or("*");
    if let (Some(path), Source::Checkout(root)) = (own, source) {
        let mut table = InlineTable::new();
        table.insert("path", root.join(path).to_string_lossy().into_owned().into());
        return Value::InlineTable(table);
    }
    debug_assert!(own.is_none() || name.starts_with("protogate"), "only our own crates have a path");
    let mut features: Vec<String> = item
        .get("features")
        .and_then(Item::as_array)
        .into_iter()
        .flatten()
        .filter_map(|it| it.as_str().map(str::to_owned))
        .collect();
    features.extend(more);
    let defaults = item.get("default-features").and_then(Item::as_bool).unwrap_or(true);
    if features.is_empty() && defaults {
        return Value::from(version);
    }
    let mut table = InlineTable::new();
    table.insert("version", version.into());
    if !defaults {
        table.insert("default-features", false.into());
    }
    if !features.is_empty() {
        table.insert("features", features.into_iter().collect::<Array>().into());
    }
    Value::InlineTable(table)
}

/// The checkout's lock file, cut down to what a package called `name` with these dependencies needs; `None` when there is none or
/// it is not understood (cargo then makes one).
pub(super) fn lock(checkout: &Path, name: &str, keep: impl Fn(&str) -> bool) -> Option<String> {
    let text = std::fs::read_to_string(checkout.join("Cargo.lock")).ok()?;
    let mut lock: DocumentMut = text.parse().ok()?;
    let mut packages: Vec<Table> = lock.get("package")?.as_array_of_tables()?.iter().cloned().collect();
    let own = packages.iter_mut().find(|it| text_of(it, "name") == Some("reference-service"))?;
    own["name"] = value(name);
    let kept: Vec<String> = depends_on(own).into_iter().filter(|it| keep(first_word(it))).collect();
    // One a line, as cargo prints it.
    let mut array = Array::new();
    for dependency in kept {
        let mut item = Value::from(dependency);
        item.decor_mut().set_prefix("\n ");
        array.push_formatted(item);
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    own["dependencies"] = value(array);

    // Names stand alone where they are unique, else with the version, else with the source too.
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, package) in packages.iter().enumerate() {
        by_name.entry(text_of(package, "name")?).or_default().push(index);
    }
    let mut needed = BTreeSet::new();
    let mut queue = by_name.get(name)?.clone();
    while let Some(index) = queue.pop() {
        if !needed.insert(index) {
            continue;
        }
        for dependency in depends_on(&packages[index]) {
            let version = dependency.split(' ').nth(1);
            let found = by_name.get(first_word(&dependency))?;
            queue.extend(
                found
                    .iter()
                    .filter(|it| version.is_none() || version == text_of(&packages[**it], "version"))
                    .copied(),
            );
        }
    }
    let mut kept: Vec<Table> = needed.iter().map(|index| packages[*index].clone()).collect();
    kept.sort_by(|a, b| {
        let key =
            |it: &Table| (text_of(it, "name").map(str::to_owned), text_of(it, "version").map(str::to_owned));
        key(a).cmp(&key(b))
    });
    let mut tables = ArrayOfTables::new();
    for mut table in kept {
        table.set_position(None);
        tables.push(table);
    }
    lock.insert("package", Item::ArrayOfTables(tables));
    Some(lock.to_string())
}

/// Lets cargo drop what only other members of the checkout need (features decide, and those are cargo's affair). Without a network,
/// and without consequences when it fails: the first build does the same.
pub(super) fn settle_lock(folder: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let _ = Command::new(cargo)
        .args(["metadata", "--offline", "--quiet", "--format-version=1"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

fn depends_on(package: &Table) -> Vec<String> {
    let list = package.get("dependencies").and_then(Item::as_array);
    list.into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn text_of<'t>(table: &'t Table, key: &str) -> Option<&'t str> {
    table.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{dependencies, lock, render};
    use crate::scaffold::source::Source;

    #[test]
    fn the_manifest_stands_alone() {
        for source in [Source::Registry, Source::Checkout(PathBuf::from("/checkout"))] {
            let text = render("billing-admin", &source, |_, _| true);
            assert!(!text.contains("workspace = true"), "{text}");
            assert!(text.contains("name = \"billing-admin\""), "{text}");
            assert!(text.contains("[workspace]") && text.contains("[profile.dev]"), "{text}");
            assert_eq!(
                text.contains("/checkout/crates/protogate-store"),
                source != Source::Registry,
                "{text}"
            );
            let parsed: toml_edit::DocumentMut = text.parse().expect("valid TOML");
            assert!(parsed["dependencies"]["tonic"]["default-features"].as_bool() == Some(false), "{text}");
        }
    }

    #[test]
    fn every_own_crate_of_the_template_is_inherited() {
        assert!(dependencies().iter().any(|it| it == "protogate-build"));
    }

    #[test]
    fn the_lock_file_is_cut_down() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = lock(&root, "billing-admin", |_| true).expect("the workspace has a lock file");
        assert!(text.contains("name = \"billing-admin\""));
        assert!(text.contains("name = \"tonic\"") && text.contains("name = \"libsqlite3-sys\""));
        assert!(!text.contains("name = \"clap\"") && !text.contains("name = \"reference-service\""));
        assert!(text.starts_with("# This file is automatically @generated by Cargo."));
    }
}
