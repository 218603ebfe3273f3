//! A project around the user's own contract: its files with what they import, and a handler file for each rpc.
//!
//! Import roots are found rather than asked for: the folder from which a file's imports, or its package, make sense. What is bundled
//! (`google/*`, `protogate/*`) is not copied.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use protogate_codegen::CodegenConfig;
use protogate_codegen::emit::handlers;
use protogate_schema::compile::{Source as ProtoSource, compile};
use protogate_schema::{Schema, bundled};

use super::source::Source;
use super::template;
use crate::failure::Failure;

/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 16 << 20;
/// How many folders above a file may be its import root.
const MAX_ABOVE: usize = 16;

/// Dependencies of the template that a project with its own contract needs too.
const DEPENDENCIES: &[&str] =
    &["protogate", "protogate-build", "prost", "prost-types", "tokio", "tonic", "tonic-prost"];

/// Files of the service template that are taken as they are.
const SHARED: &[&str] = &[
    ".dockerignore",
    ".github/workflows/ci.yml",
    ".gitignore",
    "Dockerfile",
    "build.rs",
    "dev/README.md",
    "rustfmt.toml",
];

const OWN: &[template::TemplateFile] = &[
    template::TemplateFile { path: "README.md", text: include_str!("../../template/contract/README.md") },
    template::TemplateFile {
        path: "protogate.toml",
        text: include_str!("../../template/contract/protogate.toml"),
    },
    template::TemplateFile { path: "src/lib.rs", text: include_str!("../../template/contract/src/lib.rs") },
    template::TemplateFile { path: "src/main.rs", text: include_str!("../../template/contract/src/main.rs") },
    template::TemplateFile {
        path: "tests/service.rs",
        text: include_str!("../../template/contract/tests/service.rs"),
    },
];

/// Whether such a project depends on this crate.
pub(super) fn depends_on(dependency: &str) -> bool {
    DEPENDENCIES.contains(&dependency)
}

/// A contract that compiles.
#[derive(Debug)]
pub(super) struct Contract {
    /// Import name → text.
    protos: BTreeMap<String, String>,
    /// Handler files, relative to their folder.
    handlers: Vec<(String, String)>,
    /// Rpcs that nobody may call.
    denied: Vec<String>,
}

impl Contract {
    /// Reads the files and what they import, and compiles them.
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, Failure> {
        let mut roots = Vec::new();
        let mut protos = BTreeMap::new();
        let mut given: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut queue = VecDeque::new();
        for file in files {
            let text = read_file(file)?;
            let (root, name) = root_of(file, &text)?;
            if !roots.contains(&root) {
                roots.push(root.clone());
            }
            let real = root.join(&name);
            if let Some(first) = given.get(&name).filter(|it| **it != real) {
                let (first, second) = (first.display(), real.display());
                return Err(Failure::usage(format!(
                    "`{first}` and `{second}` have the same import name `{name}`"
                ))
                .with_help(
                    "give one of them; a folder of its own, named after its package, tells files apart",
                ));
            }
            given.insert(name.clone(), real);
            queue.extend(imports(&text));
            protos.insert(name, text);
        }
        let targets: BTreeSet<String> = protos.keys().cloned().collect();
        while let Some(import) = queue.pop_front() {
            if protos.contains_key(&import) || bundled::source(&import).is_some() {
                continue;
            }
            // What is not found is reported by the compiler, with the place of the import.
            let Some(found) = is_clean(&import)
                .then(|| roots.iter().map(|root| root.join(&import)).find(|it| it.is_file()))
                .flatten()
            else {
                continue;
            };
            let text = read_file(&found)?;
            queue.extend(imports(&text));
            protos.insert(import, text);
        }
        let sources = protos.iter().map(|(name, text)| match targets.contains(name) {
            true => ProtoSource::new(name.clone(), text.clone()),
            false => ProtoSource::import(name.clone(), text.clone()),
        });
        // First as asked for, so that only these files are to blame; then as the project will see them.
        compile(sources.collect())?;
        let schema = compile(
            protos.iter().map(|(name, text)| ProtoSource::new(name.clone(), text.clone())).collect(),
        )?;
        if schema.methods().len() == 0 {
            return Err(Failure::usage(
                "the files of `--proto` declare no rpc, so there is nothing to serve",
            )
            .with_help("name the files with the services; what they import is found"));
        }
        let skeletons = handlers::skeletons(&schema, &CodegenConfig::default())?;
        let handlers = skeletons
            .into_iter()
            .map(|it| (it.path, String::from_utf8_lossy(&it.bytes).into_owned()))
            .collect();
        let denied = denied(&schema);
        Ok(Self { protos, handlers, denied })
    }

