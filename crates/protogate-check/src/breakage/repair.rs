//! Repairs that can be written down: reserve what was deleted, give a number or a name back, keep a field and add the new one beside it.
//!
//! Only where the current source is at hand: an edit needs a text to apply to.

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, MessageId, ValueId};
use protogate_schema::model::span::Span;
use protogate_schema::pair::Pairs;

use crate::finding::Finding;
use crate::fix::{Edit, Fix};
use crate::kind;
use crate::position::{NAME, TYPE, TYPE_NAME};

/// Path continuation of a field's number.
const NUMBER: &[i32] = &[3];
/// Path continuation of a field's `json_name`.
const JSON_NAME: &[i32] = &[10];
/// Path continuation of an enum value's number.
const VALUE_NUMBER: &[i32] = &[2];

pub(super) fn of(pairs: &Pairs<'_>, finding: &Finding) -> Option<Fix> {
    let current = finding.about.current?;
    match (finding.rule, finding.about.baseline?, current) {
        (rule, Element::Field(old), Element::Message(message)) if rule.starts_with("FIELD_NO_DELETE") => {
            let field = pairs.baseline.field(old);
            let message_now = pairs.current.message(message);
            if message_now.is_map_entry {
                return None;
            }
            if let Some(fix) = number_back(pairs, old, message) {
                return Some(fix);
            }
            let number = (!message_now.reserved_ranges.iter().any(|it| it.contains(field.number)))
                .then_some(field.number);
            let taken = message_now.fields.iter().any(|&id| pairs.current.field(id).name == field.name);
            let name =
                (!taken && !message_now.reserved_names.contains(&field.name)).then_some(field.name.as_str());
            reserve(pairs.current, current, number, name.as_slice())
        }
        (rule, Element::Value(old), Element::Enum(id)) if rule.starts_with("ENUM_VALUE_NO_DELETE") => {
            let value = pairs.baseline.value(old);
            let now = pairs.current.enumeration(id);
            let number =
                (!now.reserved_ranges.iter().any(|it| it.contains(value.number))).then_some(value.number);
            let same_name = |id: &ValueId| pairs.current.value(*id).name == value.name;
            if let Some(&there) = now.values.iter().find(|id| same_name(id)) {
                let text = pairs.current.value(there).number.to_string();
                let back = value.number.to_string();
                let edit = replace(pairs.current, Element::Value(there), VALUE_NUMBER, &text, &back)?;
                let title = format!("give `{}` the number {} back", value.name, value.number);
                return Some(Fix { title, safe: true, edits: vec![edit] });
            }
            // All names of the number went with it.
            let aliases = &pairs.baseline.enumeration(value.parent).values;
            let names: Vec<&str> = aliases
                .iter()
                .map(|&id| pairs.baseline.value(id))
                .filter(|it| it.number == value.number && !now.reserved_names.contains(&it.name))
                .filter(|it| now.values.iter().all(|&id| pairs.current.value(id).name != it.name))
                .map(|it| it.name.as_str())
                .collect();
            reserve(pairs.current, current, number, &names)
        }
        // Only a number of its own helps a field that took another's: one repair for all that is seen of it.
        (
            "FIELD_SAME_JSON_NAME" | "FIELD_SAME_NAME" | "FIELD_SAME_TYPE",
            Element::Field(old),
            Element::Field(new),
        ) if super::is_another(pairs, old, new) => own_number(pairs, old, new),
        ("FIELD_SAME_JSON_NAME", Element::Field(old), Element::Field(new)) => json_name_back(pairs, old, new),
        ("FIELD_SAME_TYPE", Element::Field(old), Element::Field(new)) => beside(pairs, old, new),
        ("FIELD_SAME_NAME", Element::Field(old), Element::Field(new)) => {
            let (before, now) = (pairs.baseline.field(old), pairs.current.field(new));
            let parent = now.place.parent?;
            let taken = pairs
                .current
                .message(parent)
                .fields
                .iter()
                .any(|&id| pairs.current.field(id).name == before.name);
            if now.is_extension() || taken {
                return None;
            }
            let edit = replace(pairs.current, current, NAME, &now.name, &before.name)?;
            Some(Fix { title: format!("call it `{}` again", before.name), safe: false, edits: vec![edit] })
        }
        _ => None,
    }
}

/// A field that is still there by name, under another number: the old one again.
fn number_back(pairs: &Pairs<'_>, old: FieldId, message: MessageId) -> Option<Fix> {
    let before = pairs.baseline.field(old);
    let mut fields = pairs.current.message(message).fields.iter().copied();
    let now = fields.find(|&id| pairs.current.field(id).name == before.name)?;
    let number = pairs.current.field(now).number.to_string();
    let edit = replace(pairs.current, Element::Field(now), NUMBER, &number, &before.number.to_string())?;
    let title = format!("give `{}` the number {} back", before.name, before.number);
    // The new number was never promised, or it would have a finding of its own.
    Some(Fix { title, safe: true, edits: vec![edit] })
}

