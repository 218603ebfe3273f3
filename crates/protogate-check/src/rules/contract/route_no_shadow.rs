//! New routes take no requests away from the routes of other rpcs.

use std::collections::BTreeSet;

use super::routes::{self, Answer, Route, Table};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use crate::witness::{Encoding, Version, Witness};
use protogate_schema::pair::Pairs;
use protogate_transcode::{ANY_METHOD, Segment, Template, common_path};

pub(super) static RULE: Rule = Rule {
    id: "ROUTE_NO_SHADOW",
    categories: &["ROUTE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "new REST routes take no requests from routes of other rpcs",
    breaks: &[(Audience::Rest, "URLs that reached one rpc reach another, with other content")],
    why: "Templates may overlap; the more specific one wins. So a route that is new, or takes more than before, can win requests that reached another rpc: their callers get another answer, and nothing of the rpc that they called has changed. Whether that is so is asked of the matcher that serves requests, and the finding names a path. A literal in place of one `*`, such as `/v1/devices/stats` beside `/v1/devices/{id}`, is a warning: it takes one id. A verb after a colon is none: ids end in `:verb` by intent only.",
    help: "choose a path that no route takes, such as one with a verb (`/v1/devices:stats`)",
    bad: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = { get: "/v1/{name=devices/**}" };
    }
+   rpc GetPart(GetPartRequest) returns (Part) {
+     option (google.api.http) = { get: "/v1/{name=devices/*/parts/*}" };
+   }"#,
    good: r#"    rpc GetDevice(GetDeviceRequest) returns (Device) {
      option (google.api.http) = { get: "/v1/{name=devices/**}" };
    }
+   rpc GetPart(GetPartRequest) returns (Part) {
+     option (google.api.http) = { get: "/v1/{name=parts/*}" };
+   }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    let new = new_routes(pairs);
    if new.is_empty() {
        return;
    }
    let (before, now) = (Table::new(pairs.baseline), Table::new(pairs.current));
    for route in &new {
        let host = routes::host_of(pairs.current, route.rpc);
        let mut victims = BTreeSet::new();
        for old in &before.routes {
            let name = &pairs.baseline.method(old.rpc).full_name;
            if !may_take(route, old)
                || *name == pairs.current.method(route.rpc).full_name
                || routes::host_of(pairs.baseline, old.rpc) != host
            {
                continue;
            }
            let Some(path) = common_path(&route.template, &old.template) else { continue };
            let method = if old.binding.http_method == ANY_METHOD {
                route.example_method()
            } else {
                old.example_method()
            };
            // The rpc that lost the requests, and the one that gets them, are those that a server would call.
            let lost =
                matches!(before.find(&host, method, &path), Answer::Route(it) if std::ptr::eq(it, old));
            let won = matches!(now.find(&host, method, &path), Answer::Route(it)
                if it.rpc == route.rpc && it.takes_the_same_as(route));
            // A route that is gone is reported as such, with who answers instead.
            let still = now
                .routes
                .iter()
                .any(|it| it.takes_the_same_as(old) && pairs.current.method(it.rpc).full_name == *name);
            if lost && won && still && victims.insert(old.name()) {
                report(pairs, route, old, &format!("{method} {path}"), out);
            }
        }
    }
}

fn report(pairs: &Pairs<'_>, route: &Route, old: &Route, request: &str, out: &mut Findings) {
    let rpc = &pairs.current.method(route.rpc).full_name;
    let victim = &pairs.baseline.method(old.rpc).full_name;
    out.report(
        routes::at(pairs.current, route.rpc, &route.binding),
        rpc,
        format!(
            "route `{}` of `{rpc}` takes requests of `{}` of `{victim}`: `{request}` reaches `{rpc}` now",
            route.name(),
            old.name()
        ),
    )
    .against(routes::at(pairs.baseline, old.rpc, &old.binding))
    .labels("answers now", "answered")
    .sides(&[Side::OldClientNewServer])
    .impact([(Audience::Rest, format!("`{request}` gets the answer of `{rpc}`"))])
    .witness(Witness {
        encoding: Encoding::Http,
        writer: Version::Old,
        message: victim.clone(),
        value: old.name(),
        data: request.to_owned(),
        old: format!("the answer of `{victim}`"),
        new: format!("the answer of `{rpc}`"),
    })
    .key(format!("{} < {}", route.name(), old.name()))
    .severity = if takes_one_value(&route.template, &old.template) { Severity::Warn } else { Severity::Deny };
}

/// The routes whose like the rpc did not have.
fn new_routes(pairs: &Pairs<'_>) -> Vec<Route> {
    let mut new = Vec::new();
    for (_, service) in pairs.current.services() {
        for &rpc in &service.methods {
            let method = pairs.current.method(rpc);
            if method.options.http.is_none() || !routes::is_target(pairs.current, rpc) {
                continue;
            }
            let before = match pairs.baseline.find(&method.full_name) {
                Some(protogate_schema::model::element::Element::Method(id)) => {
                    if pairs.baseline.method(id).options.http == method.options.http {
                        continue;
                    }
                    routes::of(pairs.baseline, id)
                }
                _ => Vec::new(),
            };
            new.extend(
                routes::of(pairs.current, rpc)
                    .into_iter()
                    .filter(|it| before.iter().all(|old| !old.takes_the_same_as(it))),
            );
        }
    }
    new
}

/// A quick look before templates are compared: methods that meet, and no different literals at the start.
fn may_take(route: &Route, old: &Route) -> bool {
    let (a, b) = (&route.binding.http_method, &old.binding.http_method);
    if a != b && a != ANY_METHOD && b != ANY_METHOD {
        return false;
    }
    route.template.verb() == old.template.verb()
        && route
            .template
            .segments()
            .iter()
            .zip(old.template.segments())
            .take_while(|(a, b)| **a != Segment::DoubleWildcard && **b != Segment::DoubleWildcard)
            .all(|(a, b)| match (a, b) {
                (Segment::Literal(a), Segment::Literal(b)) => a == b,
                _ => true,
            })
}

/// Whether the new template has a literal for one `*` of the old one and is like it otherwise.
fn takes_one_value(new: &Template, old: &Template) -> bool {
    let (new, old) = (new.segments(), old.segments());
    let different: Vec<_> = new.iter().zip(old).filter(|(a, b)| a != b).collect();
    new.len() == old.len() && matches!(different[..], [(Segment::Literal(_), Segment::Wildcard)])
}
