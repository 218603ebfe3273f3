//! Changes of a field that is still there: type, cardinality, names, oneof, default, and options of languages.

use protogate_schema::model::element::{Cardinality, Field, FieldId, Kind};
use protogate_schema::pair::{Pair, Pairs};

use super::types::{self, Shape};
use super::{Ways, is_container};
use crate::default_value::DefaultValue;
use crate::kind;
use crate::rule::Audience::{self, Json, Rest, Source, Wire};
use crate::witness;

type Impact = Vec<(Audience, String)>;

pub(super) fn of(pairs: &Pairs<'_>, rule: &str, pair: Pair<FieldId>) -> Option<(Impact, Ways)> {
    let sides =
        Sides { pairs, old: pairs.baseline.field(pair.baseline), new: pairs.current.field(pair.current) };
    Some(match rule {
        "FIELD_SAME_TYPE" => sides.type_changed(true, true),
        "FIELD_WIRE_JSON_COMPATIBLE_TYPE" => sides.type_changed(true, false),
        "FIELD_WIRE_COMPATIBLE_TYPE" => sides.type_changed(false, false),
        "FIELD_SAME_CARDINALITY" => sides.cardinality(true, true),
        "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY" => sides.cardinality(true, false),
        "FIELD_WIRE_COMPATIBLE_CARDINALITY" => sides.cardinality(false, false),
        "FIELD_SAME_NAME" => sides.name(),
        "FIELD_SAME_JSON_NAME" => sides.json_name(),
        "FIELD_SAME_ONEOF" => sides.oneof(),
        "FIELD_SAME_DEFAULT" => {
            let value = |schema, id| DefaultValue::of(schema, id).map(|it| it.print());
            let old = value(pairs.baseline, pair.baseline)?;
            let new = value(pairs.current, pair.current)?;
            let text = format!(
                "where `{}` was not sent, old readers see {old} and new readers {new}",
                sides.new.name
            );
            (
                vec![
                    (Wire, text.clone()),
                    (Json, text),
                    (Source, format!("the accessor answers {new} instead of {old}")),
                ],
                Ways::BOTH,
            )
        }
        "FIELD_SAME_UTF8_VALIDATION" => {
            let stricter = sides.new.features.utf8_validation == 2;
            let (text, ways) = if stricter {
                (
                    "new readers refuse a message whose text is no valid UTF-8, which old writers may send",
                    Ways { old_to_new: true, new_to_old: false, source: false },
                )
            } else {
                (
                    "old readers refuse a message whose text is no valid UTF-8, which new writers may send",
                    Ways { old_to_new: false, new_to_old: true, source: false },
                )
            };
            (vec![(Wire, text.to_owned())], ways)
        }
        "FIELD_SAME_JAVA_UTF8_VALIDATION" => (
            vec![(
                Source,
                format!(
                    "Java programs change in whether they refuse `{}` when it is no valid UTF-8",
                    sides.new.name
                ),
            )],
            Ways::SOURCE,
        ),
        "FIELD_SAME_CPP_STRING_TYPE" => (
            vec![(
                Source,
                format!("the C++ accessor `{}()` changes its type", sides.new.name.to_lowercase()),
            )],
            Ways::SOURCE,
        ),
        "FIELD_SAME_JSTYPE" => (
            vec![(
                Source,
                format!(
                    "JavaScript sees `{}` as a string where it was a number, or the other way round",
                    sides.new.json_name
                ),
            )],
            Ways::SOURCE,
        ),
        _ => return None,
    })
}

struct Sides<'a> {
    pairs: &'a Pairs<'a>,
    old: &'a Field,
    new: &'a Field,
}

