//! The service without its process: `main.rs` runs it, the tests start it on a free port.

mod config_manager;
mod entry;
mod fields;
mod page_token;
mod service_health;
mod settings;
mod storage_error;
mod watch;

use std::error::Error;

use protogate::{Config, Server};
use protogate_store::Store;

use crate::config_manager::ConfigManagerService;
use crate::pb::reference_service::v1 as api;
use crate::service_health::ServiceHealthService;
use crate::settings::Settings;

/// Generated from `proto/` by `build.rs`.
pub mod pb {
    include!(concat!(env!("OUT_DIR"), "/protogate.rs"));
}

/// The server, ready to serve, and the store behind it.
#[derive(Debug)]
pub struct Service {
    /// Serves both protocols on one port.
    pub server: Server,
    /// Close it when the server has ended.
    pub store: Store,
}

/// Opens the store and mounts the services.
///
/// # Errors
/// When the `[app]` section of the configuration is wrong or the database cannot be opened.
pub async fn open(config: Config) -> Result<Service, Box<dyn Error>> {
    let settings: Settings = config.section("app")?;
    let store = Store::open(settings.store()).await?;
    let server = Server::from_config(config)
        .service(api::config_manager(ConfigManagerService::new(store.clone())))
        .service(api::service_health(ServiceHealthService::new(store.clone())));
    // Watches have no end of their own: at shutdown each ends with the revision to resume from.
    let (shutdown, watched) = (server.shutdown(), store.clone());
    tokio::spawn(async move {
        shutdown.begun().await;
        watched.end_watches();
    });
    Ok(Service { server, store })
}
