//! `protogate routes`: the table of REST routes, the rpcs behind them, and who may call.

use protogate_codegen::{Route, routes, rpcs_without_route};
use protogate_schema::Schema;
use protogate_schema::model::binding::Body;
use protogate_schema::model::element::MethodId;
use protogate_schema::model::policy::Access;
use serde_json::{Value, json};

use crate::args::{Routes, TextOrJson};
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::table;
use crate::terminal::Terminal;

/// One line of the table: a binding, or an rpc that has none.
struct Row {
    method: MethodId,
    route: Option<Route>,
}

/// Prints the routes sorted by template, then the rpcs that are reachable by gRPC alone.
pub(crate) fn run(args: &Routes, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let schema = Subject::find(&args.input)?.load()?;
    let rows = rows(&schema);
    match args.format {
        TextOrJson::Json => {
            for row in &rows {
                terminal.print(escape::json(&to_json(&schema, row).to_string()))?;
            }
        }
        TextOrJson::Text => {
            let cells: Vec<_> = rows.iter().map(|row| to_cells(&schema, row)).collect();
            for line in table::render(&["METHOD", "ROUTE", "RPC", "WHO MAY CALL"], &cells) {
                terminal.print(line)?;
            }
            let bare = rows.iter().filter(|row| row.route.is_none()).count();
            terminal.say(format_args!("routes: {}, rpcs without one: {bare}", rows.len() - bare));
        }
    }
    Ok(Exit::Clean)
}

fn rows(schema: &Schema) -> Vec<Row> {
    let mut bound = routes(schema);
    bound.sort_by(|a, b| {
        let key = |it: &Route| (it.template.clone(), it.http_method.clone(), it.rpc.clone());
        key(a).cmp(&key(b))
    });
    let mut bare = rpcs_without_route(schema);
    bare.sort_by_key(|&id| &schema.method(id).full_name);
    let bound = bound.into_iter().map(|route| Row { method: route.method, route: Some(route) });
    // Without a route last, as they are the exception.
    bound.chain(bare.into_iter().map(|method| Row { method, route: None })).collect()
}

/// The name as gRPC paths have it: `acme.v1.Library/GetBook`.
fn rpc_name(schema: &Schema, id: MethodId) -> String {
    let method = schema.method(id);
    format!("{}/{}", schema.service(method.service).full_name, method.name)
}

fn streams(schema: &Schema, id: MethodId) -> bool {
    let method = schema.method(id);
    method.server_streaming || method.client_streaming
}

fn to_cells(schema: &Schema, row: &Row) -> Vec<String> {
    let or_dash = |text: Option<&String>| match text {
        Some(text) if !text.is_empty() => text.clone(),
        _ => "-".to_owned(),
    };
    let route = row.route.as_ref();
    let stream = if streams(schema, row.method) { " (stream)" } else { "" };
    vec![
        or_dash(route.map(|it| &it.http_method)),
        or_dash(route.map(|it| &it.template)),
        format!("{}{stream}", rpc_name(schema, row.method)),
        schema.policy(row.method).access.to_string(),
    ]
}

fn to_json(schema: &Schema, row: &Row) -> Value {
    let policy = schema.policy(row.method);
    let (access, roles, permissions) = match &policy.access {
        Access::Denied => ("denied", &[][..], &[][..]),
        Access::Public => ("public", &[][..], &[][..]),
        Access::Granted { roles, permissions } => ("granted", &roles[..], &permissions[..]),
    };
    let route = row.route.as_ref();
    let body = route.and_then(|it| match &it.body {
        Body::None => None,
        Body::All => Some("*"),
        Body::Field(field) => Some(field.as_str()),
    });
    json!({
        "http_method": route.map(|it| &it.http_method).filter(|it| !it.is_empty()),
        "template": route.map(|it| &it.template).filter(|it| !it.is_empty()),
        "body": body,
        "rpc": rpc_name(schema, row.method),
        "streaming": streams(schema, row.method),
        "access": access,
        "roles": roles,
        "permissions": permissions,
    })
}