impl Sides<'_> {
    fn type_name(&self, old: bool) -> String {
        let (schema, field) =
            if old { (self.pairs.baseline, self.old) } else { (self.pairs.current, self.new) };
        kind::type_name(schema, field.kind).unwrap_or_else(|| kind::name(field.kind)).to_owned()
    }

    fn type_changed(&self, json: bool, source: bool) -> (Impact, Ways) {
        let (before, now) = (self.old.kind, self.new.kind);
        let mut impact = Vec::new();
        let (mut to_new, mut to_old) =
            (types::field_bytes(self.old, self.new), types::field_bytes(self.new, self.old));
        if let (Kind::Enum(_), Kind::Enum(_)) = (before, now) {
            let lost = self.lost_values();
            if let Some(lost) = &lost {
                impact.push((Wire, lost.clone()));
            }
        } else if matches!(
            (before, now),
            (Kind::Message(_), Kind::Message(_)) | (Kind::Group(_), Kind::Group(_))
        ) && let Some(difference) = self.shapes_differ()
        {
            impact.push((Wire, difference));
            (to_new, to_old) = (Some(""), Some(""));
        } else if to_new == to_old && to_new == Some(types::DROPPED) {
            let text = format!(
                "the field was {} and is {}: each side drops what the other wrote as an unknown field, stored values included",
                types::laid(self.old),
                types::laid(self.new)
            );
            impact.push((Wire, text));
        } else if let Some(text) = both_ways(to_new, to_old) {
            impact.push((Wire, text));
        }
        let wire = impact.iter().any(|(audience, _)| *audience == Wire);
        if !wire && !source {
            impact.push((
                Wire,
                "compatible on the wire: the bytes of both types are read as each other".to_owned(),
            ));
        }
        let (mut json_new, mut json_old) = (None, None);
        if json {
            (json_new, json_old) = (types::json(before, now), types::json(now, before));
            // A form of its own, such as that of a timestamp, is not known here.
            let special = self.special(true) || self.special(false);
            if let Some(text) = self.containers() {
                impact.push((Json, text));
                (json_new, json_old) = (Some(""), Some(""));
            } else if let (Kind::Enum(_), Kind::Enum(_)) = (before, now) {
                let (new, old) = self.names_refused();
                (json_new, json_old) = (new.as_ref().map(|_| ""), old.as_ref().map(|_| ""));
                impact.extend(both_ways(new.as_deref(), old.as_deref()).map(|text| (Json, text)));
            } else if special {
                let text = "the value is written in another form: an object or one of the forms of its own that well-known types have";
                impact.push((Json, text.to_owned()));
                (json_new, json_old) = (Some(""), Some(""));
            } else if let Some(text) = both_ways(json_new, json_old) {
                impact.push((
                    Json,
                    format!("{} becomes {}: {text}", types::example(before), types::example(now)),
                ));
            } else if types::example(before) != types::example(now) {
                let text = format!(
                    "{} becomes {}; protobuf parsers take both, programs that read JSON by hand may not",
                    types::example(before),
                    types::example(now)
                );
                impact.push((Json, text));
            }
        }
        if source {
            let text = format!(
                "the generated type of `{}` changes from {} to {}; programs that use it stop compiling",
                self.new.name,
                self.type_name(true),
                self.type_name(false)
            );
            impact.push((Source, text));
            if impact.iter().any(|(audience, _)| *audience == Json) {
                impact.push((Rest, "bodies as in JSON; a query parameter or path variable of this name is parsed as the new type".to_owned()));
            }
        }
        let enums = matches!((before, now), (Kind::Enum(_), Kind::Enum(_)));
        let ways = Ways {
            old_to_new: (wire && (to_new.is_some() || enums)) || json_new.is_some(),
            new_to_old: (wire && (to_old.is_some() || enums)) || json_old.is_some(),
            source,
        };
        (impact, ways)
    }

    /// Well-known types have a JSON form of their own.
    fn special(&self, old: bool) -> bool {
        let (schema, field) =
            if old { (self.pairs.baseline, self.old) } else { (self.pairs.current, self.new) };
        matches!(field.kind, Kind::Message(_))
            && self.type_name(old).starts_with("google.protobuf.")
            && schema.find_message(&self.type_name(old)).is_some()
    }

    /// Numbers whose name differs between two enums.
    fn lost_values(&self) -> Option<String> {
        let (Kind::Enum(old), Kind::Enum(new)) = (self.old.kind, self.new.kind) else { return None };
        let (old, new) = (self.pairs.baseline.enumeration(old), self.pairs.current.enumeration(new));
        old.values.iter().map(|&id| self.pairs.baseline.value(id)).find_map(|value| {
            let mut same = new
                .values
                .iter()
                .map(|&id| self.pairs.current.value(id))
                .filter(|it| it.number == value.number);
            match same.next() {
                None => Some(format!(
                    "{} was `{}` and means nothing in `{}`",
                    value.number, value.name, new.full_name
                )),
                Some(now) if now.name != value.name => Some(format!(
                    "{} was `{}` and means `{}` in `{}`",
                    value.number, value.name, now.name, new.full_name
                )),
                Some(_) => None,
            }
        })
    }

    /// What new readers, then old ones, make of a name of the other enum's.
    fn names_refused(&self) -> (Option<String>, Option<String>) {
        let (Kind::Enum(old), Kind::Enum(new)) = (self.old.kind, self.new.kind) else { return (None, None) };
        let values = |schema: &'_ protogate_schema::Schema, id| {
            let values = schema.enumeration(id).values.iter().map(|&id| schema.value(id));
            values.map(|it| (it.number == 0, it.name.clone())).collect::<Vec<_>>()
        };
        let (old, new) = (values(self.pairs.baseline, old), values(self.pairs.current, new));
        let lost = |written: &[(bool, String)], read: &[(bool, String)]| {
            let mut lost: Vec<_> =
                written.iter().filter(|(_, name)| read.iter().all(|(_, it)| it != name)).collect();
            // A zero is often left out of documents.
            lost.sort_by_key(|(is_zero, _)| *is_zero);
            lost.first().map(|(_, name)| format!("refuse {name:?}"))
        };
        (lost(&old, &new), lost(&new, &old))
    }

    /// How the JSON of lists, maps and single values differs; `None` when it does not.
    fn containers(&self) -> Option<String> {
        let shown = |field: &Field| match field.cardinality {
            Cardinality::Repeated => "a list",
            Cardinality::Map => "an object",
            _ => "a single value",
        };
        let (before, now) = (shown(self.old), shown(self.new));
        (before != now).then(|| format!("{before} becomes {now}: each side refuses the other's"))
    }

    /// Whether the messages of a list are what the entries of a map are: key in field 1, value in field 2, nothing else.
    fn are_entries(&self) -> bool {
        let fields = |schema: &protogate_schema::Schema, kind| match kind {
            Kind::Message(id) => {
                let fields = schema.message(id).fields.iter().map(|&id| schema.field(id));
                let text = |it: &Field| {
                    let repeated = it.is_list_or_map();
                    (
                        it.number,
                        kind::wire_group(it.kind),
                        repeated,
                        kind::type_name(schema, it.kind).map(str::to_owned),
                    )
                };
                let mut fields: Vec<_> = fields.map(text).collect();
                fields.sort();
                fields
            }
            _ => Vec::new(),
        };
        fields(self.pairs.baseline, self.old.kind) == fields(self.pairs.current, self.new.kind)
    }

    /// The first field in which two messages of different names differ on the wire.
    fn shapes_differ(&self) -> Option<String> {
        let (Kind::Message(old) | Kind::Group(old), Kind::Message(new) | Kind::Group(new)) =
            (self.old.kind, self.new.kind)
        else {
            return None;
        };
        let (old, new) = (self.pairs.baseline.message(old), self.pairs.current.message(new));
        if old.full_name == new.full_name {
            return None;
        }
        old.fields.iter().map(|&id| self.pairs.baseline.field(id)).find_map(|field| {
            let other = new
                .fields
                .iter()
                .map(|&id| self.pairs.current.field(id))
                .find(|it| it.number == field.number);
            match other {
                None => Some(format!(
                    "field {} `{}` of `{}` is unknown to `{}`",
                    field.number, field.name, old.full_name, new.full_name
                )),
                Some(other) if Shape::of(other.kind) != Shape::of(field.kind) => Some(format!(
                    "field {} is {} `{}` in `{}` and {} `{}` in `{}`",
                    field.number,
                    kind::name(field.kind),
                    field.name,
                    old.full_name,
                    kind::name(other.kind),
                    other.name,
                    new.full_name
                )),
                Some(_) => None,
            }
        })
    }

    fn cardinality(&self, json: bool, source: bool) -> (Impact, Ways) {
        use Cardinality::{Explicit, Implicit, Map, Repeated, Required};
        let (before, now) = (self.old.cardinality, self.new.cardinality);
        let name = &self.new.name;
        let mut impact = Vec::new();
        let mut ways = Ways { old_to_new: false, new_to_old: false, source };
        let lists = |cardinality| matches!(cardinality, Repeated | Map);
        let type_changed = kind::wire_group(self.old.kind) != kind::wire_group(self.new.kind);
        match (before, now) {
            _ if lists(before) != lists(now) && type_changed => {
                let to_new = types::field_bytes(self.old, self.new);
                let to_old = types::field_bytes(self.new, self.old);
                impact.extend(both_ways(to_new, to_old).map(|text| (Wire, text)));
                (ways.old_to_new, ways.new_to_old) = (to_new.is_some(), to_old.is_some());
            }
            (Repeated, Explicit | Implicit | Required) | (Explicit | Implicit | Required, Repeated) => {
                let (list, list_is_new) = if now == Repeated { (self.new, true) } else { (self.old, false) };
                let (single, of_list) = if list_is_new { ("old", "new") } else { ("new", "old") };
                let loss = match self.new.kind {
                    Kind::Message(_) | Kind::Group(_) => {
                        "merge the elements of a list into one message that nobody wrote"
                    }
                    _ if witness::is_packed(list) => "drop a packed list as an unknown field",
                    _ => "keep the last element of a list and lose the others",
                };
                let text = format!(
                    "readers of the {single} schema {loss}; those of the {of_list} one read a single value as a list of one"
                );
                impact.push((Wire, text));
                ways.old_to_new = before == Repeated;
                ways.new_to_old = now == Repeated;
            }
            (Map, Explicit | Implicit | Required) | (Explicit | Implicit | Required, Map) => {
                impact.push((
                    Wire,
                    "one side writes entries of key and value where the other expects one message, into which it merges them"
                        .to_owned(),
                ));
                (ways.old_to_new, ways.new_to_old) = (true, true);
            }
            (Map, Repeated) if self.are_entries() => {
                let text = "old readers take elements for entries: of those with the same key only the last is left, and the order is lost";
                impact.push((Wire, text.to_owned()));
                ways.new_to_old = true;
            }
            (Repeated, Map) if self.are_entries() => {
                let text = "new readers take elements for entries: of those with the same key only the last is left, and the order is lost";
                impact.push((Wire, text.to_owned()));
                ways.old_to_new = true;
            }
            (Map, Repeated) | (Repeated, Map) => {
                let text = "entries of key and value are taken for elements, and elements for entries: fields 1 and 2 are read as each other, what else there is is lost";
                impact.push((Wire, text.to_owned()));
                (ways.old_to_new, ways.new_to_old) = (true, true);
            }
            (_, Required) => {
                impact.push((
                    Wire,
                    format!("new readers refuse a message without `{name}`, which old writers may leave out"),
                ));
                ways.old_to_new = true;
            }
            (Required, _) => {
                impact.push((
                    Wire,
                    format!("old readers refuse a message without `{name}`, which new writers may leave out"),
                ));
                ways.new_to_old = true;
            }
            (Explicit, Implicit) if source => {
                impact.push((
                    Wire,
                    format!("new writers leave out a zero that is set in `{name}`: it cannot be told from absence any more"),
                ));
                (ways.old_to_new, ways.new_to_old) = (true, true);
            }
            _ => {}
        }
        if json {
            if let Some(text) = self.containers() {
                impact.push((Json, text));
                (ways.old_to_new, ways.new_to_old) = (true, true);
            } else if before == Required || now == Required {
                impact.push((
                    Json,
                    format!("documents without `{}` are refused by those who require it", self.new.json_name),
                ));
            } else if source && now == Implicit {
                let text = format!(
                    "a zero that was set reads as absent: `{}` is left out of documents then",
                    self.new.json_name
                );
                impact.push((Json, text));
            }
        }
        if source {
            let text = match (before, now) {
                (Explicit, Implicit) => {
                    format!("`has_{name}` and the optional type are gone; absence reads as zero")
                }
                (Implicit, Explicit) => format!("the generated type of `{name}` becomes optional"),
                _ => format!("the generated type of `{name}` changes from {} to {}", word(before), word(now)),
            };
            impact.push((Source, text));
            if is_container(self.old) != is_container(self.new) {
                impact.push((
                    Rest,
                    format!(
                        "the query parameter `{name}` may come {}",
                        if is_container(self.new) { "several times" } else { "only once" }
                    ),
                ));
            }
        }
        (impact, ways)
    }

    fn name(&self) -> (Impact, Ways) {
        let (old, new) = (self.old, self.new);
        if let Some(other) = self.has_name_now() {
            return self.exchanged(other);
        }
        let mut impact = Vec::new();
        let mut ways = Ways::SOURCE;
        if old.is_extension() {
            impact.push((
                Json,
                format!(
                    "the key `[{}]` becomes `[{}]`; the old one is refused",
                    old.full_name, new.full_name
                ),
            ));
            (ways.old_to_new, ways.new_to_old) = (true, true);
        } else if old.json_name != new.json_name {
            impact.push((
                Json,
                format!(
                    "the key `{}` becomes `{}`; the old one is refused, and old readers refuse the new one",
                    old.json_name, new.json_name
                ),
            ));
            (ways.old_to_new, ways.new_to_old) = (true, true);
        } else {
            impact.push((
                Json,
                format!(
                    "the key stays `{}`; only documents that use the field name `{}` are refused",
                    new.json_name, old.name
                ),
            ));
            ways.old_to_new = true;
        }
        impact.push((
            Source,
            format!("programs that use `{}` stop compiling; it is `{}` now", old.name, new.name),
        ));
        if !old.is_extension() {
            impact.push((
                Rest,
                format!("a query parameter, path variable or field mask path `{}` is refused", old.name),
            ));
        }
        (impact, ways)
    }

    /// The other field that has the old name now.
    fn has_name_now(&self) -> Option<&Field> {
        let parent = self.pairs.current.message(self.new.place.parent.filter(|_| !self.new.is_extension())?);
        let mut fields = parent.fields.iter().map(|&id| self.pairs.current.field(id));
        fields.find(|it| it.number != self.new.number && it.name == self.old.name)
    }

    /// The old name is that of another field: nothing is refused, and everybody who goes by the name gets that field.
    fn exchanged(&self, other: &Field) -> (Impact, Ways) {
        let (old, new) = (self.old, self.new);
        let how = if kind::wire_group(old.kind) == kind::wire_group(other.kind)
            && old.is_list_or_map() == other.is_list_or_map()
        {
            "without an error"
        } else {
            "or refused, because its type is another"
        };
        let name = &old.name;
        let impact = vec![
            (
                Json,
                format!(
                    "the key `{}` is field {} now, and field {} is `{}`: a value under the old key is read into the other field, {how}",
                    old.json_name, other.number, new.number, new.json_name
                ),
            ),
            (
                Source,
                format!(
                    "programs that use `{name}` mean field {} now, which is another value in bytes",
                    other.number
                ),
            ),
            (
                Rest,
                format!(
                    "a query parameter, path variable or field mask path `{name}` means field {} now",
                    other.number
                ),
            ),
        ];
        (impact, Ways::BOTH)
    }

    fn json_name(&self) -> (Impact, Ways) {
        if let Some(other) = self.has_name_now() {
            let (mut impact, ways) = self.exchanged(other);
            impact.retain(|(audience, _)| *audience != Source);
            return (impact, Ways { source: false, ..ways });
        }
        let (old, new) = (&self.old.json_name, &self.new.json_name);
        let mut impact = vec![
            (
                Json,
                format!(
                    "answers use the key `{new}`, which old readers refuse; requests that use `{old}` are refused"
                ),
            ),
            (Rest, format!("body members and query parameters are called `{new}` instead of `{old}`")),
        ];
        if self.new.name == *old {
            impact[0].1 = format!(
                "answers use the key `{new}`, which old readers refuse; `{old}` is still read, as the name of the field"
            );
        }
        (impact, Ways { old_to_new: self.new.name != *old, new_to_old: true, source: false })
    }

    fn oneof(&self) -> (Impact, Ways) {
        let name = &self.new.name;
        let real = |schema: &protogate_schema::Schema, field: &Field| {
            let parent = schema.message(field.place.parent?);
            let oneof = parent.oneofs.get(field.oneof? as usize)?;
            (!oneof.synthetic).then(|| (oneof.name.clone(), oneof.fields.len()))
        };
        let old = real(self.pairs.baseline, self.old);
        let new = real(self.pairs.current, self.new);
        let (wire, ways) = match (&old, &new) {
            (None, Some((_, 1))) => (None, Ways::SOURCE),
            (Some((_, 1)), None) => (None, Ways::SOURCE),
            (None, Some((oneof, _))) => (
                Some(format!(
                    "new readers keep only one member of `{oneof}`: `{name}` and another that old writers sent together lose one"
                )),
                Ways::READ_OLD,
            ),
            (Some((oneof, _)), None) => (
                Some(format!(
                    "old readers keep only one member of `{oneof}`: `{name}` and another that new writers send together lose one"
                )),
                Ways { old_to_new: false, new_to_old: true, source: true },
            ),
            _ => (
                Some(
                    "each side clears other members when the field is set, so that values are lost"
                        .to_owned(),
                ),
                Ways::BOTH,
            ),
        };
        let mut impact: Impact = wire.into_iter().map(|text| (Wire, text)).collect();
        if ways != Ways::SOURCE {
            impact.push((
                Json,
                "a document with both members is refused by the side where they share a oneof".to_owned(),
            ));
        }
        let text = match (&old, &new) {
            (_, Some((oneof, _))) => {
                format!("`{name}` is a case of `{oneof}` now: types and accessors change")
            }
            (Some((oneof, _)), None) => {
                format!("`{name}` is no case of `{oneof}` any more: types and accessors change")
            }
            (None, None) => "types and accessors change".to_owned(),
        };
        impact.push((Source, text));
        (impact, ways)
    }
}

/// `new readers x; old readers y`.
fn both_ways(to_new: Option<&str>, to_old: Option<&str>) -> Option<String> {
    match (to_new, to_old) {
        (None, None) => None,
        (Some(new), None) => Some(format!("new readers {new}; old readers are not hurt")),
        (None, Some(old)) => Some(format!("old readers {old}; new readers are not hurt")),
        (Some(new), Some(old)) if new == old => Some(format!("readers {new}, on either side")),
        (Some(new), Some(old)) => Some(format!("new readers {new}; old readers {old}")),
    }
}

fn word(cardinality: Cardinality) -> &'static str {
    match cardinality {
        Cardinality::Repeated => "a list",
        Cardinality::Map => "a map",
        Cardinality::Required => "a required value",
        Cardinality::Explicit => "an optional value",
        Cardinality::Implicit => "a value",
    }
}
