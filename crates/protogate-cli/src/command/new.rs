//! `protogate new`: creates a project and says what to type next.

use crate::args::New;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::scaffold::{self, Created, Git, NewOptions, Source};
use crate::terminal::Terminal;

/// Creates the project and prints its files and the next commands.
pub(crate) fn run(args: &New, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let created = scaffold::create(&NewOptions {
        name: args.name.clone(),
        path: args.path.clone(),
        registry: args.registry,
        git: !args.no_git,
        protos: args.proto.clone(),
    })?;
    let own_contract = !args.proto.is_empty();
    let folder = escape::line(&created.path.to_string_lossy()).into_owned();
    terminal.print(format_args!("created {folder}/  ({} files)", created.files.len()))?;
    for (paths, what) in overview(&created, own_contract) {
        terminal.print(format_args!("  {paths:<34}  {what}"))?;
    }
    terminal.print(format_args!("next:  cd {folder} && cargo run"))?;
    terminal.print(
        "       gRPC and REST on http://127.0.0.1:8080, metrics and readiness on http://127.0.0.1:9090",
    )?;
    if own_contract {
        terminal.print("       protogate routes                   what is served, and who may call it")?;
        terminal.print("       TOKEN=$(protogate token --role admin)")?;
    } else {
        terminal.print("       curl http://127.0.0.1:8080/api/v1/health")?;
        terminal.print("       TOKEN=$(protogate token --role admin)")?;
        terminal.print(
            "       protogate call UpdateConfig -H \"authorization: Bearer $TOKEN\" -d '{\"key\":\"payments.rps\",\"value\":\"100\"}'",
        )?;
        terminal.print(
            "       curl -N -H \"authorization: Bearer $TOKEN\" 'http://127.0.0.1:8080/api/v1/config:watch?clientId=me&revision=0'",
        )?;
    }
    terminal.print("       protogate check                    what would break for whom")?;
    if let Source::Checkout(root) = &created.source {
        let root = escape::line(&root.to_string_lossy()).into_owned();
        terminal.say(format_args!(
            "note: protogate's crates come from the checkout `{root}`; `--registry` takes releases"
        ));
    }
    match &created.git {
        Git::Inside => terminal.say("note: the folder is inside a git repository and got none of its own"),
        Git::Missing(why) => {
            terminal.say(format_args!("note: no git repository was made: {}", escape::line(why)))
        }
        Git::Initialised | Git::NotWanted => {}
    }
    for note in &created.notes {
        terminal.say(format_args!("note: {}", escape::line(note)));
    }
    Ok(Exit::Clean)
}

/// The files a newcomer should see first.
fn overview(created: &Created, own_contract: bool) -> Vec<(String, String)> {
    let protos = created.files.iter().filter(|file| file.starts_with("proto/") && file.ends_with(".proto"));
    let first = protos.clone().next().map_or_else(String::new, |file| file.clone());
    let folder = first.rsplit_once('/').map_or("proto", |(folder, _)| folder).to_owned();
    let mut rows = vec![(format!("{folder}/"), format!("the contract: {} files", protos.count()))];
    if own_contract {
        let handlers = created.files.iter().filter(|file| file.starts_with("src/handlers/")).count();
        rows.push(("src/handlers/".to_owned(), format!("{handlers} methods to fill in, one file each")));
    } else {
        rows.push(("src/config_manager.rs".to_owned(), "5 methods, working, stored in SQLite".to_owned()));
    }
    rows.push((
        "proto/baseline.binpb".to_owned(),
        "the promise: breaking it stops `cargo build` and CI".to_owned(),
    ));
    rows.push((
        "service.toml, dev/hs256.key".to_owned(),
        "settings and a new key for development".to_owned(),
    ));
    rows
}
