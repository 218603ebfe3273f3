//! What the fuzz targets share: where their first inputs come from, how an input stands for several files, and what every text that
//! is shown has to be. The targets are in `targets/`, one file each; `cargo xtask fuzz` builds and runs them.
//!
//! A panic anywhere, on any thread, ends the process and is a finding. So are an input that takes too long and one that takes too
//! much memory; the bounds are arguments of `cargo xtask fuzz`.

mod scratch;
mod seeds;
mod shown;
mod sources;

pub use scratch::{Folder, on_disk};
pub use seeds::seed;
pub use shown::{clean, render_error, render_report, render_some};
pub use sources::{BASELINE, sides, sources};
