//! From the store's watch to the contract's stream.
//!
//! Order, resuming and bounds are the store's. Nothing is buffered here: the stream is read as fast as the caller reads.

use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use prost_types::Timestamp;
use protogate_store::{Change, Watch, WatchEvent};
use tonic::Status;

use crate::api::watch_config_response::Event;
use crate::api::{DeletedConfig, WatchConfigResponse, WatchProgress};
use crate::entry;
use crate::storage_error::status;

/// The responses of a watch. `client_id` is for the log.
pub(crate) fn responses(
    events: Watch,
    client_id: String,
) -> impl Stream<Item = Result<WatchConfigResponse, Status>> + Send {
    events.map(move |event| match event {
        Ok(WatchEvent::Change(change)) => response(&change),
        Ok(WatchEvent::Progress { revision }) => Ok(WatchConfigResponse {
            revision: entry::revision(revision),
            event: Some(Event::Progress(WatchProgress {})),
        }),
        Err(error) => {
            tracing::info!(client_id, %error, "watch ends");
            Err(status(error))
        }
    })
}

fn response(change: &Arc<Change>) -> Result<WatchConfigResponse, Status> {
    let event = match &change.value {
        Some(bytes) => Event::Updated(entry::from_parts(
            change.key.clone(),
            bytes,
            change.revision,
            (change.created_at, change.changed_at),
            change.changed_by.clone(),
        )?),
        None => Event::Deleted(DeletedConfig {
            key: change.key.clone(),
            delete_time: Some(Timestamp::from(change.changed_at)),
            deleted_by: change.changed_by.clone(),
        }),
    };
    Ok(WatchConfigResponse { revision: entry::revision(change.revision), event: Some(event) })
}
