//! Runs every case of `fixtures/schema` (format in its README): loads it and compares the diagnostics or the model with what is
//! expected.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fmt::Write as _;
use std::path::PathBuf;

use protogate_fixture::{Case, cases};
use protogate_schema::load::{Image, Stream};
use protogate_schema::model::element::{Element, EnumId, FieldId, Kind, MessageId};
use protogate_schema::model::span::Span;
use protogate_schema::{Error, Input, Schema, load};

#[test]
fn every_case() {
    let differences: Vec<_> = cases("schema")
        .iter()
        .filter_map(|case| case.compare("expected.txt", &run(case)).err().map(|it| format!("{it:#}")))
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn cases_reach_every_phase() {
    let names: Vec<_> = cases("schema").into_iter().map(|it| it.name).collect();
    for prefix in ["good_", "parse_", "import_", "link_", "config_"] {
        assert!(names.iter().any(|it| it.starts_with(prefix)), "no case {prefix}*");
    }
}

fn run(case: &Case) -> String {
    let input = if case.has("input.txt") {
        match Input::parse(case.read("input.txt").trim()).unwrap() {
            Input::ProtoFile(path) => Input::ProtoFile(case.dir.join(path)),
            Input::Image(Image { from: Stream::File(path), .. }) => {
                Input::Image(Image::binary(case.dir.join(path)))
            }
            other => other,
        }
    } else {
        Input::Directory(case.dir.clone())
    };
    let mut text = match load::load(&input) {
        Ok(schema) => dump(&schema),
        Err(error) => render(&error),
    };
    // Paths are as typed, and the test types the whole way to the case; a project that is found around a file has a real path.
    for dir in [case.dir.clone(), std::fs::canonicalize(&case.dir).unwrap()] {
        let dir: PathBuf = dir.components().collect();
        text = text.replace(&format!("{}/", dir.display()), "").replace(&dir.display().to_string(), ".");
    }
    text
}

fn place(span: Span) -> String {
    format!("{}:{}-{}:{}", span.start_line, span.start_column, span.end_line, span.end_column)
}

fn render(error: &Error) -> String {
    let mut out = format!("{:?}\n", error.kind());
    let marked = |path: &str, span: Span| error.source_text(path).map(|text| slice(text, span));
    for it in error.diagnostics() {
        let path = it.path.as_deref().unwrap_or("-");
        let span = it.span.map(place).unwrap_or_default();
        writeln!(out, "{path}:{span}: {}", it.message).unwrap();
        if let Some(marked) = it.span.and_then(|span| marked(path, span)) {
            writeln!(out, "    | {marked}").unwrap();
        }
        if let Some(label) = &it.label {
            writeln!(out, "    label: {label}").unwrap();
        }
        for other in &it.related {
            let marked = marked(&other.path, other.span).unwrap_or_default();
            writeln!(out, "    also: {}:{}: {} | {marked}", other.path, place(other.span), other.label)
                .unwrap();
        }
        if let Some(help) = &it.help {
            writeln!(out, "    help: {help}").unwrap();
        }
    }
    out
}

/// The text of a span; only its first line.
fn slice(text: &str, span: Span) -> String {
    let line = text.lines().nth(span.start_line as usize - 1).unwrap_or("");
    let start = (span.start_column as usize - 1).min(line.len());
    let same_line = span.end_line == span.start_line;
    let end = if same_line { (span.end_column as usize - 1).min(line.len()) } else { line.len() };
    let marked = line.get(start..end);
    marked.map_or_else(|| "not on a character boundary".to_owned(), |it| it.chars().take(60).collect())
}

fn dump(schema: &Schema) -> String {
    let mut out = String::new();
    for (id, file) in schema.files().filter(|(_, it)| !it.is_import) {
        let shown = schema.origin().display_path(&file.path);
        writeln!(out, "file {} at {shown} package `{}` {:?}", file.path, file.package, file.syntax).unwrap();
        writeln!(out, "  imports {}", file.imports.join(" ")).unwrap();
        writeln!(out, "  options [{}]", raw(&file.raw_options)).unwrap();
        for path in [[12], [2]] {
            if let Some(it) = schema.comments_at(id, &path) {
                writeln!(out, "  comments of {path:?}: {:?} {:?}", it.detached, it.leading).unwrap();
            }
        }
        file.messages.iter().for_each(|&it| message(schema, it, 1, &mut out));
        file.enums.iter().for_each(|&it| enumeration(schema, it, 1, &mut out));
        file.extensions.iter().for_each(|&it| field(schema, it, 1, &mut out));
        for &service in &file.services {
            let it = schema.service(service);
            let text = format!("service {}", it.full_name);
            line(schema, Element::Service(service), 1, &text, &it.raw_options, &mut out);
            for &method in &it.methods {
                rpc(schema, method, &mut out);
            }
        }
    }
    let imports: Vec<_> =
        schema.files().filter(|(_, it)| it.is_import).map(|(_, it)| it.path.as_str()).collect();
    writeln!(out, "imported {}", imports.join(" ")).unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read: Vec<_> = load::inputs_read(schema).files().iter().map(name).collect();
    writeln!(out, "read {}", read.join(" ")).unwrap();
    writeln!(out, "searched {} folders", load::inputs_read(schema).directories().len()).unwrap();
    out
}

fn rpc(schema: &Schema, id: protogate_schema::model::element::MethodId, out: &mut String) {
    let it = schema.method(id);
    let stream = |on: bool| if on { "stream " } else { "" };
    let text = format!(
        "rpc {}({}{}) returns ({}{})",
        it.full_name,
        stream(it.client_streaming),
        schema.message(it.input).full_name,
        stream(it.server_streaming),
        schema.message(it.output).full_name
    );
    line(schema, Element::Method(id), 2, &text, &it.raw_options, out);
    for binding in schema.bindings(id) {
        writeln!(out, "      {binding:?}").unwrap();
    }
    if !it.raw_options.is_empty() {
        writeln!(out, "      {:?}", schema.policy(id)).unwrap();
    }
}

fn message(schema: &Schema, id: MessageId, depth: usize, out: &mut String) {
    let it = schema.message(id);
    line(schema, Element::Message(id), depth, &format!("message {}", it.full_name), &it.raw_options, out);
    it.fields.iter().for_each(|&it| field(schema, it, depth + 1, out));
    for (index, oneof) in it.oneofs.iter().enumerate() {
        let text = format!("oneof {}{}", oneof.name, if oneof.synthetic { " (synthetic)" } else { "" });
        line(schema, Element::Oneof(id, index as u32), depth + 1, &text, &oneof.raw_options, out);
    }
    it.messages.iter().for_each(|&it| message(schema, it, depth + 1, out));
    it.enums.iter().for_each(|&it| enumeration(schema, it, depth + 1, out));
    it.extensions.iter().for_each(|&it| field(schema, it, depth + 1, out));
    for (what, ranges) in [("reserved", &it.reserved_ranges), ("extensions", &it.extension_ranges)] {
        for range in ranges {
            writeln!(out, "{}{what} {} to {}", "  ".repeat(depth + 1), range.start, range.end).unwrap();
        }
    }
    if !it.reserved_names.is_empty() {
        writeln!(out, "{}reserved {:?}", "  ".repeat(depth + 1), it.reserved_names).unwrap();
    }
}

fn field(schema: &Schema, id: FieldId, depth: usize, out: &mut String) {
    let it = schema.field(id);
    let kind = match it.kind {
        Kind::Message(id) => format!("message {}", schema.message(id).full_name),
        Kind::Group(id) => format!("group {}", schema.message(id).full_name),
        Kind::Enum(id) => format!("enum {}", schema.enumeration(id).full_name),
        other => format!("{other:?}"),
    };
    let mut text =
        format!("{} {} {kind} {:?} json={}", it.number, it.full_name, it.cardinality, it.json_name);
    if let Some(value) = &it.default_value {
        write!(text, " default={value:?}").unwrap();
    }
    if let Some(extendee) = &it.extendee {
        write!(text, " extends {extendee}").unwrap();
    }
    line(schema, Element::Field(id), depth, &text, &it.raw_options, out);
    // The places of the options that have one of their own.
    let path = schema.path_of(Element::Field(id));
    for number in [3_i32, 1052, 50001, 60430] {
        for suffix in [&[][..], &[0], &[1]] {
            let option = [path.as_slice(), &[8, number], suffix].concat();
            if let Some(span) = schema.span_at(it.place.file, &option) {
                let text = schema.source(&schema.file(it.place.file).path).map_or("", |it| it);
                let (indent, option) = ("  ".repeat(depth + 1), &option[path.len()..]);
                writeln!(out, "{indent}option {option:?} {} | {}", place(span), slice(text, span)).unwrap();
            }
        }
    }
}

fn enumeration(schema: &Schema, id: EnumId, depth: usize, out: &mut String) {
    let it = schema.enumeration(id);
    line(schema, Element::Enum(id), depth, &format!("enum {}", it.full_name), &it.raw_options, out);
    for &value in &it.values {
        let it = schema.value(value);
        let text = format!("{} = {}", it.name, it.number);
        line(schema, Element::Value(value), depth + 1, &text, &it.raw_options, out);
    }
    for range in &it.reserved_ranges {
        writeln!(out, "{}reserved {} to {}", "  ".repeat(depth + 1), range.start, range.end).unwrap();
    }
}

fn line(schema: &Schema, element: Element, depth: usize, text: &str, options: &[u8], out: &mut String) {
    write!(out, "{}{text}", "  ".repeat(depth)).unwrap();
    if let Some(span) = schema.span(element) {
        write!(out, " @{}", place(span)).unwrap();
    }
    if !options.is_empty() {
        write!(out, " [{}]", raw(options)).unwrap();
    }
    if let Some(comments) = schema.comments(element) {
        for (what, comment) in [("#", &comments.leading), ("#>", &comments.trailing)] {
            if !comment.is_empty() {
                write!(out, " {what} {comment:?}").unwrap();
            }
        }
    }
    out.push('\n');
}

/// Encoded fields by number: varints in decimal, bytes as text if they are printable, else as a message in braces, else in hex.
fn raw(bytes: &[u8]) -> String {
    fields(bytes).map_or_else(|| bytes.iter().map(|it| format!("{it:02x}")).collect(), |it| it.join(", "))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn fields(mut bytes: &[u8]) -> Option<Vec<String>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => varint(&mut bytes)?.to_string(),
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (inside, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                match std::str::from_utf8(inside) {
                    Ok(text) if !text.contains(char::is_control) => format!("{text:?}"),
                    _ => format!("{{{}}}", raw(inside)),
                }
            }
            _ => return None,
        };
        if key >> 3 == 0 {
            return None;
        }
        out.push(format!("{} = {value}", key >> 3));
    }
    Some(out)
}
