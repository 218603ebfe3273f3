//! Measures how long a folder takes to compile: `compile_tree DIR [EXCLUDE…]`, or `compile_tree --protox DIR [EXCLUDE…]` for
//! protox alone on the same files, one thread. Run each in a process of its own; peak memory is the kernel's figure.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring tool")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use protogate_schema::{Project, load};

fn protos(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            protos(&path, found);
        } else if path.extension().is_some_and(|it| it == "proto") {
            found.push(path);
        }
    }
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let start = Instant::now();
    let what = match &args[..] {
        [flag, dir, exclude @ ..] if flag == "--protox" => {
            let (dir, exclude) = (dir.clone(), exclude.to_vec());
            let work = move || {
                let mut files = Vec::new();
                protos(Path::new(&dir), &mut files);
                files.retain(|file| !exclude.iter().any(|it| file.starts_with(Path::new(&dir).join(it))));
                files.sort();
                let mut compiler = protox::Compiler::new([&dir]).unwrap();
                compiler.include_imports(true).include_source_info(true);
                compiler.open_files(files).unwrap();
                compiler.encode_file_descriptor_set().len()
            };
            let bytes =
                std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap().join().unwrap();
            format!("protox: {bytes} bytes")
        }
        [dir, exclude @ ..] => {
            let config = format!("[proto]\nexclude = {exclude:?}");
            let project = Project::parse(&config, "protogate.toml", Path::new(dir)).unwrap();
            let schema = load::load_project(&project).unwrap_or_else(|error| panic!("{error}"));
            let bytes = schema.descriptor_bytes().len();
            format!("{} files, {} messages, {bytes} bytes", schema.files().len(), schema.messages().len())
        }
        [] => panic!("compile_tree [--protox] DIR [EXCLUDE…]"),
    };
    println!("{what}; {:.2} s, peak {} MiB", start.elapsed().as_secs_f64(), peak_mib());
}
