//! The compiler's rivals, and a count of what a compiler wrote.
//!
//! `protox` compiles all files below a root as its documentation shows: one `Compiler`, source info and imports kept, encoded.
//! `schema` is our library without our command around it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use prost::Message as _;
use protogate_schema::Input;

#[derive(Debug, Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compiles with protox alone.
    Protox(Compile),
    /// Compiles with protogate-schema.
    Schema(Compile),
    /// Prints how many files a descriptor set holds.
    Count {
        /// The set.
        set: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Compile {
    /// Import root; every `.proto` file below it is compiled.
    root: PathBuf,
    /// Descriptor set to write.
    #[arg(short)]
    out: PathBuf,
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Protox(args) => protox(&args),
        Command::Schema(args) => schema(&args),
        Command::Count { set } => {
            let bytes = fs::read(&set).with_context(|| format!("cannot read {}", set.display()))?;
            let set = prost_types::FileDescriptorSet::decode(bytes.as_slice())?;
            Ok(writeln!(std::io::stdout(), "{}", set.file.len())?)
        }
    }
}

fn protox(args: &Compile) -> Result<()> {
    let mut files = Vec::new();
    collect(&args.root, &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([&args.root])?;
    compiler.include_source_info(true).include_imports(true).open_files(&files)?;
    Ok(fs::write(&args.out, compiler.encode_file_descriptor_set())?)
}

fn schema(args: &Compile) -> Result<()> {
    let schema = protogate_schema::load::load(&Input::Directory(args.root.clone()))?;
    Ok(fs::write(&args.out, schema.descriptor_bytes())?)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
