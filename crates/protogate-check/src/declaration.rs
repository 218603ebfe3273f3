//! A declaration on one line, written from the model: what a code frame shows of a baseline that has no source text.
//!
//! Descriptor sets keep places but not texts. Only what fits a line is written (fields, values, rpcs), in one spelling whatever the
//! source's was, with full type names and without options other than the default. Messages, enums and services have bodies, of which
//! their name, which the finding says already, is the only part that would fit.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Element, Field, Kind, MethodId, Syntax};

use crate::difference::Options;
use crate::kind;

/// `int64 rev = 2;`, `KIND_RACK = 1;` or `rpc Get(acme.v1.GetRequest) returns (acme.v1.Device);`.
pub(crate) fn text(schema: &Schema, element: Element) -> Option<String> {
    match element {
        Element::Field(id) => {
            let field = schema.field(id);
            let text = field_text(schema, field);
            Some(match &field.extendee {
                Some(extendee) => format!("extend {extendee} {{ {text} }}"),
                None => text,
            })
        }
        Element::Value(id) => {
            let value = schema.value(id);
            Some(format!("{} = {};", value.name, value.number))
        }
        Element::Method(id) => Some(method_text(schema, id)),
        Element::File(_)
        | Element::Message(_)
        | Element::Oneof(..)
        | Element::Enum(_)
        | Element::Service(_) => None,
    }
}

/// The same with one of its options, by number: what a finding about an annotation is about.
pub(crate) fn with_option(schema: &Schema, element: Element, text: &str, number: i32) -> String {
    let (sort, raw) = match element {
        Element::Field(id) => ("FieldOptions", &schema.field(id).raw_options),
        Element::Value(id) => ("EnumValueOptions", &schema.value(id).raw_options),
        Element::Method(id) => ("MethodOptions", &schema.method(id).raw_options),
        _ => return text.to_owned(),
    };
    let options = Options::new(schema).texts(sort, raw);
    let Some((_, name, value)) = options.into_iter().find(|(it, ..)| i64::from(*it) == i64::from(number))
    else {
        return text.to_owned();
    };
    let bare = text.trim_end_matches(';');
    match element {
        Element::Method(_) => format!("{bare} {{ option {name} = {value}; }}"),
        Element::Field(_) if text.ends_with('}') => format!("{text} with {name} = {value}"),
        _ => match bare.strip_suffix(']') {
            Some(head) => format!("{head}, {name} = {value}];"),
            None => format!("{bare} [{name} = {value}];"),
        },
    }
}

fn field_text(schema: &Schema, field: &Field) -> String {
    let label = label(schema, field);
    let default = match (&field.default_value, field.kind) {
        (None, _) => String::new(),
        (Some(text), Kind::String) => format!(" [default = {text:?}]"),
        // The descriptor holds bytes with their escapes.
        (Some(text), Kind::Bytes) => format!(" [default = \"{text}\"]"),
        (Some(text), _) => format!(" [default = {text}]"),
    };
    format!("{label}{} {} = {}{default};", type_text(schema, field), name(schema, field), field.number)
}

/// A group is declared by the name of its message; its field is named after that.
fn name<'s>(schema: &'s Schema, field: &'s Field) -> &'s str {
    match field.kind {
        Kind::Group(id) if is_proto2(schema, field) => &schema.message(id).name,
        _ => &field.name,
    }
}

fn is_proto2(schema: &Schema, field: &Field) -> bool {
    schema.file(field.place.file).syntax == Syntax::Proto2
}

fn label(schema: &Schema, field: &Field) -> &'static str {
    let oneof = field
        .oneof
        .zip(field.place.parent)
        .and_then(|(index, parent)| schema.message(parent).oneofs.get(index as usize));
    match field.cardinality {
        Cardinality::Repeated => "repeated ",
        Cardinality::Required if is_proto2(schema, field) => "required ",
        Cardinality::Explicit => match oneof {
            Some(oneof) if oneof.synthetic => "optional ",
            None if is_proto2(schema, field) => "optional ",
            _ => "",
        },
        Cardinality::Map | Cardinality::Required | Cardinality::Implicit => "",
    }
}

fn type_text(schema: &Schema, field: &Field) -> String {
    match field.kind {
        Kind::Group(_) if is_proto2(schema, field) => "group".to_owned(),
        Kind::Message(id) if field.cardinality == Cardinality::Map => {
            let entry = schema.message(id).fields.iter().map(|&id| type_text(schema, schema.field(id)));
            format!("map<{}>", entry.collect::<Vec<_>>().join(", "))
        }
        other => kind::type_name(schema, other).unwrap_or_else(|| kind::name(other)).to_owned(),
    }
}

fn method_text(schema: &Schema, id: MethodId) -> String {
    let method = schema.method(id);
    let stream = |streams: bool| if streams { "stream " } else { "" };
    format!(
        "rpc {}({}{}) returns ({}{});",
        method.name,
        stream(method.client_streaming),
        schema.message(method.input).full_name,
        stream(method.server_streaming),
        schema.message(method.output).full_name,
    )
}

#[cfg(test)]
mod tests {
    use protogate_schema::Schema;
    use protogate_schema::compile::{Source, compile};

    use super::text;

    fn schema(source: &str) -> Schema {
        compile(vec![Source::new("a.proto", source)]).unwrap()
    }

    #[track_caller]
    fn shows(schema: &Schema, name: &str, expected: Option<&str>) {
        let element = schema.find(name).unwrap_or_else(|| panic!("no `{name}`"));
        assert_eq!(text(schema, element).as_deref(), expected, "{name}");
    }

    #[test]
    fn declarations_are_written_as_they_would_be_in_a_source() {
        let proto3 = schema(
            "syntax = \"proto3\"; package a; message M { int64 x=2 [deprecated=true]; optional M m = 3; repeated E e = 4;
             map<string, M> t = 5; oneof o { string s = 6; } } enum E { E_ZERO = 0; E_LESS = -1; }
             service S { rpc Get(M) returns (stream M); }",
        );
        for (name, expected) in [
            ("a.M.x", Some("int64 x = 2;")),
            ("a.M.m", Some("optional a.M m = 3;")),
            ("a.M.e", Some("repeated a.E e = 4;")),
            ("a.M.t", Some("map<string, a.M> t = 5;")),
            ("a.M.s", Some("string s = 6;")),
            ("a.S.Get", Some("rpc Get(a.M) returns (stream a.M);")),
            ("a.E.E_LESS", Some("E_LESS = -1;")),
            ("a.M", None),
        ] {
            shows(&proto3, name, expected);
        }
        let proto2 = schema(
            "syntax = \"proto2\"; package a; message M { required int32 r = 1; optional string s = 2 [default = \"x\\\"y\"];
             optional group G = 3 {} optional bytes b = 4 [default = \"\\001\"]; extensions 100 to 200; }
             extend M { optional E e = 100 [default = TWO]; } enum E { ONE = 1; TWO = 2; }",
        );
        for (name, expected) in [
            ("a.M.r", "required int32 r = 1;"),
            ("a.M.s", "optional string s = 2 [default = \"x\\\"y\"];"),
            ("a.M.g", "optional group G = 3;"),
            ("a.M.b", "optional bytes b = 4 [default = \"\\001\"];"),
            ("a.e", "extend a.M { optional a.E e = 100 [default = TWO]; }"),
        ] {
            shows(&proto2, name, Some(expected));
        }
    }
}
