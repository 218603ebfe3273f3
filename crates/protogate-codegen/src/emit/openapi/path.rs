//! Path templates as keys of `paths`.
//!
//! OpenAPI knows one kind of parameter: a name for one segment. So a variable of several segments becomes what it stands for, with one
//! parameter for each wildcard, named after the literal before it: `/v1/{name=projects/*/things/*}` is
//! `/v1/projects/{projectsId}/things/{thingsId}`, as in the flat paths of Google's discovery documents. `**` is one parameter too, whose
//! value may hold slashes; clients that escape those reach a single segment only, and its description says so. Templates of one shape
//! share a key, because OpenAPI takes keys that differ in names alone for the same path.

use std::collections::HashMap;

use protogate_transcode::{Segment, Shape, Template};

/// A key and its parameters, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathKey {
    pub(super) key: String,
    /// One for each wildcard.
    pub(super) names: Vec<String>,
}

/// The keys given so far, by shape.
#[derive(Debug, Default)]
pub(super) struct PathKeys(HashMap<Shape, PathKey>);

impl PathKeys {
    /// The key of a template. `name` is what to call a variable of one segment, by its position.
    pub(super) fn of(&mut self, template: &Template, name: impl Fn(usize) -> String) -> PathKey {
        self.0.entry(template.shape()).or_insert_with(|| key(template, name)).clone()
    }
}

fn key(template: &Template, name: impl Fn(usize) -> String) -> PathKey {
    let segments = template.segments();
    let mut names: Vec<String> = Vec::new();
    let mut key = String::new();
    for (at, segment) in segments.iter().enumerate() {
        key.push('/');
        let variable = template.variables().iter().position(|it| it.segments.contains(&at));
        let wanted = match (segment, variable) {
            (Segment::Literal(bytes), _) => {
                encode(bytes, &mut key);
                continue;
            }
            (_, Some(index)) if template.variables()[index].segments.len() == 1 => name(index),
            (_, variable) => {
                let before = at.checked_sub(1).and_then(|it| segments.get(it));
                let stem = match (before, variable) {
                    (Some(Segment::Literal(bytes)), _) => identifier(bytes),
                    (_, Some(index)) => identifier(name(index).as_bytes()),
                    _ => "segment".to_owned(),
                };
                format!("{stem}{}", if *segment == Segment::Wildcard { "Id" } else { "Path" })
            }
        };
        let mut unique = wanted.clone();
        let mut count = 2;
        while names.contains(&unique) {
            unique = format!("{wanted}{count}");
            count += 1;
        }
        key.push('{');
        key.push_str(&unique);
        key.push('}');
        names.push(unique);
    }
    if segments.is_empty() {
        key.push('/');
    }
    if let Some(verb) = template.verb() {
        key.push(':');
        encode(verb, &mut key);
    }
    PathKey { key, names }
}

/// Bytes as they stand in a path.
fn encode(bytes: &[u8], out: &mut String) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Letters and digits of a literal, as the start of a name.
fn identifier(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut upper = false;
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() {
            let c = char::from(byte);
            out.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        } else {
            upper = !out.is_empty();
        }
    }
    if out.is_empty() { "segment".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_become_keys() {
        for (template, expected, names) in [
            ("/", "/", &[][..]),
            ("/v1/{key}:watch", "/v1/{key}:watch", &["key"]),
            (
                "/v1/{name=projects/*/things/*}",
                "/v1/projects/{projectsId}/things/{thingsId}",
                &["projectsId", "thingsId"],
            ),
            ("/v1/{a}/{b=x/**}/c", "/v1/{a}/x/{xPath}/c", &["a", "xPath"]),
            ("/v1/{a=**}", "/v1/{a}", &["a"]),
            ("/v1/{a=fixed}", "/v1/fixed", &[]),
            ("/v1/*/a/*", "/v1/{v1Id}/a/{aId}", &["v1Id", "aId"]),
            ("/v1/{a=*/*}", "/v1/{v1Id}/{aId}", &["v1Id", "aId"]),
            ("/a%2Ab/{c=x-y/*/x-y/*}", "/a%2Ab/x-y/{xYId}/x-y/{xYId2}", &["xYId", "xYId2"]),
        ] {
            let template = Template::parse(template).unwrap();
            let name = |index: usize| template.variables()[index].field_path.to_string();
            let found = PathKeys::default().of(&template, name);
            assert_eq!(found.key, expected);
            assert_eq!(found.names, names);
        }
    }

    #[test]
    fn templates_of_one_shape_share_a_key() {
        let mut keys = PathKeys::default();
        let mut of = |text: &str| {
            let template = Template::parse(text).unwrap();
            keys.of(&template, |index| template.variables()[index].field_path.to_string()).key
        };
        assert_eq!(of("/v1/{a}"), "/v1/{a}");
        assert_eq!(of("/v1/{b}"), "/v1/{a}");
        assert_eq!(of("/v1/{b}:c"), "/v1/{b}:c");
    }
}
