//! Strings and bytes keep their C++ type.

use crate::cardinality;
use crate::finding::Findings;
use crate::language_features;
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use crate::subject;
use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FieldId, Kind, Syntax};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "FIELD_SAME_CPP_STRING_TYPE",
    categories: &["FILE", "PACKAGE"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "fields keep their C++ string type",
    breaks: &[(Audience::Source, "generated C++ accessors change type")],
    why: "The option `ctype`, and in editions `features.(pb.cpp).string_type`, chooses the C++ type of a string: `std::string`, `absl::Cord` or a view. Programs that hold one do not compile with another.",
    help: "keep the option",
    bad: r#"-   string text = 2 [ctype = CORD];
+   string text = 2;"#,
    good: "    string text = 2 [ctype = CORD];",
    check: Check::FieldPair(check),
};

/// Number of the extension `pb.cpp` of `FeatureSet`, and of `string_type` in it.
const CPP: u32 = 1000;
const STRING_TYPE: u32 = 2;
/// From this edition on (2024) `ctype` is gone and a string is a view unless told otherwise.
const EDITION_2024: i32 = 1001;

fn check(pairs: &Pairs<'_>, pair: Pair<FieldId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.field(pair.baseline), pairs.current.field(pair.current));
    let text = |kind: Kind| matches!(kind, Kind::String | Kind::Bytes);
    if !text(old.kind) || !text(new.kind) {
        return;
    }
    let (before, now) =
        (string_type(pairs.baseline, pair.baseline), string_type(pairs.current, pair.current));
    let loosened = (before, now) == ("STRING_PIECE", "STRING");
    if before == now || loosened || cardinality::in_two_map_entries(pairs, pair) {
        return;
    }
    let element = Element::Field(pair.current);
    let at = At::option(pairs.current, element, &[8, 1], 2)
        .or_else(|| At::option(pairs.current, element, &[8, 21, CPP as i32, STRING_TYPE as i32], 2))
        .unwrap_or_else(|| At::decl(pairs.current, element));
    let subject = subject::field(pairs.current, pair.current);
    out.report(at, &new.full_name, format!("{subject} changed its C++ string type: {before} -> {now}"))
        .against(At::decl(pairs.baseline, Element::Field(pair.baseline)))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(format!("{before}->{now}"));
}

fn string_type(schema: &Schema, id: FieldId) -> &'static str {
    let field = schema.field(id);
    let views = matches!(schema.file(field.place.file).syntax, Syntax::Edition(EDITION_2024..));
    let ctype = field.options.as_ref().and_then(|options| options.ctype).filter(|_| !views);
    match ctype {
        Some(1) => return "CORD",
        Some(2) => return "STRING_PIECE",
        Some(_) => return "STRING",
        None => {}
    }
    match language_features::resolve(schema, id, CPP, STRING_TYPE) {
        Some(1) => "VIEW",
        Some(2) => "CORD",
        Some(3) => "STRING",
        _ if views => "VIEW",
        _ => "STRING",
    }
}
