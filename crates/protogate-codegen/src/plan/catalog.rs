//! Error catalogues, validated, and the constructors that are generated from them.
//!
//! A constructor takes one argument per placeholder, so an error without its details does not compile; that only works if every
//! locale's text uses the same placeholders, which is checked here.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, EnumId, ValueId};
use protogate_schema::model::error_spec::{ErrorCatalog, ErrorSpec};
use protogate_transcode::Code;

use super::{Plan, Sink, at};
use crate::ident;

/// Functions that every generated enum has.
const TAKEN: &[&str] = &["as_str_name", "from_i32", "from_str_name", "is_valid"];

/// A catalogue that is in order.
#[derive(Debug)]
pub struct CatalogPlan {
    /// The enum.
    pub enumeration: EnumId,
    /// Name of the static beside the enum: `ERROR_REASON_CATALOG`.
    pub table: String,
    /// `domain` of `google.rpc.ErrorInfo`.
    pub domain: String,
    /// Locale of the developer-facing message.
    pub default_locale: String,
    /// One per reason, sorted by reason.
    pub constructors: Vec<ConstructorPlan>,
}

/// One reason and its constructor.
#[derive(Debug)]
pub struct ConstructorPlan {
    /// The enum value.
    pub value: ValueId,
    /// Its name: the `reason` of `google.rpc.ErrorInfo`.
    pub reason: String,
    /// Name of the function.
    pub ident: String,
    /// Business code.
    pub code: String,
    /// Canonical code.
    pub grpc_code: Code,
    /// HTTP status, 400 to 599.
    pub http_status: u16,
    /// A caller may try again.
    pub retryable: bool,
    /// How long to wait before.
    pub retry_delay: Option<Duration>,
    /// (locale, text), the default locale first.
    pub texts: Vec<(String, String)>,
    /// (placeholder, argument name), by first use in the default text.
    pub parameters: Vec<(String, String)>,
}

pub(super) fn plan(plan: &mut Plan<'_>, sink: &mut Sink) {
    let schema = plan.schema;
    report_stray(plan, sink);
    for catalog in schema.error_catalogs() {
        let Some(package) = plan.enumeration(catalog.enumeration).map(|it| it.package) else { continue };
        let Some(planned) = one(plan, &catalog, sink) else { continue };
        plan.packages[package].catalogs.push(planned);
    }
    for package in &plan.packages {
        let mut taken: HashMap<&str, EnumId> = HashMap::new();
        for catalog in &package.catalogs {
            if let Some(first) = taken.insert(&catalog.table, catalog.enumeration) {
                let names = [first, catalog.enumeration].map(|it| schema.enumeration(it).full_name.clone());
                let [a, b] = names;
                let message = format!(
                    "error catalogues `{a}` and `{b}` both become the Rust static `{}`",
                    catalog.table
                );
                sink.push(
                    at(schema, Element::Enum(catalog.enumeration), message)
                        .with_help("rename one of the two"),
                );
            }
        }
    }
}

/// `protogate.v1.error` on values of enums that are no catalogue.
fn report_stray(plan: &Plan<'_>, sink: &mut Sink) {
    let schema = plan.schema;
    for (_, enumeration) in schema.enums().filter(|(id, _)| plan.enumeration(*id).is_some()) {
        let is_catalog = enumeration.options.error_catalog.is_some();
        for &value_id in &enumeration.values {
            let value = schema.value(value_id);
            if value.options.as_ref().is_none_or(|it| it.error.is_none()) {
                continue;
            }
            let name = &enumeration.full_name;
            if !is_catalog {
                let message = format!(
                    "value `{}` has an `error` annotation, but enum `{name}` is no error catalogue",
                    value.name
                );
                let help = "add `option (protogate.v1.error_catalog) = { domain: \"…\" };` to the enum";
                sink.push(at(schema, Element::Value(value_id), message).with_help(help));
            } else if value.number == 0 {
                let message = format!("value `{}` of `{name}` is 0, which stands for no error", value.name);
                let help = "remove the annotation, and call the value `…_UNSPECIFIED`";
                sink.push(at(schema, Element::Value(value_id), message).with_help(help));
            }
        }
    }
}

