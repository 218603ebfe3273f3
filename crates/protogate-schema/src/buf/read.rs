//! `buf.yaml`: text → modules.

use std::path::PathBuf;

use super::document::Document;
use super::{Module, Section, Version, is_below, join, relative_to};
use crate::error::Error;
use crate::yaml::{Node, Value};

/// A `buf.yaml`.
#[derive(Debug)]
pub(super) struct BufYaml {
    pub(super) version: Version,
    /// In v1beta1 and v1 the one module, at `.`.
    pub(super) modules: Vec<Module>,
    pub(super) deps: Vec<String>,
    pub(super) plugins: Vec<String>,
    pub(super) policies: Vec<String>,
    /// The file's own sections, for inputs that have no modules.
    pub(super) top: Module,
}

const VERSIONS: [(&str, Version); 3] =
    [("v1beta1", Version::V1Beta1), ("v1", Version::V1), ("v2", Version::V2)];

/// Keys that `lint` and `breaking` have in common.
const SHARED: [&str; 5] = ["use", "except", "ignore", "ignore_only", "disable_builtin"];
const LINT: [&str; 5] = [
    "enum_zero_value_suffix",
    "service_suffix",
    "rpc_allow_same_request_response",
    "rpc_allow_google_protobuf_empty_requests",
    "rpc_allow_google_protobuf_empty_responses",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lint,
    Breaking,
}

/// Only the version, for who has to decide which file counts.
pub(super) fn version_of(text: &str, file: &str) -> Result<Version, Error> {
    let (mut document, root) = Document::parse(text, file)?;
    let version = version(&mut document, &root);
    document.finish(version.unwrap_or(Version::V2))
}

