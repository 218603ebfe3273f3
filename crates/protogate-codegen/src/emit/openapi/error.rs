//! What an operation answers when it does not do what was asked: the statuses of the stack, the reasons of the error catalogue.
//!
//! A contract does not say which rpc has which error, so each operation gets the catalogues of its service's package, or those of the
//! whole contract if the package has none. Every answer is a `google.rpc.Status`.

use std::collections::BTreeMap;

use super::node::{Map, Node};
use super::schema::{Schemas, reference};
use super::text;
use crate::plan::{CatalogPlan, ConstructorPlan, PackagePlan, Plan};

/// The answers of the stack, whatever the handler is: HTTP status, what it says, a header.
const STACK: [(&str, &str, Option<&str>); 8] = [
    ("400", "The request does not fit the contract, or not the state of what it is about.", None),
    ("401", "The credentials are missing or not valid.", Some("WWW-Authenticate")),
    ("403", "The caller lacks a role or permission that the operation needs.", None),
    ("413", "The content is larger than the server takes.", None),
    ("415", "The content has a type or an encoding that the server does not take.", None),
    ("429", "The caller calls too often, or a quota is used up.", Some("Retry-After")),
    ("503", "The server cannot take the call now.", Some("Retry-After")),
    ("504", "The call took longer than its deadline.", None),
];

/// Which answers of the stack an operation has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    /// Callable without credentials.
    pub(super) public: bool,
    /// The content is read.
    pub(super) content: bool,
}

/// The components that answers with errors need.
#[derive(Debug, Default)]
pub(super) struct Errors {
    responses: BTreeMap<String, Node>,
}

impl Errors {
    /// All answers that were referred to, by name.
    pub(super) fn finish(self) -> Map {
        self.responses.into_iter().collect()
    }

    /// The answers of one operation, to stand after the good one.
    pub(super) fn of(&mut self, plan: &Plan<'_>, package: &PackagePlan, given: Given) -> Map {
        let (scope, catalogs) = catalogs(plan, package);
        let mut by_status: BTreeMap<String, Vec<(&CatalogPlan, &ConstructorPlan)>> = BTreeMap::new();
        for catalog in &catalogs {
            for reason in &catalog.constructors {
                by_status.entry(reason.http_status.to_string()).or_default().push((*catalog, reason));
            }
        }
        let stack = STACK.iter().filter(|(status, ..)| match *status {
            "401" | "403" => !given.public,
            "413" | "415" => given.content,
            _ => true,
        });
        let mut rows: BTreeMap<&str, (Option<&str>, Option<&str>)> =
            stack.map(|(status, says, header)| (*status, (Some(*says), *header))).collect();
        for status in by_status.keys() {
            rows.entry(status).or_insert((None, None));
        }
        let mut answers = Map::new();
        for (status, (says, header)) in rows {
            let reasons = by_status.get(status).map(Vec::as_slice).unwrap_or_default();
            let name = match (reasons.is_empty(), says) {
                (true, _) => format!("Error.{status}"),
                // The same status without what the stack says is another answer.
                (false, Some(_)) => format!("{scope}.Error.{status}"),
                (false, None) => format!("{scope}.Reasons.{status}"),
            };
            self.responses.entry(name.clone()).or_insert_with(|| response(says, header, reasons).into());
            answers.set(status, Map::new().with("$ref", format!("#/components/responses/{name}")));
        }
        let default = "Error.default".to_owned();
        let says = "Any other error: the HTTP status belongs to the `code`.";
        self.responses.entry(default.clone()).or_insert_with(|| response(Some(says), None, &[]).into());
        answers.with("default", Map::new().with("$ref", format!("#/components/responses/{default}")))
    }
}

