//! Edits as people make them: each changes a draft and says in a few words what it did, or finds nothing to change.
//!
//! An edit need not leave files that compile: the caller looks, and takes another one.

use protogate_schema::model::element::{Cardinality, Element, Kind};

use crate::draft::{Draft, Tree};

type Edit = fn(&mut Draft<'_>) -> Option<String>;

/// All edits. Frequent ones of real life stand more than once.
pub(crate) const EDITS: &[Edit] = &[
    delete_field,
    delete_field,
    delete_and_reserve_field,
    renumber_field,
    rename_field,
    rename_field,
    retype_field,
    retype_field,
    retype_field_to_named,
    change_label,
    change_label,
    add_field,
    add_field_option,
    into_oneof,
    out_of_oneof,
    add_map,
    retype_map,
    add_reserved,
    change_reserved,
    delete_value,
    rename_value,
    renumber_value,
    add_value,
    add_alias,
    reserve_value,
    change_enum_options,
    delete_element,
    delete_element,
    rename_element,
    rename_element,
    change_message_options,
    move_message,
    add_message,
    delete_method,
    rename_method,
    retype_method,
    retype_method,
    stream_method,
    stream_method,
    add_idempotency,
    change_file_option,
    change_file_option,
    add_file_option,
    add_file_option,
    rename_package,
    rename_file,
    delete_file,
    swap_fields,
    add_comment,
    change_default,
];

/// One edit, chosen at random: the new files and what was done.
pub(crate) fn one(mut draft: Draft<'_>) -> Option<(Tree, String)> {
    let index = draft.random.below(EDITS.len());
    let what = EDITS[index](&mut draft)?;
    // We take an `extend` block that declares nothing, the reference does not: `fixtures/language` says why.
    if draft.tree.values().any(|text| has_empty_extend(text)) {
        return None;
    }
    Some((draft.tree, what))
}

fn has_empty_extend(text: &str) -> bool {
    text.match_indices("extend ").any(|(at, _)| {
        let body = text[at..].split_once('{').map_or("", |(_, body)| body);
        body.trim_start().starts_with('}')
    })
}

const SCALARS: [&str; 15] = [
    "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64",
    "sfixed32", "sfixed64", "bool", "string", "bytes",
];

fn name_of(draft: &Draft<'_>, element: Element) -> String {
    draft.schema.full_name(element)
}

fn delete_field(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Field(draft.a_field()?);
    let part = draft.part(element, &[])?;
    draft.replace(&part, "")?;
    Some(format!("delete field {}", name_of(draft, element)))
}

fn delete_and_reserve_field(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let field = draft.schema.field(id);
    let part = draft.part(Element::Field(id), &[])?;
    let by_name = format!("reserved \"{}\";", field.name);
    let by_number = format!("reserved {};", field.number);
    let text = match draft.random.below(3) {
        0 => by_name,
        1 => by_number,
        _ => format!("{by_name} {by_number}"),
    };
    draft.replace(&part, &text)?;
    Some(format!("reserve instead of {}: {text}", field.full_name))
}

fn renumber_field(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let part = draft.part(Element::Field(id), &[3])?;
    let number = 200 + draft.random.below(300);
    draft.replace(&part, &number.to_string())?;
    Some(format!("renumber {} to {number}", draft.schema.field(id).full_name))
}

fn rename_field(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let part = draft.part(Element::Field(id), &[1])?;
    let field = draft.schema.field(id);
    // Case alone, a neighbour's style, or another word: the JSON name may or may not change with it.
    let new = match draft.random.below(3) {
        0 => field.json_name.clone(),
        1 => format!("{}_", field.name),
        _ => format!("other_{}", field.name),
    };
    draft.replace(&part, &new)?;
    Some(format!("rename {} to {new}", field.full_name))
}

fn retype_field(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let element = Element::Field(id);
    let part = draft.part(element, &[5]).or_else(|| draft.part(element, &[6]))?;
    let new = draft.random.pick(&SCALARS)?;
    draft.replace(&part, new)?;
    Some(format!("retype {} to {new}", draft.schema.field(id).full_name))
}

fn retype_field_to_named(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let element = Element::Field(id);
    let target = match draft.random.below(2) {
        0 => Element::Message(draft.a_message()?),
        _ => Element::Enum(draft.an_enum()?),
    };
    let new = format!(".{}", name_of(draft, target));
    let part = draft.part(element, &[6]).or_else(|| draft.part(element, &[5]))?;
    draft.replace(&part, &new)?;
    Some(format!("retype {} to {new}", draft.schema.field(id).full_name))
}

fn change_label(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let element = Element::Field(id);
    let new = draft.random.pick(&["", "optional", "repeated", "required"])?;
    match draft.part(element, &[4]) {
        Some(part) => draft.replace(&part, new)?,
        None => {
            let mut part = draft.part(element, &[])?;
            part.end = part.start;
            draft.replace(&part, &format!("{new} "))?;
        }
    }
    Some(format!("label of {}: `{new}`", draft.schema.field(id).full_name))
}

fn add_field(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_message()?;
    let part = draft.part(Element::Message(id), &[])?;
    let number = 500 + draft.random.below(400);
    let scalar = draft.random.pick(&SCALARS)?;
    let label = draft.random.pick(&["", "optional ", "repeated ", "required "])?;
    draft.insert_inside(&part, &format!("\n  {label}{scalar} added_{number} = {number};\n"), true)?;
    Some(format!("add {label}{scalar} {number} to {}", draft.schema.message(id).full_name))
}

fn add_field_option(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let option = draft.random.pick(&[
        "deprecated = true",
        "json_name = \"anotherName\"",
        "json_name = \"another_name\"",
        "jstype = JS_STRING",
        "jstype = JS_NUMBER",
        "ctype = CORD",
        "ctype = STRING_PIECE",
        "packed = true",
        "packed = false",
        "lazy = true",
    ])?;
    draft.add_option(Element::Field(id), option)?;
    Some(format!("{option} on {}", draft.schema.field(id).full_name))
}

fn into_oneof(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let part = draft.part(Element::Field(id), &[])?;
    let text = draft.text(&part);
    draft.replace(&part, &format!("oneof choice_of_{} {{ {text} }}", draft.schema.field(id).name))?;
    Some(format!("{} into a oneof", draft.schema.field(id).full_name))
}

fn out_of_oneof(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let field = draft.schema.field(id);
    let (index, message) = (field.oneof?, field.place.parent?);
    let part = draft.part(Element::Field(id), &[])?;
    let text = draft.text(&part);
    let body = draft.part(Element::Message(message), &[])?;
    if draft.random.below(3) == 0 {
        // Another name for the whole oneof.
        let name = draft.part(Element::Oneof(message, index), &[1])?;
        draft.replace(&name, "renamed_choice")?;
        return Some(format!("rename the oneof of {}", field.full_name));
    }
    // The end of the body first: the earlier part keeps its offsets.
    draft.insert_inside(&body, &format!("\n  {text}\n"), true)?;
    draft.replace(&part, "")?;
    Some(format!("{} out of its oneof", field.full_name))
}

fn add_map(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_message()?;
    let part = draft.part(Element::Message(id), &[])?;
    let number = 900 + draft.random.below(90);
    let value = draft.random.pick(&SCALARS)?;
    draft.insert_inside(&part, &format!("\n  map<string, {value}> mapped_{number} = {number};\n"), true)?;
    Some(format!("add a map of {value} to {}", draft.schema.message(id).full_name))
}

fn retype_map(draft: &mut Draft<'_>) -> Option<String> {
    let maps: Vec<_> = draft
        .schema
        .fields()
        .filter(|(_, field)| field.cardinality == Cardinality::Map)
        .map(|(id, _)| id)
        .collect();
    let id = draft.random.pick(&maps)?;
    let part = draft.part(Element::Field(id), &[6])?;
    let key = draft.random.pick(&["int32", "int64", "uint32", "string", "bool", "sint32", "fixed64"])?;
    let value = draft.random.pick(&SCALARS)?;
    draft.replace(&part, &format!("map<{key}, {value}>"))?;
    Some(format!("{} is map<{key}, {value}>", draft.schema.field(id).full_name))
}

fn add_reserved(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_message()?;
    let part = draft.part(Element::Message(id), &[])?;
    let start = 1000 + draft.random.below(1000);
    let text = match draft.random.below(4) {
        0 => format!("reserved {start};"),
        1 => format!("reserved {start} to {};", start + draft.random.below(50)),
        2 => format!("reserved {start} to max;"),
        _ => format!("reserved {start}, {} to {}; reserved \"gone_{start}\";", start + 2, start + 9),
    };
    let at_end = draft.coin();
    draft.insert_inside(&part, &format!("\n  {text}\n"), at_end)?;
    Some(format!("{text} in {}", draft.schema.message(id).full_name))
}

fn change_reserved(draft: &mut Draft<'_>) -> Option<String> {
    let reserving: Vec<_> = draft
        .schema
        .messages()
        .filter(|(_, message)| !message.reserved_ranges.is_empty() || !message.reserved_names.is_empty())
        .map(|(id, _)| Element::Message(id))
        .chain(
            draft
                .schema
                .enums()
                .filter(|(_, it)| !it.reserved_ranges.is_empty() || !it.reserved_names.is_empty())
                .map(|(id, _)| Element::Enum(id)),
        )
        .collect();
    let element = draft.random.pick(&reserving)?;
    let whole = draft.part(element, &[])?;
    let text = draft.text(&whole);
    let at = text.find("reserved ")?;
    let end = at + text[at..].find(';')? + 1;
    let statement = &text[at..end];
    let new = match draft.random.below(3) {
        0 => String::new(),
        1 => statement.replacen("reserved ", "reserved 19, ", 1),
        _ => {
            let mut items: Vec<&str> = statement["reserved ".len()..statement.len() - 1].split(',').collect();
            items.pop();
            if items.is_empty() { String::new() } else { format!("reserved {};", items.join(",")) }
        }
    };
    let new_text = format!("{}{new}{}", &text[..at], &text[end..]);
    draft.replace(&whole, &new_text)?;
    Some(format!("`{statement}` of {} becomes `{new}`", name_of(draft, element)))
}

fn delete_value(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Value(draft.a_value()?);
    let part = draft.part(element, &[])?;
    draft.replace(&part, "")?;
    Some(format!("delete value {}", name_of(draft, element)))
}

fn reserve_value(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_value()?;
    let value = draft.schema.value(id);
    let part = draft.part(Element::Value(id), &[])?;
    let text = match draft.random.below(3) {
        0 => format!("reserved {};", value.number),
        1 => format!("reserved \"{}\";", value.name),
        _ => format!("reserved {}; reserved \"{}\";", value.number, value.name),
    };
    draft.replace(&part, &text)?;
    Some(format!("{text} instead of {}", name_of(draft, Element::Value(id))))
}

fn rename_value(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_value()?;
    let part = draft.part(Element::Value(id), &[1])?;
    let new = format!("{}_X", draft.schema.value(id).name);
    draft.replace(&part, &new)?;
    Some(format!("rename value {} to {new}", name_of(draft, Element::Value(id))))
}

fn renumber_value(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_value()?;
    let part = draft.part(Element::Value(id), &[2])?;
    let number = draft.random.below(200);
    draft.replace(&part, &number.to_string())?;
    Some(format!("renumber value {} to {number}", name_of(draft, Element::Value(id))))
}

fn add_value(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.an_enum()?;
    let part = draft.part(Element::Enum(id), &[])?;
    let number = 300 + draft.random.below(300);
    draft.insert_inside(&part, &format!("\n  ADDED_VALUE_{number} = {number};\n"), true)?;
    Some(format!("add value {number} to {}", draft.schema.enumeration(id).full_name))
}

fn add_alias(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.an_enum()?;
    let found = draft.schema.enumeration(id);
    let part = draft.part(Element::Enum(id), &[])?;
    let numbers: Vec<i32> = found.values.iter().map(|value| draft.schema.value(*value).number).collect();
    let number = draft.random.pick(&numbers)?;
    let text = format!("\n  ALIAS_OF_{} = {number};\n", number.unsigned_abs());
    draft.insert_inside(&part, &text, true)?;
    draft.insert_inside(&part, "\n  option allow_alias = true;\n", false)?;
    Some(format!("alias of {number} in {}", found.full_name))
}

fn change_enum_options(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.an_enum()?;
    let part = draft.part(Element::Enum(id), &[])?;
    draft.insert_inside(&part, "\n  option deprecated = true;\n", false)?;
    Some(format!("deprecate {}", draft.schema.enumeration(id).full_name))
}

fn an_element(draft: &mut Draft<'_>) -> Option<Element> {
    Some(match draft.random.below(8) {
        0..4 => Element::Message(draft.a_message()?),
        4..7 => Element::Enum(draft.an_enum()?),
        _ => Element::Service(draft.a_service()?),
    })
}

fn delete_element(draft: &mut Draft<'_>) -> Option<String> {
    let element = an_element(draft)?;
    let part = draft.part(element, &[])?;
    let name = name_of(draft, element);
    let short = name.rsplit('.').next()?.to_owned();
    draft.replace(&part, "")?;
    // Whoever used the type uses another one from now on.
    match element {
        Element::Message(_) if draft.coin() => draft.replace_word(&short, ".google.protobuf.Struct"),
        Element::Enum(_) if draft.coin() => draft.replace_word(&short, "int32"),
        _ => {}
    }
    Some(format!("delete {name}"))
}

fn rename_element(draft: &mut Draft<'_>) -> Option<String> {
    let element = an_element(draft)?;
    let name = name_of(draft, element);
    let short = name.rsplit('.').next()?.to_owned();
    draft.replace_word(&short, &format!("{short}Renamed"));
    Some(format!("rename {name}"))
}

fn change_message_options(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_message()?;
    let part = draft.part(Element::Message(id), &[])?;
    let option = draft.random.pick(&[
        "option deprecated = true;",
        "option no_standard_descriptor_accessor = true;",
        "option no_standard_descriptor_accessor = false;",
        "extensions 4000 to 4010;",
        "extensions 4000 to max;",
    ])?;
    draft.insert_inside(&part, &format!("\n  {option}\n"), false)?;
    Some(format!("{option} in {}", draft.schema.message(id).full_name))
}

fn move_message(draft: &mut Draft<'_>) -> Option<String> {
    let element = match draft.random.below(2) {
        0 => Element::Message(draft.a_message()?),
        _ => Element::Enum(draft.an_enum()?),
    };
    let part = draft.part(element, &[])?;
    let text = draft.text(&part);
    let target = draft.a_file()?;
    if target == part.file {
        return None;
    }
    draft.replace(&part, "")?;
    let file = draft.tree.get_mut(&target)?;
    file.push_str(&format!("\n{text}\n"));
    let source = draft.tree.get_mut(&part.file)?;
    let import = format!("import \"{target}\";");
    if !source.contains(&import) {
        let at = source.find("\nimport ").or_else(|| source.find("\npackage "))? + 1;
        source.insert_str(at, &format!("{import}\n"));
    }
    Some(format!("move {} to {target}", name_of(draft, element)))
}

fn add_message(draft: &mut Draft<'_>) -> Option<String> {
    let target = draft.a_file()?;
    let number = draft.random.below(1000);
    let text = match draft.random.below(3) {
        0 => format!("\nmessage Added{number} {{ string name = 1; }}\n"),
        1 => format!("\nenum Added{number} {{ ADDED{number}_UNSPECIFIED = 0; }}\n"),
        _ => format!("\nservice Added{number} {{ }}\n"),
    };
    draft.tree.get_mut(&target)?.push_str(&text);
    Some(format!("add to {target}: {}", text.trim()))
}

fn delete_method(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Method(draft.a_method()?);
    let part = draft.part(element, &[])?;
    draft.replace(&part, "")?;
    Some(format!("delete rpc {}", name_of(draft, element)))
}

fn rename_method(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Method(draft.a_method()?);
    let part = draft.part(element, &[1])?;
    let new = format!("{}Again", draft.text(&part));
    draft.replace(&part, &new)?;
    Some(format!("rename rpc {} to {new}", name_of(draft, element)))
}

fn retype_method(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Method(draft.a_method()?);
    let suffix = draft.random.pick(&[2, 3])?;
    let part = draft.part(element, &[suffix])?;
    let target = Element::Message(draft.a_message()?);
    let new = format!(".{}", name_of(draft, target));
    draft.replace(&part, &new)?;
    Some(format!("part {suffix} of rpc {} is {new}", name_of(draft, element)))
}

fn stream_method(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Method(draft.a_method()?);
    let (flag, kind) = draft.random.pick(&[(5, 2), (6, 3)])?;
    match draft.part(element, &[flag]) {
        Some(part) => draft.replace(&part, "")?,
        None => {
            let mut part = draft.part(element, &[kind])?;
            part.end = part.start;
            draft.replace(&part, "stream ")?;
        }
    }
    Some(format!("stream {flag} of rpc {}", name_of(draft, element)))
}

fn add_idempotency(draft: &mut Draft<'_>) -> Option<String> {
    let element = Element::Method(draft.a_method()?);
    let part = draft.part(element, &[])?;
    let level = draft.random.pick(&["NO_SIDE_EFFECTS", "IDEMPOTENT", "IDEMPOTENCY_UNKNOWN"])?;
    let option = format!(" option idempotency_level = {level}; ");
    if draft.text(&part).contains('{') {
        draft.insert_inside(&part, &option, false)?;
    } else {
        let text = draft.text(&part);
        draft.replace(&part, &format!("{} {{{option}}}", text.trim_end_matches(';')))?;
    }
    Some(format!("{level} on rpc {}", name_of(draft, element)))
}

fn change_file_option(draft: &mut Draft<'_>) -> Option<String> {
    let path = draft.a_file()?;
    let text = draft.tree.get_mut(&path)?;
    let starts: Vec<usize> = text.match_indices("\noption ").map(|(at, _)| at + 1).collect();
    let start = draft.random.pick(&starts)?;
    let end = start + text[start..].find(';')? + 1;
    let statement = text[start..end].to_owned();
    let new = match draft.random.below(3) {
        0 => String::new(),
        1 => statement.replacen('"', "\"x", 1),
        _ if statement.contains("true") => statement.replace("true", "false"),
        _ => statement.replace("false", "true"),
    };
    draft.tree.get_mut(&path)?.replace_range(start..end, &new);
    Some(format!("{path}: `{statement}` becomes `{new}`"))
}

fn add_file_option(draft: &mut Draft<'_>) -> Option<String> {
    let path = draft.a_file()?;
    let option = draft.random.pick(&[
        "option cc_enable_arenas = false;",
        "option cc_enable_arenas = true;",
        "option cc_generic_services = true;",
        "option java_generic_services = true;",
        "option py_generic_services = true;",
        "option java_string_check_utf8 = true;",
        "option java_string_check_utf8 = false;",
        "option optimize_for = CODE_SIZE;",
        "option optimize_for = SPEED;",
        "option optimize_for = LITE_RUNTIME;",
        "option php_class_prefix = \"Px\";",
        "option php_metadata_namespace = \"Meta\";",
        "option swift_prefix = \"SW\";",
        "option objc_class_prefix = \"OC\";",
        "option csharp_namespace = \"Some.Where\";",
        "option ruby_package = \"Some::Where\";",
        "option java_outer_classname = \"SomeProto\";",
        "option deprecated = true;",
    ])?;
    let text = draft.tree.get_mut(&path)?;
    let at = text.find("\npackage ")? + 1;
    let end = at + text[at..].find(';')? + 1;
    text.insert_str(end, &format!("\n{option}"));
    Some(format!("{path}: {option}"))
}

fn rename_package(draft: &mut Draft<'_>) -> Option<String> {
    let path = draft.a_file()?;
    let part = draft.part_at(&path, &[2])?;
    let old = draft.text(&part);
    let new = old.replacen(';', "next;", 1);
    draft.replace(&part, &new)?;
    Some(format!("{path}: {new}"))
}

fn rename_file(draft: &mut Draft<'_>) -> Option<String> {
    let path = draft.a_file()?;
    let new = path.replace(".proto", "_moved.proto");
    let text = draft.tree.remove(&path)?;
    draft.tree.insert(new.clone(), text);
    for text in draft.tree.values_mut() {
        *text = text.replace(&format!("\"{path}\""), &format!("\"{new}\""));
    }
    Some(format!("rename {path}"))
}

fn delete_file(draft: &mut Draft<'_>) -> Option<String> {
    let path = draft.a_file()?;
    draft.tree.remove(&path)?;
    Some(format!("delete {path}"))
}

fn swap_fields(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let parent = draft.schema.field(id).place.parent?;
    let fields = &draft.schema.message(parent).fields;
    let index = fields.iter().position(|it| *it == id)?;
    let (first, second) = (fields.get(index)?, fields.get(index + 1)?);
    let first = draft.part(Element::Field(*first), &[])?;
    let second = draft.part(Element::Field(*second), &[])?;
    if first.end > second.start {
        return None;
    }
    let (one, other) = (draft.text(&first), draft.text(&second));
    draft.replace(&second, &one)?;
    draft.replace(&first, &other)?;
    Some(format!("swap {} with its neighbour", draft.schema.field(id).full_name))
}

fn add_comment(draft: &mut Draft<'_>) -> Option<String> {
    let element = an_element(draft)?;
    let mut part = draft.part(element, &[])?;
    part.end = part.start;
    // The comment has its own last line: before a declaration on the same line it is that declaration's for protoc and for us, and
    // nobody's for the reference checker.
    draft.replace(&part, "/* moved\n   down */\n")?;
    Some(format!("comment before {}", name_of(draft, element)))
}

fn change_default(draft: &mut Draft<'_>) -> Option<String> {
    let id = draft.a_field()?;
    let field = draft.schema.field(id);
    let value = match field.kind {
        Kind::String | Kind::Bytes => "\"text\"".to_owned(),
        Kind::Bool => draft.random.pick(&["true", "false"])?.to_owned(),
        Kind::Double | Kind::Float => draft.random.pick(&["0", "-0.0", "1.5", "inf", "nan"])?.to_owned(),
        Kind::Enum(id) => {
            let values = &draft.schema.enumeration(id).values;
            draft.schema.value(draft.random.pick(values)?).name.clone()
        }
        Kind::Message(_) | Kind::Group(_) => return None,
        _ => draft.random.below(3).to_string(),
    };
    draft.add_option(Element::Field(id), &format!("default = {value}"))?;
    Some(format!("default of {}: {value}", field.full_name))
}
