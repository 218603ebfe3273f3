//! What is gone: fields, values, rpcs, types, files, packages, reserved numbers and names.

use protogate_schema::model::element::{
    Cardinality, Element, EnumId, FieldId, MessageId, MethodId, ServiceId, ValueId,
};
use protogate_schema::pair::Pairs;

use super::flow::{Carrier, Flow};
use super::{Ways, holder};
use crate::finding::Finding;
use crate::rule::Audience::{self, Json, Operators, Rest, Source, Wire};

type Impact = Vec<(Audience, String)>;
/// Impact, direction, and what carried what is gone.
type Deletion = (Impact, Ways, Carrier);

pub(super) fn of(pairs: &Pairs<'_>, finding: &Finding, flow: &mut Flow) -> Option<Deletion> {
    let rule = finding.rule;
    let Some(baseline) = finding.about.baseline else { return gained(pairs, finding) };
    Some(match baseline {
        Element::Field(old) if rule.starts_with("FIELD_NO_DELETE") => field(pairs, rule, old),
        Element::Field(old) if rule.ends_with("EXTENSION_NO_DELETE") => extension(pairs, old),
        Element::Value(old) if rule.starts_with("ENUM_VALUE_NO_DELETE") => value(pairs, rule, old, flow),
        Element::Method(old) if rule == "RPC_NO_DELETE" => {
            let what = format!("rpc `{}`", pairs.baseline.method(old).name);
            (calls(pairs, &[old], &what, flow), answers(), Carrier::Calls)
        }
        Element::Service(old) if rule.ends_with("SERVICE_NO_DELETE") => service(pairs, old, flow),
        Element::Message(old)
            if rule.ends_with("MESSAGE_NO_DELETE")
                && !rule.starts_with("EXTENSION")
                && !rule.starts_with("RESERVED") =>
        {
            type_deleted(pairs, Element::Message(old), "message")
        }
        Element::Enum(old) if rule.ends_with("ENUM_NO_DELETE") && !rule.starts_with("RESERVED") => {
            type_deleted(pairs, Element::Enum(old), "enum")
        }
        Element::Oneof(message, index) if rule == "ONEOF_NO_DELETE" => {
            let name = &pairs.baseline.message(message).oneofs.get(index as usize)?.name;
            let text = format!("programs that switch over the cases of `{name}` stop compiling");
            (vec![(Source, text)], Ways::SOURCE, Carrier::Unknown)
        }
        Element::Message(old) if rule == "EXTENSION_MESSAGE_NO_DELETE" => {
            let name = &pairs.baseline.message(old).name;
            let impact = vec![
                (
                    Wire,
                    format!(
                        "a field of `{name}` can take a number that others use for extensions and then reads their data"
                    ),
                ),
                (Source, format!("extensions of `{name}` with numbers of the range stop compiling")),
            ];
            (impact, Ways::READ_OLD, Carrier::Message(old))
        }
        Element::Message(old) if rule == "RESERVED_MESSAGE_NO_DELETE" => {
            (freed(finding, "field"), reused(), Carrier::Message(old))
        }
        Element::Enum(old) if rule == "RESERVED_ENUM_NO_DELETE" => {
            (freed(finding, "value"), reused(), flow.of_enum(pairs, old))
        }
        Element::Message(old) if rule == "MESSAGE_SAME_REQUIRED_FIELDS" => required(pairs, finding, old),
        Element::File(old) if rule == "FILE_NO_DELETE" => {
            let file = pairs.baseline.file(old);
            let mut impact = vec![(
                Source,
                format!(
                    "`import \"{}\"` stops compiling, and so do programs that use the code generated from it",
                    file.path
                ),
            )];
            let methods: Vec<MethodId> = file
                .services
                .iter()
                .filter(|&&id| pairs.service(id).is_none())
                .flat_map(|&id| pairs.baseline.service(id).methods.clone())
                .collect();
            let mut ways = Ways::SOURCE;
            if !methods.is_empty() {
                impact.extend(
                    calls(pairs, &methods, "file", flow)
                        .into_iter()
                        .filter(|(audience, _)| *audience != Source),
                );
                ways = answers();
            }
            (impact, ways, Carrier::Calls)
        }
        Element::File(old) if rule == "PACKAGE_NO_DELETE" => {
            let package = &pairs.baseline.file(old).package;
            let impact = vec![
                (Wire, format!("gRPC paths and `Any` type URLs that start with `{package}.` are unknown")),
                (Source, format!("the generated module of `{package}` is gone")),
            ];
            (impact, Ways::READ_OLD, Carrier::Unknown)
        }
        _ => return gained(pairs, finding),
    })
}

/// A deleted number or name is only dangerous once something new has it.
fn reused() -> Ways {
    Ways { old_to_new: true, new_to_old: true, source: false }
}

