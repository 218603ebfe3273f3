//! Elements as proto text in one spelling, whatever their sources look like: for reading and for comparing line by line.
//!
//! Members are in the order of their numbers, rpcs in that of their names; types have their full names; comments are left out, and so is
//! what only repeats a default. Values of options that are messages are written as JSON.

use std::collections::BTreeMap;

use protogate_schema::Schema;
use protogate_schema::model::element::{
    Cardinality, Element, Enum, EnumId, Field, FieldId, FileId, Kind, MessageId, MethodId, ServiceId, Syntax,
};
use protogate_schema::pair::Pairs;

use crate::declaration;
use crate::difference::{Options, ranges};
use crate::group::Names;

/// One element on both sides: its name and its text, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Name and text in the baseline.
    pub before: Option<(String, String)>,
    /// Name and text in the current schema.
    pub after: Option<(String, String)>,
}

/// The files and top-level types of two schemas whose texts differ, in the order of their present names. A renamed type is one element.
#[must_use]
pub fn texts(current: &Schema, baseline: &Schema) -> Vec<Texts> {
    let names = Names::new(&Pairs::new(current, baseline));
    let mut all: BTreeMap<(String, bool, String), Texts> = BTreeMap::new();
    let empty = || Texts { before: None, after: None };
    for (key, name, text) in Writer::new(baseline).elements() {
        let key = (key.0, key.1, names.now(&key.2));
        all.entry(key).or_insert_with(empty).before = Some((name, text));
    }
    for (key, name, text) in Writer::new(current).elements() {
        all.entry(key).or_insert_with(empty).after = Some((name, text));
    }
    let text = |it: &Option<(String, String)>| it.as_ref().map(|(_, text)| text.clone());
    all.into_values().filter(|it| text(&it.before) != text(&it.after)).collect()
}

struct Writer<'s> {
    schema: &'s Schema,
    options: Options<'s>,
    out: String,
    depth: usize,
}

/// Package, whether it is no file, name.
type Key = (String, bool, String);

impl<'s> Writer<'s> {
    fn new(schema: &'s Schema) -> Self {
        Self { schema, options: Options::new(schema), out: String::new(), depth: 0 }
    }

    /// Key, name and text of each.
    fn elements(mut self) -> Vec<(Key, String, String)> {
        let schema = self.schema;
        let mut found = Vec::new();
        for (id, file) in schema.files().filter(|(_, file)| !file.is_import) {
            self.file(id);
            let path = file.path.clone();
            found.push(((file.package.clone(), false, path.clone()), path, std::mem::take(&mut self.out)));
            let types = file.messages.iter().map(|&id| Element::Message(id));
            let types = types.chain(file.enums.iter().map(|&id| Element::Enum(id)));
            let types = types.chain(file.services.iter().map(|&id| Element::Service(id)));
            for element in types {
                match element {
                    Element::Message(id) => self.message(id),
                    Element::Enum(id) => self.enumeration(id),
                    Element::Service(id) => self.service(id),
                    _ => {}
                }
                let name = schema.full_name(element);
                let key = (file.package.clone(), true, name.clone());
                found.push((key, name, std::mem::take(&mut self.out)));
            }
        }
        found
    }