fn one(plan: &Plan<'_>, catalog: &ErrorCatalog, sink: &mut Sink) -> Option<CatalogPlan> {
    let schema = plan.schema;
    let element = Element::Enum(catalog.enumeration);
    let enumeration = schema.enumeration(catalog.enumeration);
    let name = &enumeration.full_name;
    let mut refuse =
        |element, message: String, help: &str| sink.push(at(schema, element, message).with_help(help));
    if catalog.domain.trim().is_empty() {
        refuse(
            element,
            format!("error catalogue `{name}` has no `domain`"),
            "say which service the reasons belong to, such as `config.example.com`",
        );
    }
    for locale in catalog.locales.iter().chain([&catalog.default_locale]).filter(|it| !is_locale(it)) {
        refuse(
            element,
            format!("error catalogue `{name}`: `{}` is no locale", locale.escape_debug()),
            "write a BCP 47 tag such as `en` or `zh-CN`",
        );
    }
    for &bare in &catalog.bare {
        let value = &schema.value(bare).name;
        refuse(
            Element::Value(bare),
            format!("value `{value}` of error catalogue `{name}` has no `error` annotation"),
            "say its `code`, `grpc_code` and `texts`",
        );
    }
    let mut codes: HashMap<&str, &str> = HashMap::new();
    let mut idents: HashMap<String, &str> = HashMap::new();
    let mut constructors = Vec::new();
    for spec in catalog.errors.iter().filter(|it| schema.value(it.value).number != 0) {
        if let Some(first) = codes.insert(&spec.code, &spec.reason).filter(|_| !spec.code.is_empty()) {
            let code = &spec.code;
            refuse(
                Element::Value(spec.value),
                format!("errors `{first}` and `{}` of `{name}` share the code `{code}`", spec.reason),
                "give each its own code",
            );
        }
        let checked = check_spec(schema, catalog, spec, &mut refuse);
        let Some(constructor) = checked else { continue };
        if let Some(first) = idents.insert(constructor.ident.clone(), &spec.reason) {
            let ident = &constructor.ident;
            refuse(
                Element::Value(spec.value),
                format!(
                    "errors `{first}` and `{}` of `{name}` both become the Rust function `{ident}`",
                    spec.reason
                ),
                "rename one of the two",
            );
        }
        constructors.push(constructor);
    }
    constructors.sort_by(|a, b| a.reason.cmp(&b.reason));
    let path = &plan.enumeration(catalog.enumeration)?.path;
    Some(CatalogPlan {
        enumeration: catalog.enumeration,
        table: format!("{}_CATALOG", ident::to_constant(&path.join("_"))),
        domain: catalog.domain.clone(),
        default_locale: catalog.default_locale.clone(),
        constructors,
    })
}

fn check_spec(
    schema: &Schema,
    catalog: &ErrorCatalog,
    spec: &ErrorSpec,
    refuse: &mut impl FnMut(Element, String, &str),
) -> Option<ConstructorPlan> {
    let element = Element::Value(spec.value);
    let reason = &spec.reason;
    let mut fault = |what: String, help: &str| refuse(element, format!("error `{reason}`: {what}"), help);
    if spec.code.trim().is_empty() {
        fault("it has no `code`".to_owned(), "give it a business code such as `ERR_PARAM_001`");
    }
    let grpc_code = Code::all().find(|it| it.name() == spec.grpc_code).filter(|it| *it != Code::Ok);
    if grpc_code.is_none() {
        fault(
            format!("`grpc_code` is `{}`, which is no error code of gRPC", spec.grpc_code.escape_debug()),
            "write one of the names of `google.rpc.Code`, such as `NOT_FOUND`",
        );
    }
    let http_status = match (spec.http_status, grpc_code) {
        (0, Some(code)) => Some(code.http_status()),
        (0, None) => None,
        (status @ 400..=599, _) => u16::try_from(status).ok(),
        (status, _) => {
            fault(
                format!("`http_status` is {status}, expected 400 to 599"),
                "leave it out for the status that belongs to `grpc_code`",
            );
            None
        }
    };
    let raw = schema.value(spec.value).options.as_ref().and_then(|it| it.error.as_ref());
    if let Some(delay) = raw.and_then(|it| it.retry_delay.as_ref()) {
        if !spec.retryable {
            fault("it has a `retry_delay` but is not `retryable`".to_owned(), "add `retryable: true`");
        }
        if delay.seconds < 0 || delay.nanos < 0 {
            fault("`retry_delay` is negative".to_owned(), "write for example `retry_delay: { seconds: 2 }`");
        }
    }
    let (texts, parameters) = check_texts(catalog, spec, &mut fault)?;
    let mut ident = ident::to_snake(reason);
    if TAKEN.contains(&ident.as_str()) {
        ident.push('_');
    }
    Some(ConstructorPlan {
        value: spec.value,
        reason: reason.clone(),
        ident,
        code: spec.code.clone(),
        grpc_code: grpc_code?,
        http_status: http_status?,
        retryable: spec.retryable,
        retry_delay: spec.retry_delay,
        texts,
        parameters,
    })
}

