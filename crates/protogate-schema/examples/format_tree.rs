//! Formats every `.proto` file below a folder into another one; for measurements and for looking at differences.
//!
//! `cargo run --release -p protogate-schema --example format_tree -- FROM TO`

#![allow(clippy::print_stderr, reason = "a measuring tool")]

use std::path::Path;

fn main() {
    let mut args = std::env::args().skip(1);
    let (from, to) = (args.next().expect("FROM"), args.next().expect("TO"));
    walk(Path::new(&from), Path::new(&to));
}

fn walk(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            walk(&path, &target);
        } else if path.extension().is_some_and(|it| it == "proto") {
            let bytes = std::fs::read(&path).expect("a file");
            match protogate_schema::format::format(&path.to_string_lossy(), &bytes) {
                Ok(text) => std::fs::write(&target, text).expect("a file"),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