/// Old clients call what is not there.
fn answers() -> Ways {
    Ways { old_to_new: true, new_to_old: false, source: true }
}

fn field(pairs: &Pairs<'_>, rule: &str, old: FieldId) -> Deletion {
    let field = pairs.baseline.field(old);
    let (number, name, json) = (field.number, &field.name, &field.json_name);
    let message = holder(pairs, old);
    let carrier = message.map_or(Carrier::Unknown, Carrier::Message);
    if rule == "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED" {
        let text =
            format!("the number {number} is free: a field that takes it reads what was written as `{name}`");
        return (vec![(Wire, text)], reused(), carrier);
    }
    if rule == "FIELD_NO_DELETE_UNLESS_NAME_RESERVED" {
        let text = format!(
            "the name `{json}` is free: a field that takes it reads old documents with another meaning"
        );
        return (vec![(Json, text)], reused(), carrier);
    }
    let absent = match field.cardinality {
        Cardinality::Repeated | Cardinality::Map => "empty",
        Cardinality::Explicit => "absent",
        Cardinality::Required => "missing, and refuse the message",
        Cardinality::Implicit => "the default",
    };
    let mut impact = vec![
        (
            Wire,
            format!(
                "old readers see `{name}` as {absent}; what old writers and stored messages hold in {number} ends in unknown fields"
            ),
        ),
        (Json, format!("requests with `{json}` are refused by parsers that refuse unknown names")),
        (Source, format!("programs that use `{name}` stop compiling")),
        (Rest, format!("the member, query parameter or path variable `{name}` is gone")),
    ];
    let now = message.and_then(|id| pairs.current.find_message(&pairs.baseline.message(id).full_name));
    let kept = now.is_some_and(|id| {
        pairs.current.message(id).fields.iter().any(|&id| pairs.current.field(id).json_name == *json)
    });
    if kept {
        // Only the number changed.
        impact.retain(|(audience, _)| *audience == Wire);
    }
    if field.is_sensitive() {
        impact.push((
            Operators,
            format!("stored messages and logs may still hold the secret `{name}`, unmarked"),
        ));
    }
    (impact, Ways::BOTH, carrier)
}

fn extension(pairs: &Pairs<'_>, old: FieldId) -> Deletion {
    let field = pairs.baseline.field(old);
    let moved = pairs.current.find(&field.full_name).is_some();
    let mut impact =
        vec![(Source, format!("programs that use the extension `{}` stop compiling", field.full_name))];
    if moved || pairs.extension(old).is_some() {
        return (impact, Ways::SOURCE, Carrier::Unknown);
    }
    impact.insert(0, (Wire, format!("values of extension {} are unknown fields", field.number)));
    impact.insert(1, (Json, format!("the key `[{}]` is refused", field.full_name)));
    (impact, Ways::BOTH, holder(pairs, old).map_or(Carrier::Unknown, Carrier::Message))
}

fn value(pairs: &Pairs<'_>, rule: &str, old: ValueId, flow: &mut Flow) -> Deletion {
    let value = pairs.baseline.value(old);
    let (number, name) = (value.number, &value.name);
    let carrier = flow.of_enum(pairs, value.parent);
    match rule {
        "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED" => {
            let text = format!(
                "the number {number} is free: a value that takes it is what old data then says instead of `{name}`"
            );
            return (vec![(Wire, text)], reused(), carrier);
        }
        "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED" => {
            let text = format!(
                "the name `{name}` is free: a value that takes it reads old documents with another meaning"
            );
            return (vec![(Json, text)], reused(), carrier);
        }
        _ => {}
    }
    let is_catalog = pairs.baseline.enumeration(value.parent).options.error_catalog.is_some();
    if is_catalog && carrier == Carrier::Unknown {
        // A reason goes by its name in another message.
        let text = format!("programs that use `{name}` stop compiling; no field holds the enum");
        return (vec![(Source, text)], Ways::SOURCE, carrier);
    }
    let closed =
        new_enum(pairs, value.parent).is_some_and(|id| pairs.current.enumeration(id).features.enum_type == 2);
    let wire = if closed {
        format!("new readers put {number} aside as an unknown field and see the default")
    } else {
        format!("new readers see the bare number {number}, which no case of a program handles")
    };
    let impact = vec![
        (Wire, wire),
        (Json, format!("{name:?} is refused")),
        (Source, format!("programs that use `{name}` stop compiling")),
        (Rest, format!("{name:?} is refused in query parameters and bodies")),
    ];
    (impact, Ways::READ_OLD, carrier)
}

fn new_enum(pairs: &Pairs<'_>, old: EnumId) -> Option<EnumId> {
    pairs.enumeration(old).map(|pair| pair.current)
}

