//! What is reserved stays reserved.

use crate::finding::Findings;
use crate::number_ranges::{self, MAX_VALUE};
use crate::position::At;
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::{Element, EnumId};
use protogate_schema::pair::{Pair, Pairs};

pub(super) static RULE: Rule = Rule {
    id: "RESERVED_ENUM_NO_DELETE",
    categories: &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "reserved numbers and names of enums are not deleted",
    breaks: &[
        (Audience::Wire, "a freed number can be used again and then reads old data"),
        (Audience::Json, "a freed name can be used again and then reads old data"),
    ],
    why: "A number or name was reserved because old data and old programs still use it. Only the reservation keeps anyone from giving it a new meaning.",
    help: "put the reservation back",
    bad: r#"  enum Kind {
-   reserved "KIND_RACK";
    KIND_UNSPECIFIED = 0;
  }"#,
    good: r#"  enum Kind {
    reserved "KIND_RACK";
    KIND_UNSPECIFIED = 0;
  }"#,
    check: Check::EnumPair(check),
};

fn check(pairs: &Pairs<'_>, pair: Pair<EnumId>, out: &mut Findings) {
    let (old, new) = (pairs.baseline.enumeration(pair.baseline), pairs.current.enumeration(pair.current));
    let mut report = |message: String, key: String| {
        out.report(At::decl(pairs.current, Element::Enum(pair.current)), &new.full_name, message)
            .against(At::decl(pairs.baseline, Element::Enum(pair.baseline)))
            .key(key);
    };
    for &range in &old.reserved_ranges {
        let missing = number_ranges::missing(range, &new.reserved_ranges);
        if !missing.is_empty() {
            let (range, missing) =
                (number_ranges::print(range, MAX_VALUE), number_ranges::print_all(&missing, MAX_VALUE));
            let message = format!(
                "reserved range {range} of `{}` is not covered any more: missing {missing}",
                new.full_name
            );
            report(message, range);
        }
    }
    for name in old.reserved_names.iter().filter(|name| !new.reserved_names.contains(name)) {
        report(format!("reserved name `{name}` of `{}` was deleted", new.full_name), name.clone());
    }
}