/// The catalogues of a package, or of all, and what to call their answers.
fn catalogs<'p>(plan: &'p Plan<'_>, package: &'p PackagePlan) -> (&'p str, Vec<&'p CatalogPlan>) {
    if package.catalogs.is_empty() {
        ("Catalog", plan.packages.iter().flat_map(|it| &it.catalogs).collect())
    } else {
        (if package.name.is_empty() { "Package" } else { &package.name }, package.catalogs.iter().collect())
    }
}

fn response(says: Option<&str>, header: Option<&str>, reasons: &[(&CatalogPlan, &ConstructorPlan)]) -> Map {
    let rows: Vec<String> = reasons
        .iter()
        .map(|(_, it)| {
            let text = it.texts.first().map_or("", |(_, text)| text).replace('\n', " ");
            let (reason, code, grpc) = (&it.reason, &it.code, it.grpc_code.name());
            format!("- `{reason}` ({code}, `{grpc}`): {text}")
        })
        .collect();
    let list = (!rows.is_empty()).then(|| format!("Reasons of this service:\n\n{}", rows.join("\n")));
    let retries = reasons.iter().any(|(_, it)| it.retryable && it.retry_delay.is_some());
    let mut headers = Map::new();
    if header == Some("WWW-Authenticate") {
        let value = Map::new().with("type", "string").with("examples", vec!["Bearer"]);
        headers.set(
            "WWW-Authenticate",
            Map::new().with("description", "How to authenticate.").with("schema", value),
        );
    }
    if header == Some("Retry-After") || retries {
        let value = Map::new().with("type", "integer").with("minimum", 0_i128);
        headers.set(
            "Retry-After",
            Map::new().with("description", "Seconds to wait before trying again.").with("schema", value),
        );
    }
    let mut content = Map::new().with("schema", reference(STATUS));
    if !reasons.is_empty() {
        let examples: Map =
            reasons.iter().map(|(catalog, it)| (it.reason.clone(), example(catalog, it).into())).collect();
        content.set("examples", examples);
    }
    let mut map =
        Map::new().with("description", text::paragraphs([says.map(str::to_owned), list]).unwrap_or_default());
    if !headers.is_empty() {
        map.set("headers", headers);
    }
    map.set("content", Map::new().with("application/json", content));
    if !reasons.is_empty() {
        map.set("x-protogate-errors", reasons.iter().map(|(_, it)| facts(it)).collect::<Vec<Map>>());
    }
    map
}

/// What a program wants to know of a reason.
fn facts(reason: &ConstructorPlan) -> Map {
    let mut map = Map::new()
        .with("reason", reason.reason.clone())
        .with("code", reason.code.clone())
        .with("grpcCode", reason.grpc_code.name())
        .with("retryable", reason.retryable);
    if let Some(delay) = reason.retry_delay.filter(|_| reason.retryable) {
        map.set("retryDelay", seconds(delay));
    }
    map
}

fn seconds(delay: std::time::Duration) -> String {
    match delay.subsec_nanos() {
        0 => format!("{}s", delay.as_secs()),
        nanos => format!("{}.{nanos:09}s", delay.as_secs()),
    }
}

/// The answer as it is sent, with the names of placeholders in place of values.
fn example(catalog: &CatalogPlan, reason: &ConstructorPlan) -> Map {
    let message = reason.texts.first().map_or("", |(_, text)| text).replace("{{", "{").replace("}}", "}");
    let mut metadata = Map::new().with("code", reason.code.clone());
    for (placeholder, _) in &reason.parameters {
        metadata.set(placeholder.clone(), format!("{{{placeholder}}}"));
    }
    let mut details = vec![Node::from(
        Map::new()
            .with("@type", "type.googleapis.com/google.rpc.ErrorInfo")
            .with("reason", reason.reason.clone())
            .with("domain", catalog.domain.clone())
            .with("metadata", metadata),
    )];
    if let Some(delay) = reason.retry_delay.filter(|_| reason.retryable) {
        let retry = Map::new()
            .with("@type", "type.googleapis.com/google.rpc.RetryInfo")
            .with("retryDelay", seconds(delay));
        details.push(retry.into());
    }
    let value = Map::new()
        .with("code", i128::from(reason.grpc_code.number()))
        .with("message", message)
        .with("details", details);
    Map::new().with("value", value)
}

