//! `protogate routes`: the table of REST routes, the rpcs behind them, and who may call.

use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::Access;
use serde_json::{Value, json};

use crate::args::{Routes, TextOrJson};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::access_text;
use crate::project::Subject;
use crate::table;
use crate::terminal::Terminal;

/// One line of the table: a binding, or an rpc that has none.
struct Route {
    http_method: String,
    template: String,
    body: Option<String>,
    rpc: String,
    streams: bool,
    method: MethodId,
}

/// Prints the routes sorted by template, then the rpcs that are reachable by gRPC alone.
pub(crate) fn run(args: &Routes, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let schema = Subject::find(&args.input)?.load()?;
    let routes = collect(&schema);
    match args.format {
        TextOrJson::Json => {
            for route in &routes {
                terminal.print(escape::json(&to_json(&schema, route).to_string()))?;
            }
        }
        TextOrJson::Text => {
            let rows: Vec<_> = routes.iter().map(|route| to_row(&schema, route)).collect();
            for line in table::render(&["METHOD", "ROUTE", "RPC", "WHO MAY CALL"], &rows) {
                terminal.print(line)?;
            }
            let bare = routes.iter().filter(|route| route.template.is_empty()).count();
            terminal.say(format_args!("routes: {}, rpcs without one: {bare}", routes.len() - bare));
        }
    }
    Ok(Exit::Clean)
}

fn collect(schema: &Schema) -> Vec<Route> {
    let mut routes = Vec::new();
    for (id, method) in schema.methods() {
        let service = schema.service(method.service);
        if schema.file(service.file).is_import {
            continue;
        }
        let rpc = format!("{}/{}", service.full_name, method.name);
        let streams = method.server_streaming || method.client_streaming;
        let bindings = schema.bindings(id);
        if bindings.is_empty() {
            let (http_method, template) = (String::new(), String::new());
            routes.push(Route { http_method, template, body: None, rpc: rpc.clone(), streams, method: id });
        }
        routes.extend(bindings.into_iter().map(|binding| Route {
            http_method: binding.http_method,
            template: binding.template,
            body: match binding.body {
                Body::None => None,
                Body::All => Some("*".to_owned()),
                Body::Field(field) => Some(field),
            },
            rpc: rpc.clone(),
            streams,
            method: id,
        }));
    }
    // Without a template last, as they are the exception.
    routes.sort_by(|a, b| {
        let key = |route: &Route| {
            (route.template.is_empty(), route.template.clone(), route.http_method.clone(), route.rpc.clone())
        };
        key(a).cmp(&key(b))
    });
    routes
}

fn to_row(schema: &Schema, route: &Route) -> Vec<String> {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let stream = if route.streams { " (stream)" } else { "" };
    vec![
        or_dash(&route.http_method),
        or_dash(&route.template),
        format!("{}{stream}", route.rpc),
        access_text(&schema.policy(route.method).access),
    ]
}

fn to_json(schema: &Schema, route: &Route) -> Value {
    let policy = schema.policy(route.method);
    let (access, roles, permissions) = match &policy.access {
        Access::Denied => ("denied", &[][..], &[][..]),
        Access::Public => ("public", &[][..], &[][..]),
        Access::Granted { roles, permissions } => ("granted", &roles[..], &permissions[..]),
    };
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    json!({
        "http_method": or_null(&route.http_method),
        "template": or_null(&route.template),
        "body": route.body,
        "rpc": route.rpc,
        "streaming": route.streams,
        "access": access,
        "roles": roles,
        "permissions": permissions,
    })
}
