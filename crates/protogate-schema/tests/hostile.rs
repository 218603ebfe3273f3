//! Inputs made to hurt: none may panic, kill, hang or show a file that is not the user's to show. Each names what must be said.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use protogate_schema::compile::{Source, compile};
use protogate_schema::load::Image;
use protogate_schema::{Error, ErrorKind, Input, Schema, load};

/// Longest that any of these may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn timed<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < PATIENCE, "took {:?}", start.elapsed());
    result
}

fn compile_text(text: impl Into<Vec<u8>>) -> Result<Schema, Error> {
    let text = text.into();
    timed(|| compile(vec![Source::new("a.proto", text)]))
}

#[track_caller]
fn refused(result: Result<Schema, Error>, part: &str) -> Error {
    let error = result.expect_err(part);
    assert!(error.to_string().contains(part), "expected `{part}`: {error}");
    assert!(error.diagnostics().iter().all(|it| it.message.len() < 1000), "a message is too long");
    error
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn load_dir(dir: &Path) -> Result<Schema, Error> {
    timed(|| load::load(&Input::Directory(dir.to_owned())))
}

const GOOD: &[u8] = b"syntax = \"proto3\";\n";

#[test]
fn deep_option_aggregates() {
    for open in ["a {", "a <", "a: [", "a: {"] {
        refused(
            compile_text(format!("syntax = \"proto3\";\noption (x) = {{ {}", open.repeat(50_000))),
            "nested more than 100",
        );
    }
}

#[test]
fn deep_messages_and_long_names() {
    refused(compile_text("message A {".repeat(50_000)), "nested more than 100");
    refused(compile_text(format!("syntax = \"proto3\"; {}", "message A {".repeat(90))), "nested messages");
    refused(compile_text(format!("option (x){} = 1;", ".a".repeat(50_000))), "more than 100 parts");
    refused(compile_text(format!("package {}a;", "a.".repeat(50_000))), "more than 100 parts");
    refused(compile_text(format!("message {}", "a".repeat(1_000_000))), "end of file");
    refused(
        compile_text(format!("syntax = \"proto3\"; message A {{ {} b = 1; }}", "a".repeat(1_000_000))),
        "is not defined",
    );
}

#[test]
fn as_deep_as_allowed() {
    let value = format!("{}{}", "s { ".repeat(95), "}".repeat(95));
    let text = format!(
        "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\"; message S {{ S s = 1; }} \
         extend google.protobuf.FileOptions {{ S x = 50000; }} option (x) = {{ {value} }};"
    );
    // Decoders stop at a depth of 100 themselves; what counts is that there is an answer.
    let _ = compile_text(text);
    let long = format!(
        "syntax = \"proto3\"; import \"google/protobuf/descriptor.proto\"; message S {{ S s = 1; int32 n = 2; }} \
         extend google.protobuf.FileOptions {{ S x = 50000; }} option (x){}.n = 7;",
        ".s".repeat(95)
    );
    let _ = compile_text(long);
}

#[test]
fn long_import_chains() {
    let chain = |length: usize| {
        (0..length)
            .map(|at| (format!("f{at}.proto"), format!("syntax = \"proto3\"; import \"f{}.proto\";", at + 1)))
            .chain([(format!("f{length}.proto"), "syntax = \"proto3\";".to_owned())])
            .collect::<Vec<_>>()
    };
    let all = chain(5000).into_iter().map(|(path, text)| Source::new(path, text)).collect();
    let error = refused(timed(|| compile(all)), "more than 200 files deep");
    assert_eq!(error.diagnostics().len(), 1);
    let one = |(at, (path, text)): (usize, (String, String))| {
        if at == 0 { Source::new(path, text) } else { Source::import(path, text) }
    };
    refused(
        timed(|| compile(chain(5000).into_iter().enumerate().map(one).collect())),
        "more than 200 files deep",
    );
    assert!(timed(|| compile(chain(199).into_iter().enumerate().map(one).collect())).is_ok());
    refused(
        timed(|| compile(chain(200).into_iter().enumerate().map(one).collect())),
        "more than 200 files deep",
    );
}

#[test]
fn bytes_that_are_no_text() {
    assert!(compile_text([b"\xEF\xBB\xBF", GOOD].concat()).is_ok());
    let error = refused(compile_text([GOOD, b"// \xFF"].concat()), "byte 0xFF at offset 22 is not valid");
    assert_eq!(error.diagnostics()[0].span.map(|it| (it.start_line, it.start_column)), Some((2, 4)));
    refused(compile_text([GOOD, b"message \0A {}"].concat()), "NUL");
    refused(compile_text(b"\xFF\xFEs\0y\0"), "not UTF-8");
}

#[test]
fn files_that_are_too_long() {
    let dir = folder(&[("ok.proto", GOOD)]);
    let file = fs::File::create(dir.path().join("big.proto")).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    refused(load_dir(dir.path()), "big.proto: has more than 16777216 bytes");
}

#[test]
fn many_errors() {
    let fields: String = (1..=20_000).map(|at| format!("  Missing{at} f{at} = {at};\n")).collect();
    let error =
        refused(compile_text(format!("syntax = \"proto3\";\nmessage A {{\n{fields}}}\n")), "is not defined");
    assert!(error.diagnostics().len() <= 1001);
    let error = refused(compile_text("message A { int32 = ; }\n".repeat(20_000)), "expected");
    assert!(error.diagnostics().len() <= 1000);
}

#[test]
fn many_broken_files() {
    let files = (0..500).map(|at| {
        Source::new(
            format!("f{at}.proto"),
            format!("syntax = \"proto3\"; message A{at} {{ Missing m = 1; }}"),
        )
    });
    let error = refused(timed(|| compile(files.collect())), "stopped after 100 files with errors");
    assert_eq!(error.diagnostics().len(), 101);
}

#[test]
fn many_options_and_ranges() {
    let fields: String = (1..=5000)
        .map(|at| format!("int32 f{at} = {at} [deprecated = true, json_name = \"j{at}\"];"))
        .collect();
    assert!(compile_text(format!("syntax = \"proto3\"; message A {{ {fields} }}")).is_ok());
    let ranges: String =
        (1..=5000).map(|at| format!("extensions {at} [verification = UNVERIFIED];")).collect();
    let _ = compile_text(format!("syntax = \"proto2\"; message A {{ {ranges} }}"));
}

#[test]
fn names_that_leave() {
    for name in
        ["../a.proto", "/a.proto", "a//b.proto", "a\\b.proto", "a/./b.proto", "C:/a.proto", "a\n.proto", ""]
    {
        assert!(compile(vec![Source::new(name, GOOD)]).is_err(), "{name:?}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    const BAIT: &[u8] = b"bait-7f3a this is the secret";

    #[track_caller]
    fn no_bait(error: &Error) {
        assert!(!error.to_string().contains("bait-7f3a"), "{error}");
        for diagnostic in error.diagnostics() {
            let text = diagnostic.path.as_deref().and_then(|path| error.source_text(path));
            assert!(text.is_none_or(|it| !it.contains("bait-7f3a")));
        }
    }

    #[test]
    fn fifo_and_folder_with_the_name_of_a_file() {
        let dir = folder(&[("ok.proto", GOOD)]);
        let made = Command::new("mkfifo").arg(dir.path().join("pipe.proto")).status().unwrap();
        assert!(made.success());
        fs::create_dir(dir.path().join("folder.proto")).unwrap();
        refused(load_dir(dir.path()), "pipe.proto: is no regular file");
        let error =
            refused(load::load(&Input::ProtoFile(dir.path().join("pipe.proto"))), "is no regular file");
        assert_eq!(error.kind(), ErrorKind::Input);
        refused(load::load(&Input::ProtoFile(dir.path().join("folder.proto"))), "is no regular file");
        refused(
            load::load(&Input::Image(Image::binary(dir.path().join("pipe.proto")))),
            "is no regular file",
        );
    }

    #[test]
    fn devices_through_links() {
        let dir = folder(&[("ok.proto", GOOD)]);
        symlink("/dev/zero", dir.path().join("zero.proto")).unwrap();
        refused(load_dir(dir.path()), "zero.proto: is or goes through a symbolic link that leaves");
        refused(load::load(&Input::Image(Image::binary("/dev/zero"))), "is no regular file");
    }

    #[test]
    fn links_out_of_the_root() {
        let outside = folder(&[("secret.proto", BAIT), ("d/secret.proto", BAIT)]);
        let dir = folder(&[("ok.proto", b"syntax = \"proto3\"; import \"link/secret.proto\";")]);
        symlink(outside.path().join("d"), dir.path().join("link")).unwrap();
        no_bait(&refused(load_dir(dir.path()), "leaves its import root"));

        fs::write(dir.path().join("ok.proto"), GOOD).unwrap();
        assert!(load_dir(dir.path()).is_ok(), "a linked folder that nobody imports from is not looked into");
        symlink(outside.path().join("secret.proto"), dir.path().join("a.proto")).unwrap();
        no_bait(&refused(load_dir(dir.path()), "a.proto: is or goes through a symbolic link"));
        no_bait(&refused(
            load::load(&Input::ProtoFile(dir.path().join("a.proto"))),
            "leaves its import root",
        ));
    }

    #[test]
    fn links_inside_the_root() {
        let dir = folder(&[("a.proto", b"syntax = \"proto3\"; message A {}")]);
        symlink("a.proto", dir.path().join("b.proto")).unwrap();
        refused(load_dir(dir.path()), "is the same file as");
        fs::remove_file(dir.path().join("b.proto")).unwrap();
        symlink("nowhere.proto", dir.path().join("c.proto")).unwrap();
        refused(load_dir(dir.path()), "leads nowhere");
        fs::remove_file(dir.path().join("c.proto")).unwrap();
        symlink(".", dir.path().join("again")).unwrap();
        assert_eq!(load_dir(dir.path()).unwrap().files().len(), 1);
    }

    #[test]
    fn a_linked_root_is_fine() {
        let real = folder(&[("proto/a.proto", GOOD)]);
        let dir = folder(&[("protogate.toml", b"[proto]\nroots = [\"link\"]")]);
        symlink(real.path().join("proto"), dir.path().join("link")).unwrap();
        assert!(load_dir(dir.path()).is_ok());
    }

    #[test]
    fn odd_file_names() {
        let dir = folder(&[("a\n::warning::x.proto", GOOD)]);
        refused(load_dir(dir.path()), "holds a control character");
        let dir = folder(&[]);
        fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"\xFF.proto")), GOOD).unwrap();
        refused(load_dir(dir.path()), "is not UTF-8");
    }

    #[test]
    fn configuration_that_is_no_file() {
        let dir = folder(&[("a.proto", GOOD)]);
        assert!(Command::new("mkfifo").arg(dir.path().join("protogate.toml")).status().unwrap().success());
        refused(load_dir(dir.path()), "is no regular file");
    }
}

#[test]
fn folders_that_are_not_there() {
    let dir = folder(&[("a.proto", GOOD)]);
    refused(load_dir(&dir.path().join("nothing")), "folder cannot be opened");
    refused(load_dir(&dir.path().join("a.proto")), "is no folder");
}
