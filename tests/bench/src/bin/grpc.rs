//! The gRPC rival: a bare tonic server. No layers, no authentication, no metrics, no log; tonic's own settings.

use std::pin::Pin;

use anyhow::Result;
use clap::Parser as _;
use protogate_bench::entry::Source;
use protogate_bench::listen::{Args, listen};
use protogate_bench::pb::config_manager_server::{ConfigManager, ConfigManagerServer};
use protogate_bench::pb::service_health_server::{ServiceHealth, ServiceHealthServer};
use protogate_bench::pb::{
    CheckHealthRequest, CheckHealthResponse, Config, DeleteConfigRequest, DeleteConfigResponse,
    GetConfigRequest, GetConfigResponse, ListConfigsRequest, ListConfigsResponse, UpdateConfigRequest,
    UpdateConfigResponse, WatchConfigRequest, WatchConfigResponse, check_health_response,
};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

#[derive(Debug, Clone)]
struct Bare(Source);

#[tonic::async_trait]
impl ConfigManager for Bare {
    async fn get_config(
        &self,
        request: Request<GetConfigRequest>,
    ) -> Result<Response<GetConfigResponse>, Status> {
        let key = request.into_inner().key;
        let found = self.0.get(&key).await.map_err(|error| Status::unavailable(error.to_string()))?;
        let found = found.ok_or_else(|| Status::not_found(format!("config `{key}` does not exist")))?;
        let config = Config {
            key: found.key,
            value: String::from_utf8(found.value).map_err(|_| Status::internal("value is not UTF-8"))?,
            revision: i64::try_from(found.revision).map_err(|_| Status::internal("revision is too large"))?,
            create_time: Some(found.created_at.into()),
            update_time: Some(found.updated_at.into()),
            updated_by: found.updated_by,
        };
        Ok(Response::new(GetConfigResponse { config: Some(config) }))
    }

    async fn list_configs(
        &self,
        _: Request<ListConfigsRequest>,
    ) -> Result<Response<ListConfigsResponse>, Status> {
        Err(unmeasured())
    }

    async fn update_config(
        &self,
        _: Request<UpdateConfigRequest>,
    ) -> Result<Response<UpdateConfigResponse>, Status> {
        Err(unmeasured())
    }

    async fn delete_config(
        &self,
        _: Request<DeleteConfigRequest>,
    ) -> Result<Response<DeleteConfigResponse>, Status> {
        Err(unmeasured())
    }

    type WatchConfigStream = Pin<Box<tokio_stream::Empty<Result<WatchConfigResponse, Status>>>>;

    async fn watch_config(
        &self,
        _: Request<WatchConfigRequest>,
    ) -> Result<Response<Self::WatchConfigStream>, Status> {
        Err(unmeasured())
    }
}

#[tonic::async_trait]
impl ServiceHealth for Bare {
    async fn check_health(
        &self,
        _: Request<CheckHealthRequest>,
    ) -> Result<Response<CheckHealthResponse>, Status> {
        use check_health_response::Status as Health;
        let health = if self.0.state().await.is_ok() { Health::Serving } else { Health::NotServing };
        Ok(Response::new(CheckHealthResponse { status: health.into() }))
    }
}

fn unmeasured() -> Status {
    Status::unimplemented("only what is measured is implemented")
}

#[tokio::main]
async fn main() -> Result<()> {
    let bare = Bare(Args::parse().source().await?);
    let listener = listen().await?;
    Server::builder()
        .add_service(ConfigManagerServer::new(bare.clone()))
        .add_service(ServiceHealthServer::new(bare))
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
        .await?;
    Ok(())
}
