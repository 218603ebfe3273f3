//! Which way messages travel: as part of requests, of responses, or of neither, and what that means for a change that breaks one
//! direction only.
//!
//! How messages travel is known to [`Pairs::travel`] and [`Pairs::routed`]; here it is asked about what findings are about.

use std::collections::HashMap;

use protogate_schema::model::element::{EnumId, Kind, MessageId};
use protogate_schema::pair::{Pairs, Travel};

use super::Ways;
use crate::finding::Side;
use crate::rules::RouteAnswers;

/// What carries the thing that changed, in the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A message, and those that it is in.
    Message(MessageId),
    /// The messages with fields of an enum.
    Enum(EnumId),
    /// Calls: old clients make them, nobody stores them.
    Calls,
    /// Anything, for all that is known.
    Unknown,
}

/// Answers about carriers; what they need is computed when first asked for.
#[derive(Default)]
pub(super) struct Flow {
    users: Option<HashMap<EnumId, Vec<MessageId>>>,
    answers: Option<RouteAnswers>,
}

impl Flow {
    /// Between whom a change breaks. Stored data was written with the old schema.
    pub(super) fn sides(&mut self, pairs: &Pairs<'_>, carrier: Carrier, ways: Ways) -> Vec<Side> {
        let Travel { requests: asked, responses: answered } = match carrier {
            Carrier::Calls => Travel { requests: true, responses: false },
            Carrier::Unknown => Travel { requests: true, responses: true },
            Carrier::Message(id) => travel(pairs, id),
            Carrier::Enum(id) => {
                let all = self.users(pairs, id).iter().map(|&id| travel(pairs, id));
                all.fold(NOWHERE, either)
            }
        };
        let mut sides = Vec::new();
        // An old client writes requests the old way and gets answers written the new way.
        if ways.old_to_new && asked || ways.new_to_old && answered {
            sides.push(Side::OldClientNewServer);
        }
        if ways.new_to_old && asked || ways.old_to_new && answered {
            sides.push(Side::NewClientOldServer);
        }
        if ways.old_to_new && (asked || answered) && carrier != Carrier::Calls {
            sides.push(Side::StoredData);
        }
        if ways.source {
            sides.push(Side::Rebuild);
        }
        sides
    }

    /// How callers by HTTP see it: in what they send, in what they get.
    pub(super) fn routed(&mut self, pairs: &Pairs<'_>, carrier: Carrier) -> Travel {
        match carrier {
            Carrier::Message(id) => pairs.routed(id),
            Carrier::Enum(id) => {
                let all = self.users(pairs, id).iter().map(|&id| pairs.routed(id));
                all.fold(NOWHERE, either)
            }
            Carrier::Calls | Carrier::Unknown => Travel { requests: true, responses: true },
        }
    }

    /// An enum that no message holds may be held by messages of others.
    pub(super) fn of_enum(&mut self, pairs: &Pairs<'_>, id: EnumId) -> Carrier {
        if self.users(pairs, id).is_empty() { Carrier::Unknown } else { Carrier::Enum(id) }
    }

    /// The messages of the baseline with fields of an enum; of a map, the one with the map.
    fn users(&mut self, pairs: &Pairs<'_>, id: EnumId) -> &[MessageId] {
        let users = self.users.get_or_insert_with(|| {
            let mut users: HashMap<EnumId, Vec<MessageId>> = HashMap::new();
            for (field, it) in pairs.baseline.fields() {
                if let (Kind::Enum(id), Some(message)) = (it.kind, super::holder(pairs, field)) {
                    users.entry(id).or_default().push(message);
                }
            }
            users
        });
        users.get(&id).map_or(&[], Vec::as_slice)
    }

    /// What callers by HTTP of deleted rpcs get now.
    pub(super) fn answers(&mut self, pairs: &Pairs<'_>) -> &RouteAnswers {
        self.answers.get_or_insert_with(|| RouteAnswers::new(pairs))
    }
}

const NOWHERE: Travel = Travel { requests: false, responses: false };

fn either(a: Travel, b: Travel) -> Travel {
    Travel { requests: a.requests || b.requests, responses: a.responses || b.responses }
}

/// How the message travels now; one that is gone may have travelled any way.
fn travel(pairs: &Pairs<'_>, id: MessageId) -> Travel {
    let gone = Travel { requests: true, responses: true };
    pairs.message(id).map_or(gone, |pair| pairs.travel(pair.current))
}
