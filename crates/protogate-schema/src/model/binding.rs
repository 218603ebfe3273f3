//! `google.api.http` as a flat list of bindings.
//!
//! Nothing is validated here: a template that does not parse is kept as text, so that rules and the generator can name it.

use super::options::{HttpPattern, HttpRule};

/// One HTTP mapping of an rpc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Method token, such as `GET`; `*` for a custom pattern of kind `*`; empty when the rule has no pattern.
    pub http_method: String,
    /// Path template as written.
    pub template: String,
    /// What the content of the request is.
    pub body: Body,
    /// Field of the response that is the content of the reply; `None`: the whole message.
    pub response_body: Option<String>,
    /// Position in the annotation: 0 is the rule itself, n the n-th of `additional_bindings`.
    pub index: u32,
    /// The rule holds `additional_bindings` although it is an additional binding itself.
    pub nested: bool,
}

/// What the content of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Not used.
    None,
    /// The whole request message.
    All,
    /// This top-level field.
    Field(String),
}

/// The bindings of a rule, its additional ones after it. Empty without a rule.
#[must_use]
pub fn bindings(rule: Option<&HttpRule>) -> Vec<Binding> {
    let Some(rule) = rule else { return Vec::new() };
    std::iter::once(rule)
        .chain(&rule.additional_bindings)
        .zip(0..)
        .map(|(rule, index)| binding(rule, index))
        .collect()
}

fn binding(rule: &HttpRule, index: u32) -> Binding {
    let (http_method, template) = match &rule.pattern {
        Some(HttpPattern::Get(path)) => ("GET", path.as_str()),
        Some(HttpPattern::Put(path)) => ("PUT", path.as_str()),
        Some(HttpPattern::Post(path)) => ("POST", path.as_str()),
        Some(HttpPattern::Delete(path)) => ("DELETE", path.as_str()),
        Some(HttpPattern::Patch(path)) => ("PATCH", path.as_str()),
        Some(HttpPattern::Custom(custom)) => (custom.kind.as_str(), custom.path.as_str()),
        None => ("", ""),
    };
    Binding {
        http_method: http_method.to_owned(),
        template: template.to_owned(),
        body: match rule.body.as_str() {
            "" => Body::None,
            "*" => Body::All,
            field => Body::Field(field.to_owned()),
        },
        response_body: (!rule.response_body.is_empty()).then(|| rule.response_body.clone()),
        index,
        nested: index > 0 && !rule.additional_bindings.is_empty(),
    }
}
