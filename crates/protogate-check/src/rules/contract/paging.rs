//! Which rpcs answer in pages: AIP-158, a `page_token` in the request and a `next_page_token` in the response.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, FieldId, Kind, MessageId, MethodId};

/// The fields by which an rpc pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    /// `page_token` of the request.
    pub(super) token: FieldId,
    /// `next_page_token` of the response.
    pub(super) next: FieldId,
}

/// How an rpc pages; `None` when it does not. A stream is no page.
pub(super) fn of(schema: &Schema, rpc: MethodId) -> Option<Paging> {
    let method = schema.method(rpc);
    if method.client_streaming || method.server_streaming {
        return None;
    }
    let token = text_field(schema, method.input, "page_token")?;
    let next = text_field(schema, method.output, "next_page_token")?;
    Some(Paging { token, next })
}

/// The repeated field of a response that holds its items: the first one that is no map.
pub(super) fn items(schema: &Schema, rpc: MethodId) -> Option<FieldId> {
    let method = schema.method(rpc);
    if method.server_streaming {
        return None;
    }
    let fields = &schema.message(method.output).fields;
    fields.iter().copied().find(|&id| schema.field(id).cardinality == Cardinality::Repeated)
}

fn text_field(schema: &Schema, message: MessageId, name: &str) -> Option<FieldId> {
    let mut fields = schema.message(message).fields.iter().copied();
    fields.find(|&id| {
        let field = schema.field(id);
        field.name == name && matches!(field.kind, Kind::String | Kind::Bytes) && !field.is_list_or_map()
    })
}