/// The name that JSON knew the field by, as an option. Writers and readers of the new name lose nothing that was promised.
fn json_name_back(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Fix> {
    let (schema, before) = (pairs.current, &pairs.baseline.field(old).json_name);
    let field = schema.field(new);
    let parent = field.place.parent.filter(|_| !field.is_extension())?;
    let others = schema.message(parent).fields.iter().filter(|&&id| id != new).map(|&id| schema.field(id));
    // JSON readers take either name of a field.
    let taken = others.into_iter().any(|it| it.json_name == *before || it.name == *before);
    if taken || !before.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let title = format!("keep the JSON name `{before}`");
    let path = &schema.file(field.place.file).path;
    let number = schema.span_of(Element::Field(new), NUMBER)?;
    let line = schema.source(path)?.lines().nth(number.end_line as usize - 1)?;
    let rest = line.get(number.end_column as usize - 1..)?;
    let gap = (rest.len() - rest.trim_start().len()) as u32;
    let option = format!("json_name = \"{before}\"");
    let edit = match rest.trim_start().chars().next()? {
        ';' => Edit {
            path: path.clone(),
            span: empty(number.end_line, number.end_column),
            text: format!(" [{option}]"),
        },
        '[' => match written_json_name(rest, &field.json_name) {
            Some((from, to)) => Edit {
                path: path.clone(),
                span: Span {
                    start_line: number.end_line,
                    start_column: number.end_column + from,
                    end_line: number.end_line,
                    end_column: number.end_column + to,
                },
                text: option,
            },
            // On a line further down, perhaps: two of them would not compile.
            None if schema.span_of(Element::Field(new), JSON_NAME).is_some() => return None,
            None => Edit {
                path: path.clone(),
                span: empty(number.end_line, number.end_column + gap + 1),
                text: format!("{option}, "),
            },
        },
        _ => return None,
    };
    Some(Fix { title, safe: true, edits: vec![edit] })
}

/// Where `json_name = "x"` stands in the options behind a number: bytes from the number's end.
fn written_json_name(rest: &str, name: &str) -> Option<(u32, u32)> {
    let from = rest.find("json_name")?;
    let value = rest[from + "json_name".len()..].trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let end = value[1..].strip_prefix(name)?.strip_prefix(quote)?;
    Some((from as u32, (rest.len() - end.len()) as u32))
}

/// A `reserved` statement at the head of a message or an enum.
fn reserve(schema: &Schema, element: Element, number: Option<i32>, names: &[&str]) -> Option<Fix> {
    // Names are identifiers in editions.
    let file = schema.file(schema.file_of(element));
    let quoted = |name: &str| match file.syntax {
        protogate_schema::model::element::Syntax::Edition(_) => name.to_owned(),
        _ => format!("\"{name}\""),
    };
    let statements: Vec<String> = number
        .map(|number| format!("reserved {number};"))
        .into_iter()
        .chain((!names.is_empty()).then(|| {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            format!("reserved {};", names.join(", "))
        }))
        .collect();
    let what: Vec<String> = number
        .map(|number| number.to_string())
        .into_iter()
        .chain(names.iter().map(|name| format!("`{name}`")))
        .collect();
    if statements.is_empty() {
        return None;
    }
    let title = format!(
        "reserve {}, so that nothing else takes {}",
        what.join(" and "),
        if what.len() > 1 { "them" } else { "it" }
    );
    let edit = at_head(schema, element, &statements)?;
    Some(Fix { title, safe: true, edits: vec![edit] })
}

/// An insertion after the opening brace of a declaration.
fn at_head(schema: &Schema, element: Element, statements: &[String]) -> Option<Edit> {
    let path = &schema.file(schema.file_of(element)).path;
    let source = schema.source(path)?;
    let name = schema.span_of(element, NAME)?;
    let lines: Vec<&str> = source.lines().skip(name.end_line as usize - 1).take(8).collect();
    let mut line = name.end_line;
    let mut from = name.end_column as usize - 1;
    for text in lines {
        let rest = text.get(from..)?;
        if let Some(brace) = rest.find('{') {
            if rest[..brace].contains("//") {
                return None;
            }
            let after = from + brace + 1;
            let alone = text.get(after..)?.trim().is_empty();
            let indent: String = text.chars().take_while(|c| c.is_whitespace()).collect();
            return Some(if alone {
                let written = statements.iter().map(|it| format!("{indent}  {it}\n"));
                Edit { path: path.clone(), span: empty(line + 1, 1), text: written.collect() }
            } else {
                let text = statements.iter().map(|it| format!(" {it}")).collect();
                Edit { path: path.clone(), span: empty(line, after as u32 + 1), text }
            });
        }
        if !rest.trim().is_empty() {
            return None;
        }
        (line, from) = (line + 1, 0);
    }
    None
}

fn empty(line: u32, column: u32) -> Span {
    Span { start_line: line, start_column: column, end_line: line, end_column: column }
}

/// The old type back in its place, and the new one in a field of its own.
fn beside(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Fix> {
    let (before, now) = (pairs.baseline.field(old), pairs.current.field(new));
    let parent = now.place.parent?;
    if now.is_extension()
        || now.is_list_or_map()
        || before.is_list_or_map()
        || pairs.current.message(parent).is_map_entry
        || now.oneof.is_some()
    {
        return None;
    }
    let element = Element::Field(new);
    let path = &pairs.current.file(now.place.file).path;
    let source = pairs.current.source(path)?;
    let decl = pairs.current.span(element)?;
    let suffix = if kind::type_name(pairs.current, now.kind).is_none() { TYPE } else { TYPE_NAME };
    let token = pairs.current.span_of(element, suffix).filter(|it| it.start_line == it.end_line)?;
    let line = source.lines().nth(decl.start_line as usize - 1)?;
    let written = line.get(token.start_column as usize - 1..token.end_column as usize - 1)?;
    let rest = source.lines().nth(decl.end_line as usize - 1)?.get(decl.end_column as usize - 1..)?;
    if decl.start_line != decl.end_line
        || !rest.trim().is_empty()
        || line.get(..decl.start_column as usize - 1).is_none_or(|it| !it.trim().is_empty())
    {
        return None;
    }
    let was = match kind::type_name(pairs.baseline, before.kind) {
        // Gone, or written as it can be from anywhere.
        Some(name) => {
            pairs.current.find(name)?;
            format!(".{name}")
        }
        None if kind::name(before.kind) == "group" => return None,
        None => kind::name(before.kind).to_owned(),
    };
    let number = free_number(pairs.current, parent)?;
    let mut name = format!("new_{}", now.name);
    while pairs.current.message(parent).fields.iter().any(|&id| pairs.current.field(id).name == name) {
        name.insert_str(0, "new_");
    }
    let indent = line.get(..decl.start_column as usize - 1)?;
    let label = if line.trim_start().starts_with("optional ") { "optional " } else { "" };
    Some(Fix {
        title: format!("keep field {}, add the new one beside it", now.number),
        safe: false,
        edits: vec![
            Edit { path: path.clone(), span: token, text: was },
            Edit {
                path: path.clone(),
                span: empty(decl.end_line, decl.end_column),
                text: format!("\n{indent}{label}{written} {name} = {number};"),
            },
        ],
    })
}

/// Another number for a field that took a deleted one's.
fn own_number(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> Option<Fix> {
    let (before, now) = (pairs.baseline.field(old), pairs.current.field(new));
    let parent = now.place.parent?;
    let number = free_number(pairs.current, parent)?;
    let edit =
        replace(pairs.current, Element::Field(new), NUMBER, &now.number.to_string(), &number.to_string())?;
    // In the same step the old number and name are kept from whoever comes next.
    let reserved =
        reserve(pairs.current, Element::Message(parent), Some(before.number), &[before.name.as_str()])?;
    let title = format!("give `{}` the number {number}, and reserve that of `{}`", now.name, before.name);
    Some(Fix { title, safe: false, edits: reserved.edits.into_iter().chain([edit]).collect() })
}

/// The number after the largest one in use, reserved or set aside for extensions.
fn free_number(schema: &Schema, message: MessageId) -> Option<i32> {
    let message = schema.message(message);
    let used = |number: i32| {
        message.fields.iter().any(|&id| schema.field(id).number == number)
            || message.reserved_ranges.iter().chain(&message.extension_ranges).any(|it| it.contains(number))
            || (19_000..20_000).contains(&number)
    };
    let largest = message.fields.iter().map(|&id| schema.field(id).number).max()?;
    (largest.checked_add(1)?..=536_870_911).take(2_000).find(|&it| !used(it))
}

/// The replacement of a token, if it stands there as expected.
fn replace(schema: &Schema, element: Element, part: &[i32], expected: &str, text: &str) -> Option<Edit> {
    let path = &schema.file(schema.file_of(element)).path;
    let span = schema.span_of(element, part)?;
    let line = schema.source(path)?.lines().nth(span.start_line as usize - 1)?;
    let written = line.get(span.start_column as usize - 1..span.end_column as usize - 1)?;
    (span.start_line == span.end_line && written == expected).then(|| Edit {
        path: path.clone(),
        span,
        text: text.to_owned(),
    })
}
