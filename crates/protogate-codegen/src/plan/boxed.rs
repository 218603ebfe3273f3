//! Which fields need a `Box`: those through which a message contains itself.
//!
//! The same answer as prost-build's, which looks for a path from the field's type back to the message; here the strongly connected
//! components are found once, so that a large schema does not cost a search per field. Groups count like messages.
//!
//! Also here, because it is the same graph: messages that hold so many others in place that the struct could not exist.

use std::collections::HashMap;

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, Field, Kind, MessageId};

use super::reach::Reached;
use super::{Sink, at};

/// Component of every message that is generated.
#[derive(Debug)]
pub(crate) struct Boxes {
    component: HashMap<MessageId, usize>,
}

/// Most scalar fields that a struct may hold in place, those of the messages inside it included. Some hundred are usual; beyond
/// this the struct would have megabytes, and deciding what can be derived for it takes forever.
const MAX_IN_PLACE: u64 = 200_000;

impl Boxes {
    pub(crate) fn new(schema: &Schema, reached: &Reached) -> Self {
        let mut ids: Vec<_> = reached.messages.iter().copied().collect();
        ids.sort_unstable();
        let index: HashMap<_, _> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let edges: Vec<Vec<usize>> = ids
            .iter()
            .map(|&id| {
                let fields = schema.message(id).fields.iter().map(|it| schema.field(*it));
                fields.filter_map(target).filter_map(|id| index.get(&id).copied()).collect()
            })
            .collect();
        let component = components(&edges);
        Self { component: ids.iter().zip(component).map(|(id, component)| (*id, component)).collect() }
    }

    /// Whether `field` of `message` closes a circle.
    pub(crate) fn is_boxed(&self, message: MessageId, field: &Field) -> bool {
        target(field).is_some_and(|it| {
            let of = |id| self.component.get(id);
            of(&it).is_some() && of(&it) == of(&message)
        })
    }
}

/// Reports messages whose structs would be too large: each holds two of the next, and so on.
pub(super) fn report_large(schema: &Schema, reached: &Reached, boxes: &Boxes, sink: &mut Sink) {
    // Tarjan numbers a component after all those that it leads to.
    let mut ids: Vec<_> = reached.messages.iter().map(|id| (boxes.component.get(id), *id)).collect();
    ids.sort_unstable();
    let mut sizes: HashMap<MessageId, u64> = HashMap::with_capacity(ids.len());
    for (_, id) in ids {
        let fields = schema.message(id).fields.iter().map(|it| schema.field(*it));
        let inner = fields.map(|field| match target(field) {
            Some(inner) if !boxes.is_boxed(id, field) => sizes.get(&inner).copied().unwrap_or(1),
            _ => 1,
        });
        let size = inner.fold(0_u64, u64::saturating_add);
        if size > MAX_IN_PLACE {
            let name = &schema.message(id).full_name;
            let message = format!(
                "message `{name}` holds {size} fields, counting those of the messages inside it; the limit is {MAX_IN_PLACE}"
            );
            let help =
                "its struct would have megabytes; make some of the fields that hold messages `repeated`";
            sink.push(at(schema, Element::Message(id), message).with_help(help));
        }
        // What holds a message that is too large is not to blame.
        sizes.insert(id, if size > MAX_IN_PLACE { 1 } else { size.max(1) });
    }
}

/// The message that a field holds in place.
fn target(field: &Field) -> Option<MessageId> {
    match field.kind {
        Kind::Message(id) | Kind::Group(id) if !field.is_list_or_map() => Some(id),
        _ => None,
    }
}

/// Tarjan's algorithm with a stack of its own: components by node. Recursion would follow the input's depth.
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let mut order = vec![NONE; edges.len()];
    let mut low = vec![0; edges.len()];
    let mut component = vec![NONE; edges.len()];
    let mut open = Vec::new();
    let (mut next_order, mut next_component) = (0, 0);
    for root in 0..edges.len() {
        if order[root] != NONE {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                order[node] = next_order;
                low[node] = next_order;
                next_order += 1;
                open.push(node);
            }
            if let Some(&to) = edges[node].get(edge) {
                work.push((node, edge + 1));
                if order[to] == NONE {
                    work.push((to, 0));
                } else if component[to] == NONE {
                    low[node] = low[node].min(order[to]);
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = open.pop() {
                    component[member] = next_component;
                    if member == node {
                        break;
                    }
                }
                next_component += 1;
            }
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn finds_circles() {
        // 0 → 1 → 2 → 1, 2 → 3, 3 → 3, 4 alone.
        let found = components(&[vec![1], vec![2], vec![1, 3], vec![3], vec![]]);
        assert_eq!(found[1], found[2]);
        let mut distinct = found.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 4, "{found:?}");
    }
}
