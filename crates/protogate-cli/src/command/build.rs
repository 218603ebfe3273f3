//! `protogate build`: a descriptor set for other tools.

use std::path::Path;

use crate::args::Build;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;

/// Writes the set, by rename, or to stdout for `-`.
pub(crate) fn run(args: &Build, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let known = ["binpb", "bin", "pb", "desc"];
    let extension = args.output.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let is_stdout = args.output == Path::new("-");
    if !is_stdout && !known.contains(&extension) {
        return Err(Failure::usage(format!(
            "`{}` is no descriptor set: expected a name in .binpb, .bin, .pb or .desc",
            args.output.display()
        ))
        .with_help("JSON, text and compressed sets are not supported yet"));
    }
    let schema = Subject::find(&args.input)?.load()?;
    let bytes = schema.descriptor_bytes();
    if is_stdout {
        // Past the colour filter, which is for text.
        std::io::Write::write_all(&mut std::io::stdout().lock(), bytes)?;
        return Ok(Exit::Clean);
    }
    let changed = protogate_schema::write_atomic(&args.output, bytes)?;
    let (targets, imports): (Vec<_>, Vec<_>) = schema.files().partition(|(_, file)| !file.is_import);
    let what = if changed { "written" } else { "unchanged" };
    terminal.say(format_args!(
        "{what}: {} (files: {}, imports: {}, {} bytes)",
        args.output.display(),
        targets.len(),
        imports.len(),
        bytes.len()
    ));
    Ok(Exit::Clean)
}
