//! Who may import whom, and which foreign crates may not enter a room. The tables of ARCHITECTURE.md, compared with cargo's own graph.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

use crate::process;

/// Normal and build dependencies between our own crates. What is not here is forbidden.
const ARROWS: [(&str, &[&str]); 16] = [
    ("protogate-transcode", &[]),
    ("protogate-schema", &["protogate-transcode"]),
    ("protogate-check", &["protogate-transcode", "protogate-schema"]),
    ("protogate-codegen", &["protogate-transcode", "protogate-schema"]),
    ("protogate-build", &["protogate-schema", "protogate-check", "protogate-codegen"]),
    ("protogate", &["protogate-transcode"]),
    ("protogate-store", &[]),
    ("protogate-client", &["protogate-schema"]),
    ("protogate-cli", &["protogate-schema", "protogate-check", "protogate-codegen", "protogate-client"]),
    ("reference-service", &["protogate", "protogate-store", "protogate-build"]),
    ("protogate-fixture", &[]),
    ("protogate-golden", &["protogate", "protogate-fixture"]),
    ("protogate-json-test", &["protogate", "protogate-build", "protogate-fixture"]),
    ("protogate-e2e", &["protogate", "protogate-build", "reference-service"]),
    ("protogate-bench", &["protogate-schema", "protogate-store"]),
    ("xtask", &[]),
];

/// Foreign crates that must not be in a room's normal dependency tree, and why.
const FORBIDDEN: [(&str, &[&str], &str); 7] = [
    ("protogate-schema", SERVER, "a build script must not compile a server"),
    ("protogate-check", SERVER, "a build script must not compile a server"),
    ("protogate-codegen", SERVER, "a build script must not compile a server"),
    ("protogate-build", SERVER, "a build script must not compile a server"),
    ("protogate", COMPILER, "a server must not carry a compiler"),
    ("protogate-store", COMPILER, "a server must not carry a compiler"),
    (
        "protogate-transcode",
        &["*"],
        "it is shared by build scripts and servers and must cost nothing in either",
    ),
];
const SERVER: &[&str] = &["tokio", "hyper", "axum", "tonic", "tower"];
const COMPILER: &[&str] =
    &["protox", "protox-parse", "prost-build", "tonic-build", "prettyplease", "clap", "annotate-snippets"];

pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(process::root())
        .other_options(vec!["--locked".to_owned()])
        .exec()?;
    let members: BTreeMap<&str, &cargo_metadata::Package> =
        metadata.workspace_packages().into_iter().map(|package| (package.name.as_str(), package)).collect();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for (name, package) in &members {
        let Some(allowed) = allowed.get(name) else {
            findings.push(format!(
                "{}: crate `{name}` has no row in xtask/src/tidy/arrows.rs",
                package.manifest_path
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = members.contains_key(dependency.name.as_str());
            if ours
                && dependency.kind != DependencyKind::Development
                && !allowed.contains(&dependency.name.as_str())
            {
                findings.push(format!("`{name}` must not import `{}`: no such arrow", dependency.name));
            }
        }
    }
    for (room, forbidden, why) in FORBIDDEN {
        let Some(package) = members.get(room) else { continue };
        let ours: BTreeSet<&str> = members.keys().copied().collect();
        for found in normal_tree(&metadata, &package.id) {
            let foreign = !ours.contains(found.as_str());
            if foreign && (forbidden.contains(&found.as_str()) || forbidden == ["*"]) {
                findings.push(format!("`{room}` has `{found}` in its dependency tree: {why}"));
            }
        }
    }
    Ok(())
}

/// Names of all crates that a crate's normal dependencies pull in, build scripts and procedural macros left out.
fn normal_tree(metadata: &Metadata, start: &PackageId) -> BTreeSet<String> {
    let Some(resolve) = &metadata.resolve else { return BTreeSet::new() };
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let proc_macro = |id: &PackageId| metadata[id].targets.iter().any(cargo_metadata::Target::is_proc_macro);
    let (mut seen, mut queue) = (BTreeSet::new(), vec![start]);
    while let Some(id) = queue.pop() {
        let normal = nodes[id]
            .deps
            .iter()
            .filter(|dep| dep.dep_kinds.iter().any(|it| it.kind == DependencyKind::Normal));
        for dep in normal {
            if !proc_macro(&dep.pkg) && seen.insert(&dep.pkg) {
                queue.push(&dep.pkg);
            }
        }
    }
    seen.into_iter().map(|id| metadata[id].name.to_string()).collect()
}
