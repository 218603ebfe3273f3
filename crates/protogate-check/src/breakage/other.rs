//! Changes of rpcs, enums, messages and files that are still there.

use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::Pairs;

use crate::finding::{Finding, Side};
use crate::rule::Audience::{self, Json, Operators, Rest, Source, Wire};
use crate::rules;

type Impact = Vec<(Audience, String)>;

const CALLS: [Side; 3] = [Side::OldClientNewServer, Side::NewClientOldServer, Side::Rebuild];

pub(super) fn of(pairs: &Pairs<'_>, finding: &Finding) -> Option<(Impact, Vec<Side>)> {
    let about = finding.about;
    if let Some(Element::Method(old)) = about.baseline
        && finding.rule.starts_with("RPC_SAME_")
    {
        let new = match about.current? {
            Element::Method(new) => new,
            // The option was removed: only the file is known.
            _ => old_method_now(pairs, old)?,
        };
        return rpc(pairs, finding.rule, old, new);
    }
    match (finding.rule, about.baseline?) {
        ("ENUM_SAME_TYPE", Element::Enum(old)) => {
            let was_open = pairs.baseline.enumeration(old).features.enum_type != 2;
            let name = &pairs.baseline.enumeration(old).name;
            let (who, was, is) = if was_open { ("new", "open", "closed") } else { ("old", "open", "closed") };
            let wire = format!("{who} readers put numbers that `{name}` does not declare aside as unknown fields; where it is {was} they are kept");
            let source = if was_open {
                format!("`{name}` is {is} now: generated types change from a number to a fixed set")
            } else {
                format!("`{name}` is {was} now: programs meet values that no case handles")
            };
            Some((vec![(Wire, wire), (Source, source)], vec![Side::OldClientNewServer, Side::NewClientOldServer, Side::StoredData, Side::Rebuild]))
        }
        ("ENUM_VALUE_SAME_NAME", Element::Value(old)) => {
            let value = pairs.baseline.value(old);
            let now = pairs.enumeration(value.parent).and_then(|pair| {
                let mut values = pairs.current.enumeration(pair.current).values.iter().map(|&id| pairs.current.value(id));
                values.find(|it| it.number == value.number).map(|it| it.name.clone())
            })?;
            let impact = vec![
                (Json, format!("{:?} is refused by new readers, {now:?} by old ones; stored documents hold the old name", value.name)),
                (Source, format!("programs that use `{}` stop compiling; it is `{now}` now", value.name)),
                (Rest, format!("{:?} is refused in query parameters and bodies", value.name)),
            ];
            Some((impact, vec![Side::OldClientNewServer, Side::NewClientOldServer, Side::StoredData, Side::Rebuild]))
        }
        ("MESSAGE_SAME_JSON_FORMAT" | "ENUM_SAME_JSON_FORMAT", element) => {
            let name = pairs.baseline.full_name(element);
            let text = format!("compilers no longer look for names of `{name}` that are the same in JSON, and parsers may refuse its JSON");
            Some((vec![(Json, text)], CALLS.to_vec()))
        }
        ("MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR", Element::Message(old)) => {
            let name = &pairs.baseline.message(old).name;
            Some((vec![(Source, format!("`{name}::descriptor()` is gone from generated C++"))], vec![Side::Rebuild]))
        }
        ("FILE_SAME_PACKAGE", Element::File(old)) => {
            let file = pairs.baseline.file(old);
            let now = about.current.map(|it| pairs.current.file(pairs.current.file_of(it)).package.clone()).unwrap_or_default();
            let mut impact = Vec::new();
            let mut sides = vec![Side::Rebuild];
            if let Some(&service) = file.services.first() {
                let name = &pairs.baseline.service(service).full_name;
                impact.push((Wire, format!("calls of `/{name}/…` answer UNIMPLEMENTED, and so do those of new clients to old servers")));
                impact.push((Operators, format!("dashboards, alerts and policies that name `{name}` go silent")));
                sides.splice(0..0, [Side::OldClientNewServer, Side::NewClientOldServer]);
            }
            if !file.messages.is_empty() {
                impact.insert(0, (Wire, format!("`Any` values name their types by `{}.`, which nobody knows in `{now}`", file.package)));
                sides.insert(sides.len() - 1, Side::StoredData);
            }
            impact.push((Source, format!("every generated name moves from `{}` to `{now}`", file.package)));
            Some((impact, sides))
        }
        ("FILE_SAME_SYNTAX", Element::File(_)) => Some((
            vec![(Source, "presence, enums, defaults and strings are generated otherwise; each field that changes on the wire is reported by itself".to_owned())],
            vec![Side::Rebuild],
        )),
        (rule, Element::File(_)) if rule.starts_with("FILE_SAME_") => {
            let (_, how) = rules::find(rule)?.breaks.first()?;
            let change = finding.message.rsplit_once(" changed: ").map_or("", |(_, change)| change);
            Some((vec![(Source, format!("{how}: {change}"))], vec![Side::Rebuild]))
        }
        _ => None,
    }
}

