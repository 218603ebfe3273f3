//! gRPC unary: the reference service with its whole stack against a bare tonic server.

use anyhow::{Result, bail};

use super::load::{Contender, Request, STREAMS};
use super::reference::{self, Reference};
use super::report::Section;
use super::server::Server;
use super::workdir::WorkDir;
use super::{built, comparison};

const GET: &str = "/reference_service.v1.ConfigManager/GetConfig";
const HEALTH: &str = "/reference_service.v1.ServiceHealth/CheckHealth";

pub(super) fn run(dir: &WorkDir, seconds: u32) -> Result<Section> {
    let ours = Reference::start(dir, "grpc-reference")?;
    let program = built("bench-grpc");
    let database = dir.join("grpc-rival.sqlite");
    let store = Server::rival(&program, &["--store", &database.to_string_lossy()])?;
    let memory = Server::rival(&program, &[])?;
    let frames = dir.create_dir("frames")?;
    reference::probe(&["frames", &frames.to_string_lossy()])?;
    let (get_frame, health_frame) = (frames.join("get.frame"), frames.join("health.frame"));

    let (expected, _) = reference::ask("grpc", ours.server.address, &ours.token)?;
    let mut contenders = Vec::new();
    for (name, server, path, frame, answer) in [
        ("protogate, GetConfig: JWT, roles, store", &ours.server, GET, &get_frame, 0),
        ("bare tonic, same store", &store, GET, &get_frame, 0),
        ("bare tonic, entry in memory", &memory, GET, &get_frame, 0),
        ("protogate, CheckHealth: public, store", &ours.server, HEALTH, &health_frame, 1),
        ("bare tonic, same store (health)", &store, HEALTH, &health_frame, 1),
    ] {
        let (shown, sizes) = reference::ask("grpc", server.address, &ours.token)?;
        if shown != expected || sizes.len() != 2 {
            bail!("`{name}` answers {shown}, but the reference service {expected}");
        }
        let request = Request::Grpc { path, frame, token: &ours.token, answer_bytes: sizes[answer] };
        contenders.push(Contender { name, server, request, loads: Vec::new() });
    }
    let title = "gRPC unary, whole stack against bare tonic";
    let mut section = comparison::run(dir, title, contenders, &[3, 2], seconds)?;
    section.note(format!("h2load, {STREAMS} streams on each connection. All get the same request with the same token; bare tonic ignores it."));
    section.note(
        "`same store`: the rival calls the same function of protogate-store on a file of its own, so what differs is the stack. \
         `entry in memory`: the rival reads nothing, so the store's share is counted against protogate too.",
    );
    section.note(ours.conditions());
    Ok(section)
}
