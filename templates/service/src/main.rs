//! Starts the service: settings, log, server. What is served is put together in `lib.rs`.

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = protogate::Config::load()?;
    protogate::telemetry::init(&config)?;
    let service = reference_service::open(config).await?;
    service.server.serve().await?;
    // The last request has been answered: what is stored is closed properly, though a crash would lose nothing.
    service.store.close().await;
    Ok(())
}
