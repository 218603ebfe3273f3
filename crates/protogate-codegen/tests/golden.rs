//! Every case of `fixtures/codegen`: what is generated, or which diagnostics the input is refused with.
//!
//! That the generated sources compile is the business of `tests/golden`, which includes them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use protogate_codegen::{
    Artifact, CodegenConfig, Existing, generate, http_warnings, routes, rpcs_without_route,
};
use protogate_fixture::{Case, cases, is_blessing};
use protogate_schema::compile::{Source, compile};
use protogate_schema::{Diagnostic, Error, Schema};

fn schema(case: &Case) -> Schema {
    let files = case.files("in", "proto");
    let source = |(path, text): (String, String)| {
        if text.starts_with("// import\n") { Source::import(path, text) } else { Source::new(path, text) }
    };
    compile(files.into_iter().map(source).collect()).unwrap_or_else(|error| panic!("{}: {error}", case.name))
}

fn generated(schema: &Schema) -> Result<Vec<Artifact>, Error> {
    generate(schema, &CodegenConfig::default(), &Existing::default())
}

fn render(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for it in diagnostics {
        let place = it.span.map_or_else(String::new, |it| format!("{}:{}: ", it.start_line, it.start_column));
        writeln!(out, "{}:{place}{}", it.path.as_deref().unwrap_or("?"), it.message).unwrap();
        if let Some(help) = &it.help {
            writeln!(out, "  help: {help}").unwrap();
        }
        for it in &it.related {
            writeln!(out, "  {}:{}:{}: {}", it.path, it.span.start_line, it.span.start_column, it.label)
                .unwrap();
        }
    }
    out
}

/// Compares the artifacts with `out/`, in both directions.
fn compare(case: &Case, artifacts: &[Artifact]) -> Result<(), String> {
    let mut wrong = String::new();
    let dir = case.path("out");
    for artifact in artifacts {
        let path = dir.join(&artifact.path);
        match std::str::from_utf8(&artifact.bytes) {
            Ok(text) if artifact.path.ends_with(".rs") => {
                if let Err(difference) = case.compare(&format!("out/{}", artifact.path), text) {
                    writeln!(wrong, "{difference:#}").unwrap();
                }
            }
            _ if fs::read(&path).is_ok_and(|it| it == artifact.bytes) => {}
            _ if is_blessing() => fs::write(&path, &artifact.bytes).unwrap(),
            _ => writeln!(wrong, "{}/{} differs", case.name, artifact.path).unwrap(),
        }
    }
    let made: BTreeSet<_> = artifacts.iter().map(|it| it.path.clone()).collect();
    for entry in fs::read_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))? {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if made.contains(&name) {
            continue;
        }
        if is_blessing() {
            fs::remove_file(dir.join(&name)).unwrap();
        } else {
            writeln!(wrong, "{}/out/{name} is not generated any more", case.name).unwrap();
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[test]
fn every_case_gives_what_is_expected() {
    let mut wrong = String::new();
    for case in cases("codegen") {
        let schema = schema(&case);
        let refused = case.name.starts_with("error-");
        let outcome = match generated(&schema) {
            Ok(artifacts) if !refused => compare(&case, &artifacts),
            Err(error) if refused => {
                case.compare("expected.txt", &render(error.diagnostics())).map_err(|it| format!("{it:#}\n"))
            }
            Ok(_) => Err(format!("{} was not refused\n", case.name)),
            Err(error) => Err(format!("{} was refused:\n{error}\n", case.name)),
        };
        wrong.push_str(&outcome.err().unwrap_or_default());
        let warnings = http_warnings(&schema);
        if !refused && (case.has("warnings.txt") || !warnings.is_empty()) {
            let difference = case.compare("warnings.txt", &render(&warnings)).err();
            wrong.push_str(&difference.map_or_else(String::new, |it| format!("{it:#}\n")));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn generating_twice_gives_equal_bytes() {
    for case in cases("codegen").iter().filter(|it| !it.name.starts_with("error-")) {
        // Compiled anew as well, so that the order of hash maps differs.
        assert_eq!(generated(&schema(case)).unwrap(), generated(&schema(case)).unwrap(), "{}", case.name);
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let case = protogate_fixture::case("codegen", "packages");
    let forward: Vec<_> = case
        .files("in", "proto")
        .into_iter()
        .map(|(path, text)| {
            if text.starts_with("// import\n") { Source::import(path, text) } else { Source::new(path, text) }
        })
        .collect();
    let backward: Vec<_> = forward.iter().rev().cloned().collect();
    let [forward, backward] = [forward, backward].map(|it| generated(&compile(it).unwrap()).unwrap());
    let rust =
        |it: &[Artifact]| -> Vec<_> { it.iter().filter(|it| it.path.ends_with(".rs")).cloned().collect() };
    assert_eq!(rust(&forward), rust(&backward));
}

#[test]
fn routes_lists_every_binding() {
    let case = protogate_fixture::case("codegen", "service");
    let found: Vec<_> =
        routes(&schema(&case)).into_iter().map(|it| format!("{} {}", it.http_method, it.template)).collect();
    assert_eq!(
        found,
        [
            "GET /v1/{name=shelves/*/books/*}",
            "GET /v1/books/{name}",
            "PATCH /v1/{book.name=shelves/*/books/*}",
            "DELETE /v1/{name=shelves/*/books/*}",
            "GET /v1/books:watch",
            "POST /v1/books:import",
        ]
    );
    let service = schema(&case);
    let bare: Vec<_> =
        rpcs_without_route(&service).into_iter().map(|id| service.method(id).name.as_str()).collect();
    assert_eq!(bare, ["Chat"]);
    // Faulty ones too: as many as there are rules, with and without a pattern, one and two levels deep.
    let case = protogate_fixture::case("codegen", "error-http");
    let text = case.read("in/http.proto");
    let rules = text.matches("(google.api.http)").count() + text.matches("additional_bindings {").count();
    // The rule on the third level is not part of the table: it is an error, and `google.api.http` forbids it.
    assert_eq!(routes(&schema(&case)).len(), rules - 1);
}

#[test]
fn the_descriptor_set_keeps_options_and_loses_comments() {
    let schema = schema(&protogate_fixture::case("codegen", "service"));
    let artifacts = generated(&schema).unwrap();
    let set = artifacts.iter().find(|it| it.path == protogate_codegen::DESCRIPTOR_FILE).unwrap();
    let has = |text: &str| set.bytes.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(has("books.update") && has("/v1/books:watch") && has("ERR_BOOK_002"));
    assert!(!has("Resource name."), "comments are cut out");
    let again = Schema::from_descriptor_set(set.bytes.clone().into(), None).unwrap();
    assert_eq!(again.files().len(), schema.files().len());
}