    /// The files of the project, but the manifest.
    pub(super) fn files(
        &self,
        name: &str,
        _source: &Source,
        notes: &mut Vec<String>,
    ) -> Vec<(String, String)> {
        let shared = template::FILES.iter().filter(|file| SHARED.contains(&file.path));
        let mut files: Vec<_> =
            shared.chain(OWN).map(|file| (file.path.to_owned(), template::rename(file.text, name))).collect();
        files.push(("service.toml".to_owned(), settings(name)));
        files.extend(self.protos.iter().map(|(path, text)| (format!("proto/{path}"), text.clone())));
        files.extend(self.handlers.iter().map(|(path, text)| (format!("src/handlers/{path}"), text.clone())));
        if let Some(first) = self.denied.first() {
            notes.push(format!(
                "{} of {} rpcs have no policy and are denied to everybody, such as `{first}`: README.md says how to let callers in",
                self.denied.len(),
                self.handlers.len()
            ));
        }
        files
    }
}

fn denied(schema: &Schema) -> Vec<String> {
    schema
        .methods()
        .filter(|(id, method)| {
            // Bundled services are declared, not served.
            !schema.file(schema.service(method.service).file).is_import
                && matches!(schema.policy(*id).access, protogate_schema::model::policy::Access::Denied)
        })
        .map(|(_, method)| method.full_name.clone())
        .collect()
}

/// The template's settings without the section of its own.
fn settings(name: &str) -> String {
    let text = template::FILES.iter().find(|file| file.path == "service.toml").map_or("", |file| file.text);
    let text = text.split("\n[app]").next().unwrap_or(text);
    template::rename(&text.replace(", PROTOGATE__APP__DATABASE", ""), name)
}

