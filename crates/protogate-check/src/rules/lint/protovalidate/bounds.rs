//! Rules of one value that contradict each other, or that say in two words what one says.

use protogate_schema::model::validation::{Fact, RuleValue, RulesKind, ValueRules};

/// A fault: at which fact, and what is wrong, to be said after the field's name.
pub(super) type Fault<'a> = (&'a Fact, String);

const MAX_DURATION: i128 = 315_576_000_000 * NANOS;
const NANOS: i128 = 1_000_000_000;
/// 0001-01-01 and the end of 9999-12-31.
const FIRST_MOMENT: i128 = -62_135_596_800 * NANOS;
const LAST_MOMENT: i128 = 253_402_300_800 * NANOS - 1;

/// All faults among the rules of one type.
pub(super) fn faults(kind: RulesKind, rules: &ValueRules) -> Vec<Fault<'_>> {
    let mut faults = Vec::new();
    constant(rules, &mut faults);
    ends(rules, &mut faults);
    if matches!(kind, RulesKind::Float | RulesKind::Double) {
        nan(rules, &mut faults);
    }
    for lengths in [["len", "min_len", "max_len"], ["len_bytes", "min_bytes", "max_bytes"]] {
        length(rules, lengths, true, &mut faults);
    }
    length(rules, ["", "min_items", "max_items"], false, &mut faults);
    length(rules, ["", "min_pairs", "max_pairs"], false, &mut faults);
    if kind == RulesKind::String {
        characters(rules, &mut faults);
    }
    affixes(kind, rules, &mut faults);
    times(rules, &mut faults);
    if kind == RulesKind::FieldMask {
        let refused: Vec<&RuleValue> = rules.list("not_in").collect();
        for fact in rules.facts.iter().filter(|it| it.name == "in" && refused.contains(&&it.value)) {
            faults.push((fact, format!("has path {} in both `in` and `not_in`", fact.value)));
        }
    }
    faults
}

fn fact<'a>(rules: &'a ValueRules, name: &str) -> Option<&'a Fact> {
    rules.facts.iter().rev().find(|fact| fact.name == name)
}

fn number(rules: &ValueRules, name: &str) -> Option<i128> {
    match rules.get(name)? {
        RuleValue::Int(value) => Some(*value),
        _ => None,
    }
}

fn constant<'a>(rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    let Some(constant) = fact(rules, "const") else { return };
    if rules.facts.len() > 1 {
        faults.push((constant, "has `const`, so that other rules are not applied".to_owned()));
    }
}

fn ends<'a>(rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    let lower = fact(rules, "gt").or_else(|| fact(rules, "gte"));
    let upper = fact(rules, "lt").or_else(|| fact(rules, "lte"));
    let (Some(lower), Some(upper)) = (lower, upper) else { return };
    if lower.value != upper.value {
        return;
    }
    let what = if lower.name == "gte" && upper.name == "lte" {
        "has equal `gte` and `lte`, which is `const`".to_owned()
    } else {
        format!("has equal `{}` and `{}`, which refuse every value", lower.name, upper.name)
    };
    faults.extend([lower, upper].map(|fact| (fact, what.clone())));
}

fn nan<'a>(rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    let checked = ["const", "lt", "lte", "gt", "gte", "in", "not_in"];
    for fact in &rules.facts {
        if checked.contains(&fact.name) && matches!(fact.value, RuleValue::Float(value) if value.is_nan()) {
            faults.push((fact, format!("compares with NaN in `{}`, which is never true", fact.name)));
        }
    }
}

