//! The service without its process: `main.rs` runs it, the tests start it on a free port.

mod handlers {
    //! One file per rpc in `src/handlers/`, put together by `build.rs`. A new rpc does not compile until
    //! `protogate generate --handlers` has added its file; files that exist are never touched.
    include!(concat!(env!("OUT_DIR"), "/protogate.handlers.rs"));
}

/// Generated from `proto/` by `build.rs`.
pub mod pb {
    include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
}

use std::sync::Arc;

use protogate::{Config, Server};

/// What all handlers share: pools, clients and settings go in here.
#[derive(Debug, Default)]
pub struct App {}

/// Mounts all services of the contract.
pub fn server(config: Config) -> Server {
    handlers::mount(Server::from_config(config), &Arc::new(App::default()))
}