fn read_file(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let found = std::fs::metadata(path)
        .map_err(|error| Failure::usage(format!("`{shown}` cannot be opened: {error}")))?;
    if !found.is_file() || found.len() > MAX_FILE {
        return Err(Failure::usage(format!("`{shown}` is no regular file of at most {MAX_FILE} bytes")));
    }
    let bytes =
        std::fs::read(path).map_err(|error| Failure::usage(format!("`{shown}` cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::usage(format!("`{shown}` is not UTF-8")))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// The import root of a file and its import name: the nearest folder from which its imports are found, where its package agrees if
/// there is a choice.
fn root_of(file: &Path, text: &str) -> Result<(PathBuf, String), Failure> {
    let fault = |why: &str| Failure::usage(format!("`{}` {why}", file.display()));
    let real = file.canonicalize().map_err(|error| fault(&format!("cannot be opened: {error}")))?;
    if real.extension().is_none_or(|it| it != "proto") {
        return Err(fault("is no `.proto` file"));
    }
    let wanted: Vec<String> =
        imports(text).into_iter().filter(|it| is_clean(it) && bundled::source(it).is_none()).collect();
    let above: Vec<&Path> = real.ancestors().skip(1).take(MAX_ABOVE).collect();
    let package = package(text).replace('.', "/");
    let by_package = above
        .iter()
        .find(|root| real.strip_prefix(root).is_ok_and(|it| it.parent() == Some(Path::new(&package))));
    let finds_all = |root: &Path| wanted.iter().all(|it| root.join(it).is_file());
    let root = by_package
        .filter(|root| finds_all(root))
        .or_else(|| above.iter().find(|root| finds_all(root)))
        .or(by_package)
        .or(above.first())
        .ok_or_else(|| fault("lies in no folder"))?;
    let name = real
        .strip_prefix(root)
        .ok()
        .and_then(Path::to_str)
        .ok_or_else(|| fault("has a name that is not UTF-8"))?;
    Ok((root.to_path_buf(), name.replace('\\', "/")))
}

/// A relative name that stays below its root.
fn is_clean(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

/// The package, as far as a look at the statements tells.
fn package(text: &str) -> String {
    let found = statements(text).find_map(|it| it.strip_prefix("package ").map(|it| it.trim().to_owned()));
    found.unwrap_or_default()
}

/// What a file imports, as far as a look at the statements tells; the compiler has the last word.
fn imports(text: &str) -> Vec<String> {
    let quoted = |statement: &str| {
        let rest = statement.strip_prefix("import")?;
        let open = rest.find(['"', '\''])?;
        let quote = rest[open..].chars().next()?;
        rest[open + 1..].split(quote).next().map(str::to_owned)
    };
    statements(text).filter_map(|it| quoted(&it)).collect()
}

/// Statements outside comments, trimmed; good enough for what stands at the top level of a file.
fn statements(text: &str) -> impl Iterator<Item = String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            out.push(' ');
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if c == '"' || c == '\'' {
            let end = end_of_string(rest, c);
            // What would end a statement does not inside a string.
            out.extend(rest[..end].chars().map(|c| if matches!(c, ';' | '{' | '}') { ' ' } else { c }));
            rest = &rest[end..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out.split([';', '{', '}']).map(|it| it.trim().to_owned()).collect::<Vec<_>>().into_iter()
}

/// Where the string that `text` begins with ends; an unclosed one ends with its line.
fn end_of_string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return at,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Contract, imports, package, root_of};

    const TEXT: &str = r#"
// import "commented.proto";
syntax = "proto3"; /* package wrong; import "no.proto"; */
package acme.v1;
import "acme/v1/types.proto";
import public 'acme/v1/more.proto'; import "google/api/annotations.proto";
option java_package = "//x; import \"string.proto\"";
"#;

    #[test]
    fn statements_are_found_outside_comments_and_strings() {
        assert_eq!(package(TEXT), "acme.v1");
        assert_eq!(
            imports(TEXT),
            ["acme/v1/types.proto", "acme/v1/more.proto", "google/api/annotations.proto"]
        );
    }

    #[test]
    fn roots_are_found_by_package_or_by_imports() {
        let dir = tempfile::tempdir().expect("a folder");
        let base = dir.path().canonicalize().expect("real");
        fs::create_dir_all(base.join("p/acme/v1")).expect("a folder");
        for name in ["a.proto", "types.proto", "more.proto"] {
            fs::write(base.join("p/acme/v1").join(name), "syntax = \"proto3\";").expect("a file");
        }
        let file = base.join("p/acme/v1/a.proto");
        for text in [TEXT, "package acme.v1;", "package other; import \"acme/v1/types.proto\";"] {
            assert_eq!(
                root_of(&file, text).expect("a root"),
                (base.join("p"), "acme/v1/a.proto".to_owned()),
                "{text}"
            );
        }
        let alone = root_of(&file, "package other; import \"nowhere.proto\";").expect("a root");
        assert_eq!(alone, (base.join("p/acme/v1"), "a.proto".to_owned()));
    }

    #[test]
    fn a_contract_has_its_imports_and_a_file_for_each_rpc() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("acme/v1")).expect("a folder");
        let service = dir.path().join("acme/v1/library.proto");
        fs::write(
            &service,
            "syntax = \"proto3\"; package acme.v1; import \"acme/v1/types.proto\"; import \"google/protobuf/empty.proto\";
             service Library { rpc GetBook(Book) returns (Book); rpc Type(google.protobuf.Empty) returns (stream Book); }",
        )
        .expect("a file");
        fs::write(
            dir.path().join("acme/v1/types.proto"),
            "syntax = \"proto3\"; package acme.v1; message Book {}",
        )
        .expect("a file");
        let contract = Contract::read(&[service]).expect("a contract");
        assert_eq!(
            contract.protos.keys().collect::<Vec<_>>(),
            ["acme/v1/library.proto", "acme/v1/types.proto"]
        );
        let names: Vec<_> = contract.handlers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["library/get_book.rs", "library/type.rs"]);
        assert!(contract.handlers[1].1.contains("request: Request<()>"), "{}", contract.handlers[1].1);
        assert!(
            contract.handlers[1].1.contains("Replies<crate::pb::acme::v1::Book>"),
            "{}",
            contract.handlers[1].1
        );
        assert_eq!(contract.denied, ["acme.v1.Library.GetBook", "acme.v1.Library.Type"]);
    }

    #[test]
    fn two_files_of_one_name_are_refused_with_both() {
        let dir = tempfile::tempdir().expect("a folder");
        let files = ["a", "b"].map(|folder| dir.path().join(folder).join("x.proto"));
        for file in &files {
            fs::create_dir(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, "syntax = \"proto3\"; message A {} service S { rpc Get(A) returns (A); }")
                .expect("a file");
        }
        let crate::failure::Failure::Message { text, .. } = Contract::read(&files).expect_err("refused")
        else {
            panic!("another failure")
        };
        assert!(text.contains("a/x.proto") && text.contains("b/x.proto"), "{text}");
        assert!(Contract::read(&[files[0].clone(), files[0].clone()]).is_ok());
    }

    #[test]
    fn rpcs_of_bundled_files_are_not_counted_as_denied() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("a.proto");
        fs::write(
            &file,
            "syntax = \"proto3\"; import \"google/longrunning/operations.proto\"; message A {}
             service S { rpc Get(A) returns (google.longrunning.Operation); }",
        )
        .expect("a file");
        assert_eq!(Contract::read(&[file]).expect("a contract").denied, ["S.Get"]);
    }

    #[test]
    fn files_without_an_rpc_or_that_do_not_compile_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("a.proto");
        for text in
            ["syntax = \"proto3\"; message A {}", "syntax = \"proto3\"; import \"b.proto\";", "not a proto"]
        {
            fs::write(&file, text).expect("a file");
            assert!(Contract::read(std::slice::from_ref(&file)).is_err(), "{text}");
        }
        assert!(Contract::read(&[dir.path().join("none.proto")]).is_err());
        assert!(Contract::read(&[dir.path().to_owned()]).is_err());
    }
}