    fn line(&mut self, text: &str) {
        self.out.extend(std::iter::repeat_n("  ", self.depth));
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn open(&mut self, text: &str) {
        self.line(&format!("{text} {{"));
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.line("}");
    }

    fn option_lines(&mut self, sort: &str, raw: &[u8]) {
        for (_, name, value) in self.options.texts(sort, raw) {
            self.line(&format!("option {name} = {value};"));
        }
    }

    fn file(&mut self, id: FileId) {
        let file = self.schema.file(id);
        self.line(&match file.syntax {
            Syntax::Proto2 => "syntax = \"proto2\";".to_owned(),
            Syntax::Proto3 => "syntax = \"proto3\";".to_owned(),
            Syntax::Edition(number) => format!("edition = \"{number}\";"),
        });
        if !file.package.is_empty() {
            self.line(&format!("package {};", file.package));
        }
        let mut imports: Vec<(&String, bool)> = file
            .imports
            .iter()
            .enumerate()
            .map(|(at, path)| (path, file.public_imports.contains(&(at as u32))))
            .collect();
        imports.sort_unstable();
        for (path, public) in imports {
            self.line(&format!("import {}{path:?};", if public { "public " } else { "" }));
        }
        self.option_lines("FileOptions", &file.raw_options);
        for &field in &file.extensions {
            self.field(field);
        }
    }

    fn message(&mut self, id: MessageId) {
        let schema = self.schema;
        let message = schema.message(id);
        self.open(&format!("message {}", message.name));
        self.option_lines("MessageOptions", &message.raw_options);
        let mut reserved = message.reserved_ranges.clone();
        reserved.sort_by_key(|it| it.start);
        self.reserved(&ranges(&reserved), &message.reserved_names);
        if !message.extension_ranges.is_empty() {
            self.line(&format!("extensions {};", ranges(&message.extension_ranges)));
        }
        for &inner in &message.enums {
            self.enumeration(inner);
        }
        // Groups and maps have a message too, which their field stands for.
        for &inner in message.messages.iter().filter(|&&id| !schema.message(id).is_map_entry) {
            self.message(inner);
        }
        let mut fields = message.fields.clone();
        fields.sort_by_key(|&id| schema.field(id).number);
        let of_oneof = |field: &Field| {
            field.oneof.filter(|&at| message.oneofs.get(at as usize).is_some_and(|it| !it.synthetic))
        };
        let mut written = Vec::new();
        for &id in &fields {
            match of_oneof(schema.field(id)) {
                None => self.field(id),
                Some(at) if written.contains(&at) => {}
                Some(at) => {
                    written.push(at);
                    let oneof = &message.oneofs[at as usize];
                    self.open(&format!("oneof {}", oneof.name));
                    self.option_lines("OneofOptions", &oneof.raw_options);
                    for &id in fields.iter().filter(|&&id| of_oneof(schema.field(id)) == Some(at)) {
                        self.field(id);
                    }
                    self.close();
                }
            }
        }
        for &extension in &message.extensions {
            self.field(extension);
        }
        self.close();
    }

    fn reserved(&mut self, numbers: &str, names: &[String]) {
        if !numbers.is_empty() {
            self.line(&format!("reserved {numbers};"));
        }
        let mut names: Vec<String> = names.iter().map(|it| format!("{it:?}")).collect();
        names.sort_unstable();
        if !names.is_empty() {
            self.line(&format!("reserved {};", names.join(", ")));
        }
    }

    fn field(&mut self, id: FieldId) {
        let field = self.schema.field(id);
        let Some(text) = declaration::text(self.schema, Element::Field(id)) else { return };
        let mut options: Vec<String> = self
            .options
            .texts("FieldOptions", &field.raw_options)
            .into_iter()
            .map(|(_, name, value)| format!("{name} = {value}"))
            .collect();
        if !field.has_derived_json_name() && !field.is_extension() {
            options.push(format!("json_name = {:?}", field.json_name));
        }
        // The presence of a message is no news.
        let plain = match (field.cardinality, field.kind) {
            (Cardinality::Explicit, Kind::Message(_)) => {
                text.strip_prefix("optional ").unwrap_or(&text).to_owned()
            }
            _ => text,
        };
        self.line(&with_options(&plain, &options));
    }

    fn enumeration(&mut self, id: EnumId) {
        let schema = self.schema;
        let it: &Enum = schema.enumeration(id);
        self.open(&format!("enum {}", it.name));
        self.option_lines("EnumOptions", &it.raw_options);
        let mut reserved = it.reserved_ranges.clone();
        reserved.sort_by_key(|it| it.start);
        self.reserved(&ranges(&reserved), &it.reserved_names);
        let mut values = it.values.clone();
        values.sort_by_key(|&id| (schema.value(id).number, schema.value(id).index));
        for id in values {
            let value = schema.value(id);
            let options = self.options.texts("EnumValueOptions", &value.raw_options);
            let options: Vec<String> =
                options.into_iter().map(|(_, name, value)| format!("{name} = {value}")).collect();
            self.line(&with_options(&format!("{} = {};", value.name, value.number), &options));
        }
        self.close();
    }

    fn service(&mut self, id: ServiceId) {
        let schema = self.schema;
        let service = schema.service(id);
        self.open(&format!("service {}", service.name));
        self.option_lines("ServiceOptions", &service.raw_options);
        let mut methods: Vec<MethodId> = service.methods.clone();
        methods.sort_by(|&a, &b| schema.method(a).name.cmp(&schema.method(b).name));
        for id in methods {
            let method = schema.method(id);
            let Some(text) = declaration::text(schema, Element::Method(id)) else { continue };
            if method.raw_options.is_empty() {
                self.line(&text);
            } else {
                self.open(text.trim_end_matches(';'));
                self.option_lines("MethodOptions", &method.raw_options);
                self.close();
            }
        }
        self.close();
    }
}

/// `int64 rev = 2;` with what stands in brackets behind it.
fn with_options(declaration: &str, options: &[String]) -> String {
    if options.is_empty() {
        return declaration.to_owned();
    }
    let options = options.join(", ");
    if let Some(head) = declaration.strip_suffix("];") {
        return format!("{head}, {options}];");
    }
    // An extension on one line ends in a brace as well.
    if let Some(head) = declaration.strip_suffix("; }") {
        if let Some(head) = head.strip_suffix(']') {
            return format!("{head}, {options}]; }}");
        }
        return format!("{head} [{options}]; }}");
    }
    format!("{} [{options}];", declaration.trim_end_matches(';'))
}
