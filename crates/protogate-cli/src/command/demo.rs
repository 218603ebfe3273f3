//! `protogate demo`: the whole tour in one command. Scaffold a service, refuse a breaking edit, build, run, call.
//!
//! With `--check` the demo makes the calls itself and ends with 0 or 1, so that CI proves what the README says. Everything happens in
//! a folder of its own that is gone afterwards, unless `--keep` names one; the build's target folder stays, as it is what makes the
//! second run fast.

mod calls;
mod gate;
mod http;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::args::{Demo, Token};
use crate::command::token;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::scaffold::{self, NewOptions, Source};
use crate::terminal::Terminal;

use self::process::Service;

/// Name of the service that is made.
const NAME: &str = "demo-service";

/// A service that runs.
struct Running {
    service: Service,
    token: String,
}

/// Runs the tour.
pub(crate) fn run(args: &Demo, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("this machine gives no timer or network: {error}")))?;
    let temporary =
        match args.keep {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("protogate-demo-").tempdir().map_err(|error| {
                Failure::environment(format!("no temporary folder can be made: {error}"))
            })?),
        };
    let dir = match (&args.keep, &temporary) {
        (Some(dir), _) => dir.clone(),
        (None, Some(temporary)) => temporary.path().join(NAME),
        (None, None) => PathBuf::from(NAME),
    };
    let result = runtime.block_on(tour(args, &dir, terminal));
    if let Some(temporary) = temporary {
        temporary.close().map_err(|error| {
            Failure::environment(format!("the temporary folder cannot be removed: {error}"))
        })?;
    }
    result
}

async fn tour(args: &Demo, dir: &Path, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let prepared = tokio::select! {
        prepared = prepare(args, dir, terminal) => Some(prepared?),
        () = interrupted() => None,
    };
    let Some(Running { service, token }) = prepared else {
        return Err(Failure::environment("interrupted; nothing is left running"));
    };
    let result = if args.check {
        tokio::select! {
            result = calls::check(&service, &token, terminal) => result,
            () = interrupted() => Err(Failure::environment("interrupted before all checks were made")),
        }
    } else {
        let shown = calls::show(&service, &token, terminal);
        if shown.is_ok() {
            interrupted().await;
        }
        shown.map(|()| Exit::Clean)
    };
    terminal.say("stopping the service");
    let clean = service.stop().await;
    let exit = result?;
    if let Some(keep) = &args.keep {
        terminal.say(format_args!("the service is in {}", escape::line(&keep.to_string_lossy())));
    }
    if args.check {
        terminal.print(format_args!(
            "{}  the service drains and ends with 0",
            if clean { "ok    " } else { "FAILED" }
        ))?;
        return Ok(if clean { exit } else { Exit::Findings });
    }
    Ok(exit)
}

/// Steps 1 to 3: scaffold, gate, build and start.
async fn prepare(args: &Demo, dir: &Path, terminal: &mut Terminal) -> Result<Running, Failure> {
    let created = scaffold::create(&NewOptions {
        name: NAME.to_owned(),
        path: Some(dir.to_owned()),
        registry: args.registry,
        git: false,
        protos: Vec::new(),
    })?;
    let checkout = match &created.source {
        Source::Checkout(root) => Some(root.clone()),
        Source::Registry if args.registry => None,
        Source::Registry => {
            return Err(Failure::environment(
                "this binary was not built in a checkout of protogate that still exists",
            )
            .with_help("`protogate demo --registry` takes the crates from the registry"));
        }
    };
    let shown = escape::line(&dir.to_string_lossy()).into_owned();
    heading(terminal, &format!("1. protogate new {NAME}"))?;
    terminal.print(format_args!("{} files in {shown}", created.files.len()))?;

    heading(terminal, "2. a breaking edit, and what `protogate check` says about it")?;
    gate::refuse_a_breaking_edit(dir, terminal)?;

    heading(terminal, "3. cargo build && cargo run")?;
    terminal.out.flush()?;
    let binary = process::build(dir, checkout.as_deref(), terminal).await?;
    let ttl = Duration::from_secs(24 * 3600);
    let token = token::sign(
        &Token {
            roles: vec!["admin".to_owned()],
            permissions: Vec::new(),
            subject: "demo".to_owned(),
            ttl,
            config: dir.join("service.toml"),
            create_key: true,
        },
        terminal,
    )?;
    let service = Service::start(&binary, dir, args.port).await?;
    terminal.print(format_args!(
        "gRPC and REST on http://{}, metrics and readiness on http://{}",
        service.address, service.admin
    ))?;
    terminal.out.flush()?;
    Ok(Running { service, token })
}

fn heading(terminal: &mut Terminal, text: &str) -> Result<(), Failure> {
    let style = if terminal.out_has_color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    terminal.print(format_args!("\n{style}{text}{style:#}"))?;
    Ok(())
}

/// Ctrl-C, or the signal that a supervisor sends.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
