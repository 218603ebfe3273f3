//! Routes of deleted rpcs stay unused.

use std::collections::{HashMap, HashSet};

use super::rpc_name_reused;
use super::taken::{Owner, last_owner, until};
use crate::finding::{Findings, Side};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::Schema;
use protogate_schema::history::{Former, FormerKind, route_shape};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;
use protogate_transcode::{Shape, Template};

/// Number of `google.api.http` in the options of an rpc.
const HTTP: i32 = 72_295_728;
/// Path continuation of a method's options.
const OPTIONS: i32 = 4;

pub(crate) static RULE: Rule = Rule {
    id: "ROUTE_REUSED",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "routes of deleted rpcs do not lead to other rpcs",
    breaks: &[(
        Audience::Rest,
        "requests of old callers, which answered 404, now reach an rpc that they were not meant for",
    )],
    why: "Bookmarks, scripts and old front ends keep calling a route long after it is gone. As long as it answers 404 they notice; when another rpc takes it, they get an answer, or a side effect, that they did not ask for. Routes are compared by method and shape, whatever their variables are called. The baseline remembers every route that it ever promised. The same rpc may have its route back.",
    help: "give the rpc a route that was never used",
    bad: r#"+ rpc PurgeDevice(PurgeDeviceRequest) returns (PurgeDeviceResponse) {
+   option (google.api.http) = { delete: "/v1/devices/{id}" };   // was DeleteDevice, which could be undone
+ }"#,
    good: r#"+ rpc PurgeDevice(PurgeDeviceRequest) returns (PurgeDeviceResponse) {
+   option (google.api.http) = { post: "/v1/devices/{id}:purge" };
+ }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let (current, history) = (pairs.current, pairs.history());
    let mut former: HashMap<(String, Shape), Vec<Owner<'_>>> = HashMap::new();
    for owner in history.iter().filter(|(it, _)| it.kind == FormerKind::Route) {
        if let Some(key) = owner.0.name.split_once(' ').and_then(|(verb, path)| key(verb, path)) {
            former.entry(key).or_default().push(owner);
        }
    }
    if former.is_empty() {
        return;
    }
    let promised: HashSet<(String, Shape)> = routes(pairs.baseline).map(|(_, _, key)| key).collect();
    for (method, index, key) in routes(current) {
        if promised.contains(&key) {
            continue;
        }
        let Some(owners) = former.get(&key) else { continue };
        let it = current.method(method);
        // An rpc with other messages is another one, also under the same name.
        let replaced = rpc_name_reused::taken_from(pairs, method);
        let is_same = |had: &Former| had.scope == it.full_name && replaced.is_none();
        let Some((owner, day)) = last_owner(owners.iter().copied(), is_same) else { continue };
        let whose = match replaced.filter(|_| owner.scope == it.full_name) {
            Some((former, _)) => format!("an rpc of this name with other messages, {}", former.text),
            None => format!("`{}`", owner.scope),
        };
        let binding = &current.bindings(method)[index];
        let route = route_shape(&binding.http_method, &binding.template);
        let element = Element::Method(method);
        let at =
            At::option(current, element, &[OPTIONS, HTTP], 2).unwrap_or_else(|| At::decl(current, element));
        let message = format!(
            "route `{route}` of `{}` is the former route of {whose}, which was promised{}",
            it.full_name,
            until(day)
        );
        out.report(at, &it.full_name, message)
            .sides(&[Side::OldClientNewServer])
            .key(format!("{} {}", owner.scope, owner.name));
    }
}

/// The routes of a schema that can be parsed, each with its rpc and its position among the rpc's bindings.
fn routes(
    schema: &Schema,
) -> impl Iterator<Item = (protogate_schema::model::element::MethodId, usize, (String, Shape))> {
    schema.methods().flat_map(|(id, _)| {
        schema
            .bindings(id)
            .into_iter()
            .enumerate()
            .filter_map(move |(index, it)| Some((id, index, key(&it.http_method, &it.template)?)))
    })
}

fn key(http_method: &str, template: &str) -> Option<(String, Shape)> {
    Some((http_method.to_owned(), Template::parse(template).ok()?.shape()))
}