fn old_method_now(pairs: &Pairs<'_>, old: MethodId) -> Option<MethodId> {
    let service = pairs.service(pairs.baseline.method(old).service)?;
    pairs.method(service, old).map(|pair| pair.current)
}

fn rpc(pairs: &Pairs<'_>, rule: &str, old: MethodId, new: MethodId) -> Option<(Impact, Vec<Side>)> {
    let (before, now) = (pairs.baseline.method(old), pairs.current.method(new));
    let name = &now.name;
    let route = pairs.current.bindings(new).into_iter().next();
    let route = |text: String| {
        route.as_ref().map(|it| (Rest, format!("`{} {}`: {text}", it.http_method, it.template)))
    };
    let mut impact = Vec::new();
    match rule {
        "RPC_SAME_REQUEST_TYPE" | "RPC_SAME_RESPONSE_TYPE" => {
            let request = rule == "RPC_SAME_REQUEST_TYPE";
            let (old, new) = if request { (before.input, now.input) } else { (before.output, now.output) };
            let (old, new) = (&pairs.baseline.message(old).full_name, &pairs.current.message(new).full_name);
            let (writer, reader, what) = if request {
                ("old clients", "new servers", "request")
            } else {
                ("new servers", "old clients", "response")
            };
            let (written, read) = if request { (old, new) } else { (new, old) };
            impact.push((Wire, format!("{writer} send `{written}`, which {reader} read as `{read}`: fields of one number are taken for each other")));
            impact.push((Json, format!("the {what} has the members of `{new}`; others are refused")));
            impact.push((Source, format!("the signature of `{name}` changes from `{old}` to `{new}`")));
            impact.extend(route(format!("the {what} is `{new}`")));
        }
        "RPC_SAME_CLIENT_STREAMING" | "RPC_SAME_SERVER_STREAMING" => {
            let client = rule == "RPC_SAME_CLIENT_STREAMING";
            let streams = if client { now.client_streaming } else { now.server_streaming };
            let what = if client { "request" } else { "response" };
            let wire = if streams {
                format!("a peer with the old schema takes one {what} and fails on the second, or on none")
            } else {
                format!(
                    "a peer with the old schema goes on after the first {what}, or sends none, and the call fails"
                )
            };
            impact.push((Wire, wire));
            impact.push((
                Source,
                format!(
                    "the signature of `{name}` changes to {}",
                    if streams { "a stream" } else { "one message" }
                ),
            ));
            impact.extend(route(format!(
                "the {what} changes to {}",
                if streams { "a stream of documents" } else { "one document" }
            )));
        }
        "RPC_SAME_IDEMPOTENCY_LEVEL" => {
            let level = |level: Option<i32>| level.unwrap_or(0);
            let (was, is) = (level(before.options.idempotency_level), level(now.options.idempotency_level));
            let text = match (was, is) {
                (1, _) => format!(
                    "clients and proxies built before send `{name}` by GET and cache it as free of side effects, which it is not any more"
                ),
                (_, 0) => format!("clients built before retry `{name}`, which may not be repeated any more"),
                _ => format!(
                    "clients built now repeat `{name}` against old servers, which do not promise that it may be"
                ),
            };
            impact.push((Wire, text));
            if was == 1 {
                impact.push((Rest, "Connect calls by GET are refused".to_owned()));
            }
            return Some((impact, vec![Side::OldClientNewServer, Side::NewClientOldServer]));
        }
        _ => return None,
    }
    Some((impact, CALLS.to_vec()))
}