fn service(pairs: &Pairs<'_>, old: ServiceId, flow: &mut Flow) -> Deletion {
    let service = pairs.baseline.service(old);
    if let Some(pair) = pairs.service(old) {
        let file = pairs.current.file(pairs.current.service(pair.current).file);
        let text =
            format!("generated client and server come from `{}` now; calls are not changed", file.path);
        return (vec![(Source, text)], Ways::SOURCE, Carrier::Unknown);
    }
    let what = format!("service `{}`", service.name);
    (calls(pairs, &service.methods, &what, flow), answers(), Carrier::Calls)
}

/// Who called these rpcs, and gets what now.
fn calls(pairs: &Pairs<'_>, methods: &[MethodId], what: &str, flow: &mut Flow) -> Impact {
    let mut impact = Vec::new();
    if let Some(&first) = methods.first() {
        let rpc = pairs.baseline.method(first);
        let service = &pairs.baseline.service(rpc.service).full_name;
        let more = if methods.len() > 1 { format!(" and {} more", methods.len() - 1) } else { String::new() };
        let answer = if methods.len() > 1 { "answer" } else { "answers" };
        impact.push((Wire, format!("`/{service}/{}`{more} {answer} UNIMPLEMENTED to old clients", rpc.name)));
    }
    impact.push((Source, format!("generated clients and server traits lose the {what}")));
    let answers = flow.answers(pairs);
    let lost: Vec<(String, String)> = methods.iter().flat_map(|&id| answers.lost(pairs, id)).collect();
    if let Some((route, now)) = lost.first() {
        let others = lost.len() - 1;
        let more = match others {
            0 => String::new(),
            1 => "; 1 more route is lost".to_owned(),
            _ => format!("; {others} more routes are lost"),
        };
        impact.push((Rest, format!("`{route}` gets {now}{more}")));
    }
    if !methods.is_empty() {
        impact.push((Operators, format!("dashboards, alerts and policies that name the {what} go silent")));
    }
    impact
}

fn type_deleted(pairs: &Pairs<'_>, old: Element, noun: &str) -> Deletion {
    let name = pairs.baseline.full_name(old);
    if let Some(now) = pairs.current.find(&name) {
        let file = pairs.current.file(pairs.current.file_of(now));
        let text = format!(
            "`{name}` is in `{}` now: imports and generated modules change, bytes and JSON do not",
            file.path
        );
        return (vec![(Source, text)], Ways::SOURCE, Carrier::Unknown);
    }
    let mut impact = vec![(Source, format!("programs that use the {noun} `{name}` stop compiling"))];
    let mut ways = Ways::SOURCE;
    if let Element::Message(id) = old
        && !pairs.baseline.message(id).is_map_entry
    {
        impact.insert(
            0,
            (Wire, format!("`Any` values with the type URL `type.googleapis.com/{name}` have no reader")),
        );
        ways.old_to_new = true;
    }
    (impact, ways, Carrier::Unknown)
}

fn freed(finding: &Finding, what: &str) -> Impact {
    if finding.message.contains("name") {
        return vec![(Json, format!("a new {what} can take the freed name and then reads old documents"))];
    }
    vec![(Wire, format!("a new {what} can take a freed number and then reads old data with another meaning"))]
}

/// A required field that is gone, or no longer required.
fn required(pairs: &Pairs<'_>, finding: &Finding, old: MessageId) -> Deletion {
    if let Some(Element::Field(_)) = finding.about.current {
        return gained(pairs, finding).unwrap_or((Vec::new(), Ways::BOTH, Carrier::Message(old)));
    }
    let impact = vec![
        (Wire, "old readers refuse messages without the field, which new writers leave out".to_owned()),
        (Json, "old readers refuse documents without it".to_owned()),
    ];
    (impact, Ways { old_to_new: false, new_to_old: true, source: false }, Carrier::Message(old))
}

/// A required field that is new: there is nothing of it in the baseline.
fn gained(pairs: &Pairs<'_>, finding: &Finding) -> Option<Deletion> {
    let (Element::Field(new), "MESSAGE_SAME_REQUIRED_FIELDS") = (finding.about.current?, finding.rule) else {
        return None;
    };
    let field = pairs.current.field(new);
    let parent = &pairs.current.message(field.place.parent?).full_name;
    let impact = vec![
        (
            Wire,
            format!(
                "new readers refuse messages without `{}`: all that old writers sent and stored",
                field.name
            ),
        ),
        (Json, format!("documents without `{}` are refused", field.json_name)),
        (Rest, format!("requests without `{}` are refused", field.json_name)),
    ];
    Some((
        impact,
        Ways { old_to_new: true, new_to_old: false, source: true },
        pairs.baseline.find_message(parent).map_or(Carrier::Unknown, Carrier::Message),
    ))
}
