//! How a history travels: an unknown field at the end of a `google.protobuf.FileDescriptorSet`.
//!
//! The messages are those of `proto/protogate/v1/history.proto`. Equal histories have equal bytes: entries are sorted, and nothing
//! about the run is recorded.

use std::collections::BTreeMap;
use std::ops::Range;

use prost::Message as _;
use prost::bytes::Buf as _;
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};

use super::{Former, FormerKind, History};

/// Number of the field in the descriptor set: the number of all of our annotations.
pub const FIELD: u32 = 60430;

/// Version of the messages that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;

#[derive(Clone, PartialEq, prost::Message)]
struct RawHistory {
    #[prost(uint32, tag = "1")]
    format: u32,
    #[prost(message, repeated, tag = "2")]
    former: Vec<RawFormer>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RawFormer {
    #[prost(string, tag = "1")]
    scope: String,
    #[prost(int32, tag = "2")]
    kind: i32,
    #[prost(int32, tag = "3")]
    number: i32,
    #[prost(int32, tag = "4")]
    end: i32,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(string, tag = "6")]
    text: String,
    #[prost(string, tag = "7")]
    json_name: String,
    #[prost(string, tag = "8")]
    until: String,
}

const KINDS: [FormerKind; 9] = [
    FormerKind::Field,
    FormerKind::Extension,
    FormerKind::Value,
    FormerKind::Rpc,
    FormerKind::Route,
    FormerKind::ReservedNumbers,
    FormerKind::ReservedName,
    FormerKind::ReservedValueNumbers,
    FormerKind::ReservedValueName,
];

/// The places of everything but the history in a descriptor set, and the history's bytes.
type Parts = (Vec<Range<usize>>, Option<Vec<u8>>);

/// The bytes of a descriptor set without and of its history. Only the outermost fields are looked at.
pub(crate) fn split(bytes: &[u8]) -> Result<Parts, String> {
    let bad = |what: &str| format!("is no descriptor set: {what}");
    let mut rest = bytes;
    let mut others: Vec<Range<usize>> = Vec::new();
    let mut history: Option<Vec<u8>> = None;
    while !rest.is_empty() {
        let start = bytes.len() - rest.len();
        let (field, wire) = decode_key(&mut rest).map_err(|error| bad(&error.to_string()))?;
        let length = match wire {
            WireType::LengthDelimited => decode_varint(&mut rest).map_err(|error| bad(&error.to_string()))?,
            WireType::Varint => {
                decode_varint(&mut rest).map_err(|error| bad(&error.to_string()))?;
                0
            }
            WireType::ThirtyTwoBit => 4,
            WireType::SixtyFourBit => 8,
            WireType::StartGroup | WireType::EndGroup => return Err(bad("it holds a group")),
        };
        let length = usize::try_from(length).ok().filter(|&it| it <= rest.len());
        let length = length.ok_or_else(|| bad("it ends inside a field"))?;
        if field == FIELD && wire == WireType::LengthDelimited {
            // Tools that merge sets put the two one after the other, and so merge the messages.
            history.get_or_insert_default().extend_from_slice(&rest[..length]);
        } else {
            let end = bytes.len() - rest.len() + length;
            match others.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => others.push(start..end),
            }
        }
        rest.advance(length);
    }
    Ok((others, history))
}

/// A descriptor set with this history in place of the one that it may have.
///
/// `bytes` that are no descriptor set keep what they are: the history is put behind them.
pub(crate) fn with_history(bytes: &[u8], history: &History) -> Vec<u8> {
    let encoded = encode(history);
    let whole = 0..bytes.len();
    let others = split(bytes).map_or_else(|_| Vec::from([whole]), |(others, _)| others);
    let mut out = Vec::with_capacity(bytes.len() + encoded.len() + 16);
    for range in others {
        out.extend_from_slice(&bytes[range]);
    }
    encode_key(FIELD, WireType::LengthDelimited, &mut out);
    encode_varint(encoded.len() as u64, &mut out);
    out.extend_from_slice(&encoded);
    out
}

fn encode(history: &History) -> Vec<u8> {
    let former = history.iter().map(|(former, until)| RawFormer {
        scope: former.scope.clone(),
        kind: KINDS.iter().position(|it| *it == former.kind).map_or(0, |index| index as i32 + 1),
        number: former.number,
        end: former.end,
        name: former.name.clone(),
        text: former.text.clone(),
        json_name: former.json_name.clone(),
        until: until.to_owned(),
    });
    RawHistory { format: FORMAT, former: former.collect() }.encode_to_vec()
}

pub(super) fn decode(bytes: &[u8]) -> Result<History, String> {
    let raw = RawHistory::decode(bytes).map_err(|error| format!("its history is damaged: {error}"))?;
    if raw.format > FORMAT {
        return Err("its history was written by a newer protogate: use that version".to_owned());
    }
    let mut ended: BTreeMap<Former, String> = BTreeMap::new();
    for it in raw.former {
        // Dropping what is not understood would lose it with the next `accept`.
        let Some(kind) = usize::try_from(it.kind).ok().and_then(|kind| KINDS.get(kind.wrapping_sub(1)))
        else {
            return Err(format!("its history holds an entry of the unknown kind {}", it.kind));
        };
        let former = Former {
            scope: it.scope,
            kind: *kind,
            number: it.number,
            end: it.end,
            name: it.name,
            text: it.text,
            json_name: it.json_name,
        };
        let known = ended.entry(former).or_default();
        if *known < it.until {
            *known = it.until;
        }
    }
    Ok(History { ended })
}
