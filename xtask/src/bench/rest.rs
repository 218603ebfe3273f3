//! REST unary: the gateway of the reference service against a hand-written axum handler with serde structs.

use anyhow::{Result, bail};

use super::load::{Contender, Request};
use super::reference::{self, Reference};
use super::report::Section;
use super::server::Server;
use super::workdir::WorkDir;
use super::{built, comparison};

pub(super) fn run(dir: &WorkDir, seconds: u32) -> Result<Section> {
    let ours = Reference::start(dir, "rest-reference")?;
    let program = built("bench-rest");
    let start = |name: &str, more: &[&str]| {
        let database = dir.join(&format!("rest-rival-{name}.sqlite"));
        Server::rival(&program, &[&["--store", &database.to_string_lossy()], more].concat())
    };
    let checking = start("checking", &["--key", &ours.key.to_string_lossy()])?;
    let store = start("store", &[])?;
    let memory = Server::rival(&program, &[])?;
    let path = reference::probe(&["path"])?;

    let (expected, _) = reference::ask("rest", ours.server.address, &ours.token)?;
    let mut contenders = Vec::new();
    for (name, server) in [
        ("protogate, GET: JWT, roles, store", &ours.server),
        ("axum, JWT and role, same store", &checking),
        ("axum, no token, same store", &store),
        ("axum, no token, entry in memory", &memory),
    ] {
        let (shown, _) = reference::ask("rest", server.address, &ours.token)?;
        if shown != expected {
            bail!("`{name}` answers {shown}, but the reference service {expected}");
        }
        let request = Request::Rest { path: path.trim(), token: &ours.token };
        contenders.push(Contender { name, server, request, loads: Vec::new() });
    }
    let title = "REST unary, gateway against hand-written axum and serde";
    let mut section = comparison::run(dir, title, contenders, &[4], seconds)?;
    section
        .note("wrk, HTTP/1.1. All get the same request with the same token and answer with the same JSON.");
    section.note(
        "`JWT and role` does what the gateway does with a token, by hand; no rival writes metrics, an access log or spans. \
         `same store`: the same function of protogate-store on a file of its own.",
    );
    section.note(ours.conditions());
    Ok(section)
}