fn length<'a>(
    rules: &'a ValueRules,
    [exact, least, most]: [&'static str; 3],
    equal_is_exact: bool,
    faults: &mut Vec<Fault<'a>>,
) {
    if fact(rules, exact).is_some() {
        for fact in [least, most].iter().filter_map(|name| fact(rules, name)) {
            faults.push((fact, format!("has `{exact}`, so that `{}` says nothing", fact.name)));
        }
    }
    let (Some(low), Some(high)) = (fact(rules, least), fact(rules, most)) else { return };
    let (Some(min), Some(max)) = (number(rules, least), number(rules, most)) else { return };
    let what = if min > max {
        format!("has `{least}` {min} above `{most}` {max}, which refuses every value")
    } else if min == max && equal_is_exact {
        format!("has equal `{least}` and `{most}`, which is `{exact}`")
    } else {
        return;
    };
    faults.extend([low, high].map(|fact| (fact, what.clone())));
}

/// A character has one to four bytes.
fn characters<'a>(rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    let pair =
        |a: &str, b: &str| Some((fact(rules, a)?, number(rules, a)?, fact(rules, b)?, number(rules, b)?));
    if let Some((low, min, high, max)) = pair("min_len", "max_bytes")
        && min > max
    {
        let what = format!("has `min_len` {min}, which are more bytes than `max_bytes` {max}");
        faults.extend([low, high].map(|fact| (fact, what.clone())));
    }
    if let Some((high, max, low, min)) = pair("max_len", "min_bytes")
        && max.saturating_mul(4) < min
    {
        let what = format!("has `max_len` {max}, which are fewer bytes than `min_bytes` {min}");
        faults.extend([high, low].map(|fact| (fact, what.clone())));
    }
}

fn affixes<'a>(kind: RulesKind, rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    let bytes = |value: &RuleValue| match value {
        RuleValue::Text(text) => text.as_bytes().to_vec(),
        RuleValue::Bytes(bytes) => bytes.clone(),
        _ => Vec::new(),
    };
    let in_bytes = if kind == RulesKind::Bytes { "max_len" } else { "max_bytes" };
    for name in ["prefix", "suffix", "contains"] {
        let Some(fact) = fact(rules, name) else { continue };
        let value = bytes(&fact.value);
        if let (RuleValue::Text(text), Some(max)) = (&fact.value, number(rules, "max_len")) {
            let length = text.chars().count() as i128;
            if length > max {
                faults.push((
                    fact,
                    format!("has a `{name}` of {length} characters, more than `max_len` {max}"),
                ));
            }
        }
        if let Some(max) = number(rules, in_bytes).filter(|max| value.len() as i128 > *max) {
            let length = value.len();
            faults.push((fact, format!("has a `{name}` of {length} bytes, more than `{in_bytes}` {max}")));
        }
        if let Some(refused) = rules.get("not_contains") {
            let inner = bytes(refused);
            if inner.is_empty() || value.windows(inner.len()).any(|window| window == inner) {
                faults.push((
                    fact,
                    format!("has a `{name}` with {refused} in it, which `not_contains` refuses"),
                ));
            }
        }
    }
    if let (Some(strict), None) = (fact(rules, "strict"), fact(rules, "well_known_regex")) {
        faults.push((strict, "has `strict` without `well_known_regex`".to_owned()));
    }
}

fn times<'a>(rules: &'a ValueRules, faults: &mut Vec<Fault<'a>>) {
    if let (Some(lower), Some(upper)) = (fact(rules, "gt_now"), fact(rules, "lt_now")) {
        let what = "has both `gt_now` and `lt_now`";
        faults.extend([upper, lower].map(|fact| (fact, what.to_owned())));
    }
    for fact in &rules.facts {
        let name = fact.name;
        match fact.value {
            _ if matches!(name, "in" | "not_in" | "example") => {}
            RuleValue::Span(nanos) if nanos.abs() > MAX_DURATION => {
                faults.push((fact, format!("has a `{name}` that no duration can have")));
            }
            RuleValue::Span(nanos) if name == "within" && nanos <= 0 => {
                faults.push((fact, format!("has a `within` of {}, expected more than 0", fact.value)));
            }
            RuleValue::Moment(nanos) if !(FIRST_MOMENT..=LAST_MOMENT).contains(&nanos) => {
                faults.push((fact, format!("has a `{name}` that no timestamp can have")));
            }
            _ => {}
        }
    }
}
