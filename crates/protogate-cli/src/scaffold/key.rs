//! The development key of a new project: 32 random bytes, as text, readable by its owner alone.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::failure::Failure;

/// Writes a new key; the file must not exist.
pub(super) fn write(file: &Path) -> Result<(), Failure> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::environment(format!("this machine gives no random numbers: {error}")))?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let failed = |error: std::io::Error| {
        Failure::environment(format!("`{}` cannot be written: {error}", file.display()))
    };
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let mut opened = open.open(file).map_err(failed)?;
    opened.write_all(format!("{text}\n").as_bytes()).map_err(failed)
}
