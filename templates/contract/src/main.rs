//! Starts the service: settings, log, server. What is served is put together in `lib.rs`.

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = protogate::Config::load()?;
    protogate::telemetry::init(&config)?;
    reference_service::server(config).serve().await?;
    Ok(())
}