fn version(document: &mut Document<'_>, root: &Node) -> Option<Version> {
    let entries = match &root.value {
        Value::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    let Some((_, node)) = entries.iter().find(|(key, _)| key.name == "version") else {
        let found = document.fault(&(0..0), "there is no `version`");
        found.help = Some("write `version: v2` in the first line".to_owned());
        return None;
    };
    let text = document.text_of(node, "version")?;
    let known = VERSIONS.iter().find(|(name, _)| *name == text).map(|(_, version)| *version);
    if known.is_none() {
        let message = format!("`{}` is no version of `buf.yaml`", text.escape_debug());
        document.fault(&node.span, message).help = Some("known are `v1beta1`, `v1` and `v2`".to_owned());
    }
    known
}

pub(super) fn read(text: &str, file: &str) -> Result<BufYaml, Error> {
    let (mut document, root) = Document::parse(text, file)?;
    let Some(version) = version(&mut document, &root) else { return Err(document.error()) };
    let mut known = vec!["version", "name", "deps", "lint", "breaking"];
    match version {
        Version::V2 => known.extend(["modules", "plugins", "policies"]),
        _ => known.push("build"),
    }
    let entries = document.map(&root, &known, "`buf.yaml`");
    let name = entries.get("name").and_then(|it| registry_name(&mut document, it));
    let deps = document.texts(entries.get("deps"), "deps");
    let modules = match version {
        Version::V2 => {
            modules(&mut document, entries.get("modules"), entries.get("lint"), entries.get("breaking"), name)
        }
        _ => vec![old_module(
            &mut document,
            version,
            entries.get("build"),
            entries.get("lint"),
            entries.get("breaking"),
            name,
        )],
    };
    let mut rules = |node: Option<&Node>, kind| {
        node.map(|it| section(&mut document, it, kind, version, ".", false)).unwrap_or_default()
    };
    let (lint, breaking) =
        (rules(entries.get("lint"), Kind::Lint), rules(entries.get("breaking"), Kind::Breaking));
    let top = Module { version, lint, breaking, ..Module::plain() };
    let plugins = named(&mut document, entries.get("plugins"), "plugin", &["plugin", "options", "revision"]);
    let policies =
        named(&mut document, entries.get("policies"), "policy", &["policy", "ignore", "ignore_only"]);
    document.finish(BufYaml { version, modules, deps, plugins, policies, top })
}

fn registry_name(document: &mut Document<'_>, node: &Node) -> Option<String> {
    let text = document.text_of(node, "name")?;
    if text.is_empty() {
        return None;
    }
    if text.split('/').count() != 3 || text.split('/').any(str::is_empty) {
        document.fault(&node.span, "`name` must have the form `registry/owner/name`");
    }
    Some(text.to_owned())
}

/// The names of plugins or policies.
fn named(
    document: &mut Document<'_>,
    node: Option<&Node>,
    key: &'static str,
    known: &[&'static str],
) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    let mut found = Vec::new();
    for item in document.list(node, key) {
        let entries = document.map(item, known, &format!("a {key}"));
        let name = match entries.get(key).map(|it| (&it.value, it)) {
            // `plugin: [program, argument]`.
            Some((Value::List(words), _)) => {
                words.first().and_then(|it| document.text_of(it, key)).map(str::to_owned)
            }
            Some((_, it)) => document.text_of(it, key).map(str::to_owned),
            None => {
                document.fault(&item.span, format!("the {key} has no `{key}`"));
                None
            }
        };
        found.extend(name);
    }
    found
}

/// v1beta1 and v1: the file is in the module's folder.
fn old_module(
    document: &mut Document<'_>,
    version: Version,
    build: Option<&Node>,
    lint: Option<&Node>,
    breaking: Option<&Node>,
    name: Option<String>,
) -> Module {
    let mut roots = vec![".".to_owned()];
    let mut excludes = Vec::new();
    if let Some(build) = build {
        let entries = document.map(build, &["roots", "excludes"], "`build`");
        let given = document.paths(entries.get("roots"), "build.roots");
        if let (Version::V1, Some((key, _))) = (version, entries.entry("roots").filter(|_| !given.is_empty()))
        {
            document.fault(&key.span, "`build.roots` does not exist in v1").help =
                Some("make a module of each root: `modules` of v2".to_owned());
        } else if !given.is_empty() {
            no_nesting(document, &given, "root");
            roots = given.into_iter().map(|(path, _)| path).collect();
        }
        let given = document.paths(entries.get("excludes"), "build.excludes");
        no_nesting(document, &given, "exclude");
        for (path, span) in &given {
            if roots.contains(path) {
                document.fault(span, format!("`{path}` is an import root: nothing would be left of it"));
            } else if !roots.iter().any(|root| is_below(path, root)) {
                document.fault(span, format!("the exclude `{path}` is below no import root"));
            }
            only_folder(document, path, span);
        }
        excludes = given.into_iter().map(|(path, _)| path).collect();
    }
    let mut rules = |node: Option<&Node>, kind| {
        // Paths count from the import root, whatever that is.
        node.map(|it| section(document, it, kind, version, ".", true)).unwrap_or_default()
    };
    let (lint, breaking) = (rules(lint, Kind::Lint), rules(breaking, Kind::Breaking));
    Module {
        path: ".".to_owned(),
        name,
        version,
        roots: roots.into_iter().map(PathBuf::from).collect(),
        includes: Vec::new(),
        excludes,
        lint,
        breaking,
    }
}

/// v2: the file is in the workspace's folder.
fn modules(
    document: &mut Document<'_>,
    list: Option<&Node>,
    lint: Option<&Node>,
    breaking: Option<&Node>,
    name: Option<String>,
) -> Vec<Module> {
    let given = list.map(|it| document.list(it, "modules")).unwrap_or_default();
    let mut found: Vec<Module> = Vec::new();
    for item in given {
        let entries =
            document.map(item, &["path", "name", "includes", "excludes", "lint", "breaking"], "a module");
        let path = match entries.get("path") {
            Some(node) => document.path(node, "path"),
            None => Some(".".to_owned()),
        };
        let Some(path) = path else { continue };
        let name = entries.get("name").and_then(|it| registry_name(document, it));
        let includes = folders(document, entries.get("includes"), "include", &path);
        let excludes = folders(document, entries.get("excludes"), "exclude", &path);
        for (exclude, span) in &excludes {
            if !includes.is_empty() && !includes.iter().any(|(it, _)| is_below(exclude, it)) {
                document
                    .fault(span, format!("the exclude `{exclude}` is in no include, so it excludes nothing"));
            }
        }
        let mut rules = |own: Option<&Node>, top: Option<&Node>, kind| {
            let own = own.map(|it| section(document, it, kind, Version::V2, &path, true));
            match own.filter(|it| *it != Section::default()) {
                Some(own) => own,
                None => {
                    top.map(|it| section(document, it, kind, Version::V2, &path, false)).unwrap_or_default()
                }
            }
        };
        let lint = rules(entries.get("lint"), lint, Kind::Lint);
        let breaking = rules(entries.get("breaking"), breaking, Kind::Breaking);
        let module = Module {
            roots: vec![PathBuf::from(&path)],
            path,
            name,
            version: Version::V2,
            includes: includes.into_iter().map(|(path, _)| path).collect(),
            excludes: excludes.into_iter().map(|(path, _)| path).collect(),
            lint,
            breaking,
        };
        if found.iter().any(|it| {
            it.path == module.path && it.includes == module.includes && it.excludes == module.excludes
        }) {
            document.fault(&item.span, format!("the module `{}` is there twice", module.path));
        }
        found.push(module);
    }
    if given.is_empty() {
        let mut rules = |node: Option<&Node>, kind| {
            node.map(|it| section(document, it, kind, Version::V2, ".", false)).unwrap_or_default()
        };
        let (lint, breaking) = (rules(lint, Kind::Lint), rules(breaking, Kind::Breaking));
        found.push(Module { name, lint, breaking, ..Module::plain() });
    }
    found
}

fn folders<'n>(
    document: &mut Document<'_>,
    node: Option<&'n Node>,
    what: &str,
    module: &str,
) -> Vec<(String, &'n std::ops::Range<usize>)> {
    let given = document.paths(node, &format!("{what}s"));
    no_nesting(document, &given, what);
    for (path, span) in &given {
        if path == module {
            document.fault(span, format!("the {what} `{path}` is the module itself"));
        } else if !is_below(path, module) {
            document
                .fault(span, format!("the {what} `{path}` is not below the module's folder `{module}`"))
                .help = Some("paths count from the folder of `buf.yaml`".to_owned());
        }
        only_folder(document, path, span);
    }
    given
}

