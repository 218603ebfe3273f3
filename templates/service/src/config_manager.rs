//! The `ConfigManager` service: checks the fields, asks the store, translates the answer.
//!
//! Who may call is settled before a method runs: the policies stand in the proto.

use std::pin::Pin;

use futures_util::Stream;
use protogate::Identity;
use protogate_store::{Delete, ErrorKind, Expected, ListQuery, Put, Store, WatchFrom};
use tonic::{Request, Response, Status};

use crate::api::config_manager_server::ConfigManager;
use crate::api::{
    DeleteConfigRequest, DeleteConfigResponse, ErrorReason, GetConfigRequest, GetConfigResponse,
    ListConfigsRequest, ListConfigsResponse, UpdateConfigRequest, UpdateConfigResponse, WatchConfigRequest,
    WatchConfigResponse,
};
use crate::storage_error::status;
use crate::{entry, fields, page_token, watch};

/// The implementation; its state is the store.
#[derive(Debug)]
pub(crate) struct ConfigManagerService {
    store: Store,
}

impl ConfigManagerService {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

#[tonic::async_trait]
impl ConfigManager for ConfigManagerService {
    type WatchConfigStream = Pin<Box<dyn Stream<Item = Result<WatchConfigResponse, Status>> + Send>>;

    async fn get_config(
        &self,
        request: Request<GetConfigRequest>,
    ) -> Result<Response<GetConfigResponse>, Status> {
        let GetConfigRequest { key } = request.into_inner();
        fields::check_name("key", &key)?;
        let found = self.store.get(&key).await.map_err(status)?;
        let resource = found.ok_or_else(|| ErrorReason::config_not_found(key))?;
        Ok(Response::new(GetConfigResponse { config: Some(entry::from_resource(resource)?) }))
    }

    async fn list_configs(
        &self,
        request: Request<ListConfigsRequest>,
    ) -> Result<Response<ListConfigsResponse>, Status> {
        let ListConfigsRequest { page_size, page_token, key_prefix } = request.into_inner();
        let limit = fields::page_size(page_size)?;
        fields::check_prefix(&key_prefix)?;
        let after = page_token::parse(&page_token, &key_prefix)?;
        let query = ListQuery { prefix: key_prefix.clone(), after, limit };
        let page = self.store.list(query).await.map_err(status)?;
        let next_page_token = match page.resources.last() {
            Some(last) if page.more => page_token::print(&last.key, &key_prefix),
            _ => String::new(),
        };
        let configs = page.resources.into_iter().map(entry::from_resource).collect::<Result<_, _>>()?;
        Ok(Response::new(ListConfigsResponse {
            configs,
            next_page_token,
            revision: entry::revision(page.revision),
        }))
    }

    async fn update_config(
        &self,
        request: Request<UpdateConfigRequest>,
    ) -> Result<Response<UpdateConfigResponse>, Status> {
        let actor = caller(&request);
        let UpdateConfigRequest { key, value, expected_revision } = request.into_inner();
        fields::check_name("key", &key)?;
        fields::check_value(&value)?;
        let expected = fields::expected(expected_revision)?;
        let put = Put::new(key, entry::to_bytes(value)).by(actor).expecting(expected);
        let resource = self.store.put(put).await.map_err(status)?;
        Ok(Response::new(UpdateConfigResponse { config: Some(entry::from_resource(resource)?) }))
    }

    async fn delete_config(
        &self,
        request: Request<DeleteConfigRequest>,
    ) -> Result<Response<DeleteConfigResponse>, Status> {
        let actor = caller(&request);
        let DeleteConfigRequest { key, expected_revision, allow_missing } = request.into_inner();
        fields::check_name("key", &key)?;
        let expected = fields::expected(expected_revision)?;
        if expected == Expected::Absent {
            return Err(fields::invalid("expected_revision", "a revision of at least 1"));
        }
        let delete = Delete::new(key.as_str()).by(actor).expecting(expected);
        let deleted = match self.store.delete(delete).await {
            // There is nothing at any revision.
            Err(error) if matches!(error.kind(), ErrorKind::Mismatch { actual: 0, .. }) => None,
            other => other.map_err(status)?,
        };
        match deleted {
            Some(revision) => Ok(Response::new(DeleteConfigResponse { revision: entry::revision(revision) })),
            None if allow_missing => Ok(Response::new(DeleteConfigResponse { revision: 0 })),
            None => Err(ErrorReason::config_not_found(key).into()),
        }
    }

    async fn watch_config(
        &self,
        request: Request<WatchConfigRequest>,
    ) -> Result<Response<Self::WatchConfigStream>, Status> {
        let WatchConfigRequest { client_id, revision, key_prefix } = request.into_inner();
        fields::check_name("client_id", &client_id)?;
        fields::check_prefix(&key_prefix)?;
        let from = match revision {
            None => WatchFrom::Now,
            Some(revision) => WatchFrom::After(fields::revision("revision", revision)?),
        };
        let events = self.store.watch(from, key_prefix).await.map_err(status)?;
        tracing::info!(client_id, ?from, "watch begins");
        Ok(Response::new(Box::pin(watch::responses(events, client_id))))
    }
}

/// The subject of the caller's token.
fn caller<T>(request: &Request<T>) -> String {
    // Methods that change something are never public, so there is an identity.
    request.extensions().get::<Identity>().map_or_else(String::new, |identity| identity.subject().to_owned())
}