/// The component of every answer with an error.
pub(super) const STATUS: &str = "google.rpc.Status";

/// Defines [`STATUS`] and what its details may be.
pub(super) fn define(plan: &Plan<'_>, schemas: &mut Schemas<'_>) {
    let text = |description: &str| Map::new().with("description", description).with("type", "string");
    let detail = |name: &str, description: &str, properties: Map| {
        let url = Map::new().with("const", format!("type.googleapis.com/google.rpc.{name}"));
        let mut all = Map::new().with("@type", url);
        all.extend(properties);
        Map::new()
            .with("title", name)
            .with("description", description)
            .with("type", "object")
            .with("properties", all)
            .with("required", vec!["@type"])
    };
    let mut reasons: Vec<&str> = plan
        .packages
        .iter()
        .flat_map(|it| &it.catalogs)
        .flat_map(|it| &it.constructors)
        .map(|it| it.reason.as_str())
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    let mut reason = Map::new().with("description", "Why, for programs; unique in its domain.");
    if reasons.is_empty() {
        reason.set("type", "string");
    } else {
        let known = Map::new().with("type", "string").with("enum", reasons);
        reason.set("anyOf", vec![known, Map::new().with("type", "string")]);
    }
    let violation = Map::new().with("type", "object").with(
        "properties",
        Map::new().with("field", text("The field, by its path.")).with("description", text("What is wrong.")),
    );
    let strings =
        Map::new().with("type", "object").with("additionalProperties", Map::new().with("type", "string"));
    let details = [
        (
            "ErrorInfo",
            detail(
                "ErrorInfo",
                "Why, for programs.",
                Map::new()
                    .with("reason", reason)
                    .with("domain", text("Whose reason it is."))
                    .with("metadata", strings),
            ),
        ),
        (
            "BadRequest",
            detail(
                "BadRequest",
                "Which fields are wrong.",
                Map::new().with("fieldViolations", Map::new().with("type", "array").with("items", violation)),
            ),
        ),
        (
            "RetryInfo",
            detail(
                "RetryInfo",
                "When to try again.",
                Map::new().with("retryDelay", text("Seconds, such as `1.500s`.")),
            ),
        ),
        (
            "LocalizedMessage",
            detail(
                "LocalizedMessage",
                "The text in the caller's language.",
                Map::new().with("locale", text("BCP 47 tag.")).with("message", text("For people.")),
            ),
        ),
        (
            "RequestInfo",
            detail(
                "RequestInfo",
                "The call, for those who look into the log.",
                Map::new()
                    .with("requestId", text("As in `x-request-id`."))
                    .with("servingData", text("Not used.")),
            ),
        ),
    ];
    let mut choices = Vec::new();
    for (name, schema) in details {
        let name = format!("Detail.{name}");
        choices.push(Node::from(reference(&name)));
        schemas.define(&name, schema);
    }
    let other = Map::new()
        .with("type", "object")
        .with("properties", Map::new().with("@type", text("Another type of detail.")))
        .with("required", vec!["@type"]);
    choices.push(other.into());
    let code = Map::new()
        .with("description", "Number of `google.rpc.Code`.")
        .with("type", "integer")
        .with("format", "int32");
    let properties = Map::new()
        .with("code", code)
        .with("message", text("For developers, in the default locale."))
        .with("details", Map::new().with("type", "array").with("items", Map::new().with("anyOf", choices)));
    let status = Map::new()
        .with("title", "Status")
        .with("description", "Why a call failed.")
        .with("type", "object")
        .with("properties", properties)
        .with("required", vec!["code", "message", "details"]);
    schemas.define(STATUS, status);
}
