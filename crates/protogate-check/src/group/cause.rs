//! The cause of each finding: a key that findings of one cause share, how near the finding is to it, and words for renames and moves.

use std::collections::HashSet;

use protogate_schema::model::element::{Cardinality, Element, Field, FieldId, MessageId, Syntax};
use protogate_schema::pair::Pairs;

use super::CONSEQUENCE;
use super::rename::{self, Renames};
use crate::finding::Finding;
use crate::kind;

/// Key, rank and words.
type Found = Option<(String, u8, Option<String>)>;

/// What both schemas say about causes, computed once.
pub(super) struct Causes<'a> {
    pairs: &'a Pairs<'a>,
    renames: Renames,
    /// Packages of the current schema.
    packages: HashSet<&'a str>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(pairs: &'a Pairs<'a>) -> Self {
        let packages = pairs.current.files().map(|(_, file)| file.package.as_str()).collect();
        Self { pairs, renames: Renames::find(pairs), packages }
    }

    pub(super) fn of(&self, finding: &Finding) -> Found {
        let rule = finding.rule;
        let current = finding.about.current;
        match finding.about.baseline? {
            Element::File(old) => {
                let file = self.pairs.baseline.file(old);
                match rule {
                    "FILE_SAME_PACKAGE" | "PACKAGE_NO_DELETE" => {
                        let (key, because) = self.package(&file.package);
                        Some((key, 0, because))
                    }
                    "FILE_NO_DELETE" => {
                        let (key, because) = self.file(Element::File(old));
                        Some((key, 1, because))
                    }
                    "FILE_SAME_SYNTAX" => Some((format!("syntax {}", file.path), 1, None)),
                    _ => None,
                }
            }
            element @ (Element::Message(_) | Element::Enum(_) | Element::Service(_))
                if rule.ends_with("_NO_DELETE")
                    && !rule.starts_with("RESERVED")
                    && rule != "EXTENSION_MESSAGE_NO_DELETE" =>
            {
                if let Element::Message(id) = element
                    && let Some(field) = self.map_of(id)
                {
                    return self.map(field);
                }
                let (key, because, own) = self.gone(element);
                Some((key, if own { 2 } else { CONSEQUENCE }, because))
            }
            Element::Enum(old) if matches!(rule, "ENUM_SAME_TYPE" | "ENUM_SAME_JSON_FORMAT") => {
                self.syntax(Element::Enum(old))
            }
            Element::Message(old) if rule == "MESSAGE_SAME_JSON_FORMAT" => self.syntax(Element::Message(old)),
            Element::Oneof(id, index) if rule == "ONEOF_NO_DELETE" => {
                let message = self.pairs.baseline.message(id);
                Some((
                    format!("oneof {} {}", message.full_name, message.oneofs.get(index as usize)?.name),
                    3,
                    None,
                ))
            }
            Element::Value(old) => {
                // What an annotation of the value says changes by itself; a reason goes with its value.
                if !rule.starts_with("ENUM_VALUE") && rule != "ERROR_REASON_NO_DELETE" {
                    return None;
                }
                let value = self.pairs.baseline.value(old);
                let owner = &self.pairs.baseline.enumeration(value.parent).full_name;
                let key = format!("value {owner} {}", value.number);
                if rule == "ENUM_VALUE_SAME_NAME" {
                    return Some((key, 3, None));
                }
                let because = self.renumbered_value(old);
                Some((key, if rule == "ENUM_VALUE_NO_DELETE" { 3 } else { 4 }, because))
            }
            Element::Method(old) => self.method(rule, old, current),
            Element::Field(old) => self.field(rule, old, current),
            _ => None,
        }
    }

    /// What became of a package.
    fn package(&self, package: &str) -> (String, Option<String>) {
        let types = self.pairs.baseline.messages().map(|(id, it)| (Element::Message(id), &it.full_name));
        let mut of_package = types.filter(|(element, _)| {
            self.pairs.baseline.file(self.pairs.baseline.file_of(*element)).package == package
        });
        let now = of_package.find_map(|(_, name)| {
            let now = self.pairs.current.find(self.renames.of(name)?)?;
            let now = &self.pairs.current.file(self.pairs.current.file_of(now)).package;
            (now != package).then_some(now)
        });
        let because = now.map(|now| format!("package `{package}` looks renamed to `{now}`"));
        (format!("package {package}"), because)
    }

    /// What became of a deleted file.
    fn file(&self, element: Element) -> (String, Option<String>) {
        let id = self.pairs.baseline.file_of(element);
        let file = self.pairs.baseline.file(id);
        if !self.packages.contains(file.package.as_str()) {
            return self.package(&file.package);
        }
        let now = rename::file(self.pairs, &self.renames, id).map(|id| &self.pairs.current.file(id).path);
        let because = now.map(|now| format!("file `{}` looks moved to `{now}`", file.path));
        (format!("file {}", file.path), because)
    }

    /// Why a type is not where it was: key, words, and whether its own deletion stands for the cause.
    fn gone(&self, element: Element) -> (String, Option<String>, bool) {
        let baseline = self.pairs.baseline;
        let name = baseline.full_name(element);
        let file = baseline.file(baseline.file_of(element));
        let now = self.pairs.current.find(&name);
        let to = self.renames.of(&name);
        let same_file = self.pairs.current.find_file(&file.path);
        let repackaged = same_file.is_some_and(|id| self.pairs.current.file(id).package != file.package);
        if now.is_none() && (repackaged || !self.packages.contains(file.package.as_str())) {
            let (key, because) = self.package(&file.package);
            return (key, because, false);
        }
        if same_file.is_none() {
            let (key, because) = self.file(element);
            return (key, because, false);
        }
        if let Some(now) = now {
            let there = &self.pairs.current.file(self.pairs.current.file_of(now)).path;
            let outer = self.outermost(element, |name| self.pairs.current.find(name).is_some());
            let because = format!("`{outer}` moved from `{}` to `{there}`", file.path);
            let own = outer == name;
            return (format!("type {outer}"), Some(because), own);
        }
        let outer = self.outermost(element, |name| self.pairs.current.find(name).is_none());
        let own = outer == name;
        if !own && to.is_none_or(|_| self.renames.of(&outer).is_some()) {
            let because = self.renames.of(&outer).map(|now| format!("`{outer}` looks renamed to `{now}`"));
            return (format!("type {outer}"), because, false);
        }
        let because = to.map(|now| format!("`{name}` looks renamed to `{now}`"));
        (format!("type {name}"), because, true)
    }

    /// The outermost enclosing message that shares a fate, else the type itself.
    fn outermost(&self, element: Element, shares: impl Fn(&str) -> bool) -> String {
        let baseline = self.pairs.baseline;
        let mut found = baseline.full_name(element);
        let mut parent = match element {
            Element::Message(id) => baseline.message(id).place.parent,
            Element::Enum(id) => baseline.enumeration(id).place.parent,
            _ => None,
        };
        while let Some(id) = parent {
            let message = baseline.message(id);
            // A moved type takes along what is in it; what was only beside it in the same message is not moved by it.
            if shares(&message.full_name)
                && (self.pairs.current.find(&message.full_name).is_none() || self.moved(id))
            {
                found.clone_from(&message.full_name);
            }
            parent = message.place.parent;
        }
        found
    }

    fn moved(&self, id: MessageId) -> bool {
        let old = self.pairs.baseline.message(id);
        let now = self
            .pairs
            .current
            .find_message(&old.full_name)
            .map(|id| self.pairs.current.message(id).place.file);
        now.is_some_and(|now| {
            self.pairs.current.file(now).path != self.pairs.baseline.file(old.place.file).path
        })
    }

    /// The map field that an entry message belongs to.
    fn map_of(&self, id: MessageId) -> Option<FieldId> {
        let message = self.pairs.baseline.message(id);
        let parent = message.place.parent.filter(|_| message.is_map_entry)?;
        let fields = &self.pairs.baseline.message(parent).fields;
        fields
            .iter()
            .copied()
            .find(|&it| rename::named(self.pairs.baseline.field(it).kind) == Some(Element::Message(id)))
    }

    /// An entry is gone because its field is: deleted, renamed, or no map any more.
    fn map(&self, field: FieldId) -> Found {
        let old = self.pairs.baseline.field(field);
        let parent = old.place.parent?;
        let Some(now) = self.pairs.message(parent).map(|pair| pair.current) else {
            let (key, because, _) = self.gone(Element::Message(parent));
            return Some((key, CONSEQUENCE, because));
        };
        let fields = self.pairs.current.message(now).fields.iter().map(|&id| self.pairs.current.field(id));
        let what = match fields.clone().find(|it| it.number == old.number) {
            None => "deleted",
            Some(now) if now.cardinality == Cardinality::Map => "name",
            Some(_) => "type",
        };
        Some((self.field_key(field, what)?, CONSEQUENCE, None))
    }

    fn field_key(&self, id: FieldId, what: &str) -> Option<String> {
        let field = self.pairs.baseline.field(id);
        let owner = match &field.extendee {
            Some(extendee) => extendee,
            None => &self.pairs.baseline.message(field.place.parent?).full_name,
        };
        Some(format!("field {owner} {} {what}", field.number))
    }

    /// A change that comes with the dialect of the file, if that changed.
    fn syntax(&self, element: Element) -> Found {
        let id = self.pairs.baseline.file_of(element);
        let pair = self.pairs.file(id)?;
        let (old, new) = (self.pairs.baseline.file(id), self.pairs.current.file(pair.current));
        let name = |syntax: Syntax| match syntax {
            Syntax::Proto2 => "proto2",
            Syntax::Proto3 => "proto3",
            Syntax::Edition(_) => "editions",
        };
        let (before, now) = (name(old.syntax), name(new.syntax));
        (before != now).then(|| {
            let because = format!("`{}` went from {before} to {now}", old.path);
            (format!("syntax {}", old.path), CONSEQUENCE, Some(because))
        })
    }

    fn method(
        &self,
        rule: &str,
        old: protogate_schema::model::element::MethodId,
        current: Option<Element>,
    ) -> Found {
        let before = self.pairs.baseline.method(old);
        let Some(service) = self.pairs.service(before.service) else {
            let (key, because, _) = self.gone(Element::Service(before.service));
            return Some((key, CONSEQUENCE, because));
        };
        let key = format!("rpc {}", before.full_name);
        if self.pairs.method(service, old).is_none() {
            let now =
                rename::method(self.pairs, &self.renames, old).map(|id| &self.pairs.current.method(id).name);
            let because = now.map(|now| format!("rpc `{}` looks renamed to `{now}`", before.name));
            return Some((key, if rule == "RPC_NO_DELETE" { 2 } else { CONSEQUENCE }, because));
        }
        let Element::Method(new) = current? else { return None };
        let now = self.pairs.current.method(new);
        let (before, now) = match rule {
            "RPC_SAME_REQUEST_TYPE" => (before.input, now.input),
            "RPC_SAME_RESPONSE_TYPE" => (before.output, now.output),
            _ => return None,
        };
        self.replaced(Element::Message(before), &self.pairs.current.message(now).full_name)
    }

    /// A type that was renamed to the one that stands in its place now.
    fn replaced(&self, old: Element, new: &str) -> Found {
        let name = self.pairs.baseline.full_name(old);
        (self.renames.of(&name) == Some(new)).then(|| {
            let (key, because, _) = self.gone(old);
            (key, CONSEQUENCE, because)
        })
    }

    fn field(&self, rule: &str, old: FieldId, current: Option<Element>) -> Found {
        let before = self.pairs.baseline.field(old);
        if rule.ends_with("EXTENSION_NO_DELETE") {
            return Some((self.field_key(old, "deleted")?, 2, None));
        }
        if rule.starts_with("FIELD_NO_DELETE") {
            let because = self.renumbered_field(old);
            return Some((
                self.field_key(old, "deleted")?,
                if rule == "FIELD_NO_DELETE" { 3 } else { 4 },
                because,
            ));
        }
        let Element::Field(new) = current? else { return None };
        let now = self.pairs.current.field(new);
        let because = crate::breakage::is_another(self.pairs, old, new).then(|| {
            format!(
                "`{}` looks deleted, and its number {} taken by `{}`",
                before.name, before.number, now.name
            )
        });
        if because.is_some() && matches!(rule, "FIELD_SAME_NAME" | "FIELD_SAME_JSON_NAME") {
            return Some((self.field_key(old, "type")?, CONSEQUENCE, because));
        }
        if matches!(
            rule,
            "FIELD_SAME_TYPE" | "FIELD_WIRE_COMPATIBLE_TYPE" | "FIELD_WIRE_JSON_COMPATIBLE_TYPE"
        ) {
            if let (Some(from), Some(to)) =
                (rename::named(before.kind), kind::type_name(self.pairs.current, now.kind))
            {
                if let Element::Message(entry) = from
                    && self.map_of(entry).is_some()
                    && now.cardinality == Cardinality::Map
                {
                    return Some((self.field_key(old, "name")?, CONSEQUENCE, None));
                }
                if let Some(found) = self.replaced(from, to) {
                    return Some(found);
                }
            }
            let rank = if rule == "FIELD_SAME_TYPE" { 3 } else { 4 };
            return Some((self.field_key(old, "type")?, rank, because));
        }
        match rule {
            "FIELD_SAME_NAME" => Some((self.field_key(old, "name")?, 3, None)),
            "FIELD_SAME_JSON_NAME" => {
                // Given by hand on either side, it is a change of its own.
                let follows = before.name != now.name;
                follows.then_some((self.field_key(old, "name")?, 4, None))
            }
            "FIELD_SAME_CARDINALITY"
            | "FIELD_WIRE_COMPATIBLE_CARDINALITY"
            | "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY" => {
                if rule == "FIELD_SAME_CARDINALITY"
                    && !before.is_list_or_map()
                    && !now.is_list_or_map()
                    && let Some(found) = self.syntax(Element::Field(old))
                {
                    return Some(found);
                }
                if let Some(found) = self.left_oneof(before, now) {
                    return Some(found);
                }
                let own = rule == "FIELD_SAME_CARDINALITY";
                let is_map = |it: &Field| it.cardinality == Cardinality::Map;
                if kind::wire_group(before.kind) != kind::wire_group(now.kind)
                    || is_map(before)
                    || is_map(now)
                {
                    return Some((self.field_key(old, "type")?, CONSEQUENCE, None));
                }
                Some((self.field_key(old, "cardinality")?, if own { 3 } else { 4 }, None))
            }
            "FIELD_SAME_UTF8_VALIDATION" | "FIELD_SAME_JAVA_UTF8_VALIDATION" => {
                self.syntax(Element::Field(old))
            }
            "FIELD_SAME_DEFAULT" | "FIELD_SAME_JSTYPE" | "FIELD_SAME_CPP_STRING_TYPE"
                if kind::wire_group(before.kind) != kind::wire_group(now.kind) =>
            {
                Some((self.field_key(old, "type")?, CONSEQUENCE, None))
            }
            "FIELD_SAME_ONEOF" => {
                let parent = self.pairs.baseline.message(before.place.parent?);
                let oneof = parent.oneofs.get(before.oneof? as usize).filter(|it| !it.synthetic)?;
                Some((format!("oneof {} {}", parent.full_name, oneof.name), CONSEQUENCE, None))
            }
            _ => None,
        }
    }

    /// Fields of a oneof have presence; what leaves one loses it.
    fn left_oneof(&self, before: &Field, now: &Field) -> Found {
        let classes = (before.cardinality, now.cardinality);
        if classes != (Cardinality::Explicit, Cardinality::Implicit) {
            return None;
        }
        let parent = self.pairs.baseline.message(before.place.parent?);
        let oneof = parent.oneofs.get(before.oneof? as usize).filter(|it| !it.synthetic)?;
        Some((format!("oneof {} {}", parent.full_name, oneof.name), CONSEQUENCE, None))
    }

    /// The number that a deleted field has now: the same name, and the same kind of type.
    fn renumbered_field(&self, old: FieldId) -> Option<String> {
        let field = self.pairs.baseline.field(old);
        let parent = self.pairs.message(field.place.parent?)?.current;
        let mut fields =
            self.pairs.current.message(parent).fields.iter().map(|&id| self.pairs.current.field(id));
        let now = fields.find(|it| it.name == field.name).filter(|it| it.number != field.number)?;
        Some(format!("`{}` was renumbered from {} to {}", field.name, field.number, now.number))
    }

    fn renumbered_value(&self, old: protogate_schema::model::element::ValueId) -> Option<String> {
        let value = self.pairs.baseline.value(old);
        let owner = self.pairs.enumeration(value.parent)?.current;
        let mut values =
            self.pairs.current.enumeration(owner).values.iter().map(|&id| self.pairs.current.value(id));
        let now = values.find(|it| it.name == value.name).filter(|it| it.number != value.number)?;
        Some(format!("`{}` was renumbered from {} to {}", value.name, value.number, now.number))
    }
}
