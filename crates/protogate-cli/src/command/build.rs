//! `protogate build`: a descriptor set for other tools, in any of its forms.

use std::io::Write as _;

use protogate_schema::image::{self, Destination, Place, Shape};

use crate::args::Build;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::terminal::Terminal;

/// Writes the set, by rename, or to stdout for `-`; without `--output` it only says what there is.
pub(crate) fn run(args: &Build, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let to = args.output.as_deref().map(Destination::parse).transpose()?;
    let schema = Subject::find_in(&args.input, &args.scope)?.load()?;
    let (targets, imports): (Vec<_>, Vec<_>) = schema.files().partition(|(_, file)| !file.is_import);
    let counts = format!("files: {}, imports: {}", targets.len(), imports.len());
    let Some(to) = to else {
        terminal.say(format_args!("compiled: {counts}"));
        return Ok(Exit::Clean);
    };
    let plain = args.as_file_descriptor_set;
    let shape = Shape {
        exclude_imports: args.exclude_imports,
        exclude_source_info: args.exclude_source_info,
        plain,
        notes: if plain { Default::default() } else { protogate_check::notes(&schema) },
    };
    let bytes = image::write(&schema, &shape, &to)?;
    match &to.place {
        // Past the colour filter, which is for text.
        Place::Stdout => std::io::stdout().lock().write_all(&bytes)?,
        Place::Nowhere => terminal.say(format_args!("compiled: {counts}")),
        Place::File(path) => {
            let changed = Destination::write_file(path, &bytes)?;
            let what = if changed { "written" } else { "unchanged" };
            let path = path.display().to_string();
            terminal.say(format_args!("{what}: {} ({counts}, {} bytes)", escape::line(&path), bytes.len()));
        }
    }
    Ok(Exit::Clean)
}
