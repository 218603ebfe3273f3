//! Who may call, from policies: the bearer scheme, what an operation needs, and the same in words.

use protogate_schema::model::policy::{Access, Policy, RateKey};

use super::node::{Map, Node};
use super::text;

/// Name of the one scheme.
const SCHEME: &str = "bearer";

/// `components.securitySchemes`.
pub(super) fn schemes() -> Map {
    let bearer = Map::new()
        .with("type", "http")
        .with("scheme", "bearer")
        .with("bearerFormat", "JWT")
        .with("description", "A signed token with the caller's roles and permissions.");
    Map::new().with(SCHEME, bearer)
}

/// What an operation asks for; for public ones an empty list.
pub(super) fn requirement(access: &Access) -> Vec<Node> {
    match access {
        Access::Public => Vec::new(),
        Access::Denied | Access::Granted { .. } => {
            vec![Map::new().with(SCHEME, Node::List(Vec::new())).into()]
        }
    }
}

/// A policy in words.
pub(super) fn description(policy: &Policy) -> String {
    let mut out = match &policy.access {
        Access::Public => "Callable without credentials.".to_owned(),
        Access::Denied => "Denied to everybody: the contract does not say who may call.".to_owned(),
        Access::Granted { roles, permissions } => {
            let roles = (!roles.is_empty()).then(|| format!("one of the roles {}", text::codes(roles)));
            let permissions =
                (!permissions.is_empty()).then(|| format!("the permissions {}", text::codes(permissions)));
            let parts: Vec<_> = roles.into_iter().chain(permissions).collect();
            format!("Needs {}.", parts.join(" and "))
        }
    };
    if let Some(rate) = &policy.rate_limit {
        let whom = match rate.key {
            RateKey::Subject => "a caller",
            RateKey::Peer => "an address",
            RateKey::All => "all callers together",
        };
        out.push_str(&format!(" At most {} calls a second for {whom}.", rate.per_second));
    }
    out
}

/// A policy for programs: keys of an operation.
pub(super) fn facts(policy: &Policy) -> Map {
    let mut map = Map::new();
    match &policy.access {
        Access::Public => map.set("x-protogate-access", "public"),
        Access::Denied => map.set("x-protogate-access", "denied"),
        Access::Granted { roles, permissions } => {
            map.set("x-protogate-access", "granted");
            if !roles.is_empty() {
                map.set("x-protogate-roles", roles.clone());
            }
            if !permissions.is_empty() {
                map.set("x-protogate-permissions", permissions.clone());
            }
        }
    }
    map
}
