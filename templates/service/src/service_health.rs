//! The `ServiceHealth` service: one read of the store decides.

use protogate_store::Store;
use tonic::{Request, Response, Status};

use crate::api::check_health_response::Status as Health;
use crate::api::service_health_server::ServiceHealth;
use crate::api::{CheckHealthRequest, CheckHealthResponse};

/// The implementation.
#[derive(Debug)]
pub(crate) struct ServiceHealthService {
    store: Store,
}

impl ServiceHealthService {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl ServiceHealth for ServiceHealthService {
    async fn check_health(
        &self,
        _request: Request<CheckHealthRequest>,
    ) -> Result<Response<CheckHealthResponse>, Status> {
        let health = match self.store.state().await {
            Ok(_) => Health::Serving,
            Err(error) => {
                tracing::error!(%error, "the storage cannot be read");
                Health::NotServing
            }
        };
        Ok(Response::new(CheckHealthResponse { status: health.into() }))
    }
}