type Texts = Vec<(String, String)>;

fn check_texts(
    catalog: &ErrorCatalog,
    spec: &ErrorSpec,
    fault: &mut impl FnMut(String, &str),
) -> Option<(Texts, Vec<(String, String)>)> {
    let mut texts: Texts = Vec::new();
    for text in &spec.texts {
        if !is_locale(&text.locale) {
            fault(
                format!("`{}` is no locale", text.locale.escape_debug()),
                "write a BCP 47 tag such as `en`",
            );
        } else if texts.iter().any(|(locale, _)| *locale == text.locale) {
            fault(format!("it has two texts in `{}`", text.locale), "keep one");
        } else {
            texts.push((text.locale.clone(), text.text.clone()));
        }
    }
    let required: BTreeSet<&String> = catalog.locales.iter().chain([&catalog.default_locale]).collect();
    for locale in required {
        if !texts.iter().any(|(it, text)| it == locale && !text.trim().is_empty()) {
            fault(format!("it has no text in `{locale}`"), "the catalogue promises one; add it");
        }
    }
    texts.sort_by_key(|(locale, _)| *locale != catalog.default_locale);
    let mut expected: Option<(String, Vec<String>)> = None;
    for (locale, text) in &texts {
        let names = match placeholders(text) {
            Ok(names) => names,
            Err(reason) => {
                fault(
                    format!("its text in `{locale}` {reason}"),
                    "write `{{` and `}}` for the braces themselves",
                );
                continue;
            }
        };
        match &expected {
            None => expected = Some((locale.clone(), names)),
            Some((first, wanted)) => {
                let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
                if sorted(wanted) != sorted(&names) {
                    fault(
                        format!(
                            "its text in `{locale}` has the placeholders {}, the one in `{first}` has {}",
                            list(&names),
                            list(wanted)
                        ),
                        "use the same placeholders in every locale",
                    );
                }
            }
        }
    }
    let names = expected?.1;
    let mut parameters: Vec<(String, String)> = Vec::new();
    for name in names {
        let ident = ident::to_snake(&name);
        if let Some((other, _)) = parameters.iter().find(|(_, it)| *it == ident) {
            fault(
                format!("placeholders `{other}` and `{name}` both become the Rust argument `{ident}`"),
                "spell a placeholder one way",
            );
        } else {
            parameters.push((name, ident));
        }
    }
    Some((texts, parameters))
}

fn list(names: &[String]) -> String {
    match names {
        [] => "no placeholders".to_owned(),
        names => names.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "),
    }
}

/// The placeholders of a text, each once, by first use.
fn placeholders(text: &str) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(escaped) = after.strip_prefix(brace) {
            rest = escaped;
            continue;
        }
        if brace == "}" {
            return Err("has a `}` without its `{`".to_owned());
        }
        let Some(end) = after.find(['{', '}']).filter(|end| after[*end..].starts_with('}')) else {
            return Err("has a `{` without its `}`".to_owned());
        };
        let name = &after[..end];
        let valid = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !valid {
            return Err(format!(
                "has the placeholder `{{{}}}`, expected a name such as `{{field}}`",
                name.escape_debug()
            ));
        }
        if !names.iter().any(|it| it == name) {
            names.push(name.to_owned());
        }
        rest = &after[end + 1..];
    }
    Ok(names)
}

fn is_locale(text: &str) -> bool {
    !text.is_empty()
        && text
            .split('-')
            .all(|it| (1..=8).contains(&it.len()) && it.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn finds_placeholders() {
        assert_eq!(placeholders("{b} of {a}, {b}; {{not}}").unwrap(), ["b", "a"]);
        for faulty in ["{", "}", "{a", "{}", "{a b}", "{a{b}}", "{1}"] {
            assert!(placeholders(faulty).is_err(), "{faulty}");
        }
    }
}
