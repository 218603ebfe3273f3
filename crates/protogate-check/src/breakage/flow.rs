//! Which way messages travel: as part of requests, of responses, or of neither, and what that means for a change that breaks one
//! direction only.
//!
//! What no rpc carries may still be sent by other means (queues, files), so it counts as travelling both ways.

use std::collections::HashSet;

use protogate_schema::Schema;
use protogate_schema::model::element::{Kind, MessageId};
use protogate_schema::pair::Pairs;

use super::Ways;
use crate::finding::Side;

/// The messages of the baseline that rpcs carry; computed when first asked for.
#[derive(Default)]
pub(super) struct Flow {
    carried: Option<(HashSet<MessageId>, HashSet<MessageId>)>,
}

impl Flow {
    /// Between whom a change in this message breaks. Stored data was written with the old schema.
    pub(super) fn sides(&mut self, pairs: &Pairs<'_>, message: Option<MessageId>, ways: Ways) -> Vec<Side> {
        let (requests, responses) = self.carried.get_or_insert_with(|| carried(pairs.baseline));
        let (asked, answered) = match message {
            Some(id) if requests.contains(&id) || responses.contains(&id) => {
                (requests.contains(&id), responses.contains(&id))
            }
            _ => (true, true),
        };
        let mut sides = Vec::new();
        // An old client writes requests the old way and gets answers written the new way.
        if ways.old_to_new && asked || ways.new_to_old && answered {
            sides.push(Side::OldClientNewServer);
        }
        if ways.new_to_old && asked || ways.old_to_new && answered {
            sides.push(Side::NewClientOldServer);
        }
        if ways.old_to_new {
            sides.push(Side::StoredData);
        }
        if ways.source {
            sides.push(Side::Rebuild);
        }
        sides
    }
}

/// Messages inside requests, and inside responses.
fn carried(schema: &Schema) -> (HashSet<MessageId>, HashSet<MessageId>) {
    let methods =
        || schema.services().flat_map(|(_, service)| service.methods.iter().map(|&id| schema.method(id)));
    (
        inside(schema, methods().map(|method| method.input).collect()),
        inside(schema, methods().map(|method| method.output).collect()),
    )
}

fn inside(schema: &Schema, mut open: Vec<MessageId>) -> HashSet<MessageId> {
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let fields = schema.message(id).fields.iter().map(|&id| schema.field(id).kind);
            open.extend(fields.filter_map(|kind| match kind {
                Kind::Message(id) | Kind::Group(id) => Some(id),
                _ => None,
            }));
        }
    }
    seen
}