fn only_folder(document: &mut Document<'_>, path: &str, span: &std::ops::Range<usize>) {
    if path.ends_with(".proto") {
        document.fault(span, format!("`{path}` is a file; only folders can be given here"));
    }
}

fn no_nesting(document: &mut Document<'_>, paths: &[(String, &std::ops::Range<usize>)], what: &str) {
    for (at, (path, span)) in paths.iter().enumerate() {
        if paths[..at].iter().any(|(it, _)| it == path) {
            document.fault(span, format!("the {what} `{path}` is there twice"));
        } else if let Some((outer, _)) = paths.iter().find(|(it, _)| it != path && is_below(path, it)) {
            document.fault(span, format!("the {what} `{path}` is inside of `{outer}`"));
        }
    }
}

/// A section. `module` is the folder that paths must be made relative to; with `own`, paths outside are mistakes, else they are
/// other modules' paths.
fn section(
    document: &mut Document<'_>,
    node: &Node,
    kind: Kind,
    version: Version,
    module: &str,
    own: bool,
) -> Section {
    let place = if kind == Kind::Lint { "lint" } else { "breaking" };
    let mut known = SHARED.to_vec();
    match (kind, version) {
        (Kind::Breaking, _) => known.push("ignore_unstable_packages"),
        (Kind::Lint, Version::V2) => known.extend(LINT.iter().chain(&["disallow_comment_ignores"])),
        (Kind::Lint, _) => known.extend(LINT.iter().chain(&["allow_comment_ignores"])),
    }
    let entries = document.map(node, &known, &format!("`{place}`"));
    let inside = |document: &mut Document<'_>, paths: Vec<(String, &std::ops::Range<usize>)>| {
        let mut found = Vec::new();
        for (path, span) in paths {
            match relative_to(&path, module) {
                Some(path) => found.push(path.to_owned()),
                None if own => {
                    let message = format!("`{path}` is not below the module's folder `{module}`");
                    document.fault(span, message).help =
                        Some("paths count from the folder of `buf.yaml`".to_owned());
                }
                None => {}
            }
        }
        found
    };
    let ignore = document.paths(entries.get("ignore"), &format!("{place}.ignore"));
    let ignore = inside(document, ignore);
    let mut ignore_only = std::collections::BTreeMap::new();
    if let Some(node) = entries.get("ignore_only") {
        let place = format!("{place}.ignore_only");
        if let Value::Map(rules) = &node.value {
            for (key, paths) in rules {
                let paths = document.paths(Some(paths), &place);
                ignore_only.insert(key.name.clone(), inside(document, paths));
            }
        } else {
            document.fault(&node.span, format!("`{place}` is {}, not a map", node.kind())).help =
                Some("write a rule or category with a list of paths: `BASIC: [proto/old]`".to_owned());
        }
    }
    let text = |document: &mut Document<'_>, key: &str| {
        entries.get(key).and_then(|it| document.text_of(it, key)).unwrap_or_default().to_owned()
    };
    Section {
        r#use: document.texts(entries.get("use"), &format!("{place}.use")),
        except: document.texts(entries.get("except"), &format!("{place}.except")),
        ignore,
        ignore_only,
        disable_builtin: document.switch(entries.get("disable_builtin"), "disable_builtin"),
        enum_zero_value_suffix: text(document, "enum_zero_value_suffix"),
        service_suffix: text(document, "service_suffix"),
        rpc_allow_same_request_response: document
            .switch(entries.get("rpc_allow_same_request_response"), "rpc_allow_same_request_response"),
        rpc_allow_google_protobuf_empty_requests: document.switch(
            entries.get("rpc_allow_google_protobuf_empty_requests"),
            "rpc_allow_google_protobuf_empty_requests",
        ),
        rpc_allow_google_protobuf_empty_responses: document.switch(
            entries.get("rpc_allow_google_protobuf_empty_responses"),
            "rpc_allow_google_protobuf_empty_responses",
        ),
        allow_comment_ignores: document.switch(entries.get("allow_comment_ignores"), "allow_comment_ignores"),
        disallow_comment_ignores: document
            .switch(entries.get("disallow_comment_ignores"), "disallow_comment_ignores"),
        ignore_unstable_packages: document
            .switch(entries.get("ignore_unstable_packages"), "ignore_unstable_packages"),
    }
}

/// A module below the folder of a `buf.work.yaml`: its paths count from there from now on.
pub(super) fn moved(mut module: Module, folder: &str) -> Module {
    let roots = module.roots.iter().map(|it| PathBuf::from(join(folder, &it.to_string_lossy())));
    module.roots = roots.collect();
    module.excludes = module.excludes.iter().map(|it| join(folder, it)).collect();
    module.path = join(folder, &module.path);
    module
}
