//! Compiles, gates and generates from a build script: the stable name in users' manifests, and the place of all side effects.
//!
//! `fn main() { protogate_build::compile(); }` reads `protogate.toml` beside the manifest, compiles the protos without `protoc`, compares them with the accepted schema when
//! one is configured, and writes the generated tree to `OUT_DIR`, from where a crate includes it:
//!
//! ```text
//! pub mod proto {
//!     include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
//! }
//! use proto::acme::library::v1 as pb;
//! ```
//!
//! Files whose bytes do not change are not touched, so nothing is rebuilt for nothing. It writes nowhere else, opens no connection
//! and starts no process, except that a baseline `git = "…"` is read with `git`; use a baseline file where that is not wanted.
//! What exactly is written is [`protogate_codegen`]'s business; what counts as breaking is [`protogate_check`]'s.

mod directive;
mod gate;
mod output;

use std::io::Write;
use std::path::{Path, PathBuf};

use protogate_codegen::emit::handlers;
use protogate_codegen::{CodegenConfig, Existing};
use protogate_schema::{Error, Project, load};

pub use protogate_check::Gate;

use directive::Directives;

/// Does everything with the settings of `protogate.toml`; ends the build script with exit code 1 after printing what is wrong.
pub fn compile() {
    Builder::new().compile();
}

/// Settings for build scripts that are not like the others.
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `compile` is called"]
pub struct Builder {
    config: Option<PathBuf>,
    out_dir: Option<PathBuf>,
    gate: Option<Gate>,
}

impl Builder {
    /// The settings of [`compile`].
    pub fn new() -> Self {
        Self::default()
    }

    /// The configuration file. Default `protogate.toml` in the package's folder. Paths in it are relative to its folder, whatever
    /// its name is.
    pub fn config(mut self, path: impl Into<PathBuf>) -> Self {
        self.config = Some(path.into());
        self
    }

    /// The folder that is written to. Default `OUT_DIR`. Stale generated files in it are removed.
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// What to do about breaking changes, in place of `[breaking] gate`.
    pub const fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Does everything; ends the build script with exit code 1 after printing what is wrong.
    pub fn compile(&self) {
        let mut stdout = std::io::stdout().lock();
        if self.run(&mut stdout).is_err() {
            let _ = stdout.flush();
            drop(stdout);
            std::process::exit(1);
        }
    }

    /// Does everything and writes cargo's directives to `out`, errors included, but does not end the process.
    ///
    /// # Errors
    /// When the build has to fail; why has been written to `out` as `cargo::error` directives.
    pub fn run(&self, out: &mut dyn Write) -> Result<(), Failed> {
        let mut directives = Directives::new(out);
        match self.steps(&mut directives) {
            Ok(()) => Ok(()),
            Err(Stop::Error(error)) => {
                directives.error(&error);
                Err(Failed(()))
            }
            Err(Stop::Told) => Err(Failed(())),
        }
    }

    fn steps(&self, directives: &mut Directives<'_>) -> Result<(), Stop> {
        let project = self.project()?;
        if let Some(file) = project.file() {
            directives.rerun(&file)?;
        }
        let schema = load::load_project(&project)?;
        let origin = load::inputs_read(&schema);
        for path in origin.files().iter().chain(origin.directories()) {
            directives.rerun(path)?;
        }
        for warning in protogate_codegen::http_warnings(&schema) {
            directives.warning(&warning.to_string());
        }
        let config: CodegenConfig = project.section("codegen")?;
        let gated = gate::check(&project, &schema, self.gate, directives)?;
        let mut artifacts = protogate_codegen::generate(&schema, &config, &Existing::default())?;
        artifacts.retain(|it| !it.users);
        if let Some(folder) = &config.handlers {
            let folder = output::handlers(project.dir(), folder)?;
            directives.rerun(Path::new(&folder.path))?;
            artifacts.push(handlers::glue(&schema, &config, &folder)?);
        }
        if gated == gate::Outcome::Stop {
            return Err(Stop::Told);
        }
        output::write(&self.destination()?, &artifacts)?;
        Ok(())
    }

    fn project(&self) -> Result<Project, Error> {
        let Some(file) = &self.config else {
            return Project::discover(&package_dir()?);
        };
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Error::message(format!("`{shown}` cannot be read: {error}")))?;
        let dir = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        Project::parse(&text, &shown, dir)
    }

    fn destination(&self) -> Result<PathBuf, Error> {
        let set = self.out_dir.clone().or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        set.ok_or_else(|| {
            Error::message(
                "`OUT_DIR` is not set; call this from a build script, or name a folder with `out_dir`",
            )
        })
    }
}

/// The build has to fail; what is wrong has been printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed(());

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the protos were refused; see the errors above")
    }
}

impl std::error::Error for Failed {}

/// Why the steps end early.
enum Stop {
    /// Not told yet.
    Error(Error),
    /// Told already.
    Told,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The package's folder: `.` when that is where the script runs, as cargo has it, so that messages show short paths.
fn package_dir() -> Result<PathBuf, Error> {
    let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        return Err(Error::message("`CARGO_MANIFEST_DIR` is not set; call this from a build script"));
    };
    let here = std::env::current_dir().is_ok_and(|it| it == manifest);
    Ok(if here { PathBuf::from(".") } else { manifest })
}
