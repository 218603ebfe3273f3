//! What became of the rules of a value: does it accept less, more, or cannot that be told?
//!
//! Decided by inclusion of sets where the rules allow it: bounds, lengths, counts, lists of values, known formats, prefixes. A rule
//! that says the same in other words (`gt: 0` for `gte: 1`) is no change. Patterns and expressions cannot be ordered without
//! evaluating them; a change of one is told as a change. Rules on a type that changed are left to the rules about types.

use protogate_schema::model::element::Cardinality;
use protogate_schema::model::validation::{Expression, Fact, RuleValue, RulesKind, ValueRules};

use super::interval::Intervals;

/// What a change does to the set of values that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Values that were accepted are refused.
    Less,
    /// Values that were refused are accepted.
    More,
    /// Not decidable from the rules.
    Unknown,
}

/// A change of one rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) effect: Effect,
    /// Name below `buf.validate.field`: `string.max_len`, `repeated.items.int32.gte`.
    pub(super) rule: String,
    /// The same as field numbers.
    pub(super) path: Vec<i32>,
    pub(super) before: String,
    pub(super) now: String,
}

/// The changes from one set of rules to another; none at all is the empty set.
pub(super) fn compare(old: Option<&ValueRules>, new: Option<&ValueRules>) -> Vec<Change> {
    let mut comparison = Comparison { out: Vec::new(), name: String::new(), path: Vec::new() };
    comparison.values(old, new);
    comparison.out
}

/// The changes from one list of expressions to another, by id where there is one.
pub(super) fn compare_expressions(old: &[Expression], new: &[Expression]) -> Vec<Change> {
    let mut comparison = Comparison { out: Vec::new(), name: String::new(), path: Vec::new() };
    comparison.expressions(old, new);
    comparison.out
}

/// `buf.validate.Ignore`.
const IGNORE_IF_ZERO: i32 = 1;
const IGNORE_ALWAYS: i32 = 3;
const NONE: &str = "none";

/// Members of the oneofs `well_known` of texts and bytes, save `well_known_regex`.
const FORMATS: &[&str] = &[
    "email",
    "hostname",
    "ip",
    "ipv4",
    "ipv6",
    "uri",
    "uri_ref",
    "address",
    "uuid",
    "tuuid",
    "ip_with_prefixlen",
    "ipv4_with_prefixlen",
    "ipv6_with_prefixlen",
    "ip_prefix",
    "ipv4_prefix",
    "ipv6_prefix",
    "host_and_port",
    "ulid",
    "protobuf_fqn",
    "protobuf_dot_fqn",
];

/// Formats all of whose texts another one accepts.
const NARROWER: &[(&str, &[&str])] = &[
    ("ip", &["address"]),
    ("ipv4", &["ip", "address"]),
    ("ipv6", &["ip", "address"]),
    ("hostname", &["address"]),
    ("uri", &["uri_ref"]),
    ("ipv4_with_prefixlen", &["ip_with_prefixlen"]),
    ("ipv6_with_prefixlen", &["ip_with_prefixlen"]),
    ("ip_prefix", &["ip_with_prefixlen"]),
    ("ipv4_prefix", &["ip_prefix", "ip_with_prefixlen", "ipv4_with_prefixlen"]),
    ("ipv6_prefix", &["ip_prefix", "ip_with_prefixlen", "ipv6_with_prefixlen"]),
];

/// Rules that refuse something when they are on.
const FLAGS: &[&str] = &["unique", "defined_only", "finite", "gt_now", "lt_now"];
/// The exact length, the least and the greatest, of each thing that is counted.
const LENGTHS: &[[&str; 3]] = &[
    ["len", "min_len", "max_len"],
    ["len_bytes", "min_bytes", "max_bytes"],
    ["", "min_items", "max_items"],
    ["", "min_pairs", "max_pairs"],
];

struct Comparison {
    out: Vec<Change>,
    name: String,
    path: Vec<i32>,
}

impl Comparison {
    fn push(&mut self, effect: Effect, (name, path): (&str, &[i32]), before: String, now: String) {
        self.out.push(Change {
            effect,
            rule: format!("{}{name}", self.name),
            path: self.path.iter().chain(path).copied().collect(),
            before,
            now,
        });
    }

    fn values(&mut self, old: Option<&ValueRules>, new: Option<&ValueRules>) {
        let nothing = ValueRules::default();
        let effective = |rules: Option<&ValueRules>| {
            rules.filter(|rules| rules.ignore != IGNORE_ALWAYS).unwrap_or(&nothing).clone()
        };
        let (old, new) = (effective(old), effective(new));
        self.expressions(&old.expressions, &new.expressions);
        self.unknown(&old.unknown, &new.unknown);
        let kind = match (old.kind, new.kind) {
            (Some(before), Some(now)) if before == now || (before.is_number() && now.is_number()) => now,
            (Some(_), Some(_)) | (None, None) => return,
            (Some(only), None) | (None, Some(only)) => only,
        };
        let (skipped, skips) = (old.ignore == IGNORE_IF_ZERO, new.ignore == IGNORE_IF_ZERO);
        if skipped != skips && old.kind.is_some() && new.kind.is_some() {
            let effect = if skips { Effect::More } else { Effect::Less };
            let text = |skips: bool| if skips { "IGNORE_IF_ZERO_VALUE" } else { NONE }.to_owned();
            self.push(effect, ("ignore", &[27]), text(skipped), text(skips));
        }
        self.set(kind, &old, &new);
        self.lengths(kind, &old, &new);
        self.format(kind, &old, &new);
        self.texts(kind, &old, &new);
        self.flags(kind, &old, &new);
        self.within(kind, &old, &new);
        self.inner(kind, "items", 4, old.items.as_deref(), new.items.as_deref());
        self.inner(kind, "keys", 4, old.keys.as_deref(), new.keys.as_deref());
        self.inner(kind, "values", 5, old.values.as_deref(), new.values.as_deref());
    }

    fn inner(
        &mut self,
        kind: RulesKind,
        name: &str,
        number: i32,
        old: Option<&ValueRules>,
        new: Option<&ValueRules>,
    ) {
        if old.is_none() && new.is_none() {
            return;
        }
        let (length, depth) = (self.name.len(), self.path.len());
        self.name.push_str(&format!("{}.{name}.", kind.name()));
        self.path.extend([kind.number() as i32, number]);
        self.values(old, new);
        self.name.truncate(length);
        self.path.truncate(depth);
    }

    /// Reports a change of a rule of the type, if there is one.
    fn rule(&mut self, effect: Effect, kind: RulesKind, fact: Option<&Fact>, before: String, now: String) {
        let Some(fact) = fact else { return };
        let name = format!("{}.{}", kind.name(), fact.name);
        self.push(effect, (&name, &[kind.number() as i32, fact.number as i32]), before, now);
    }

    fn expressions(&mut self, old: &[Expression], new: &[Expression]) {
        fn key(it: &Expression) -> &str {
            if it.id.is_empty() { &it.source } else { &it.id }
        }
        let quoted =
            |it: &Expression| format!("`{}`", it.source.split_whitespace().collect::<Vec<_>>().join(" "));
        let number = |list: &[Expression], it: &Expression| {
            let same = list.iter().filter(|other| other.short == it.short);
            let index = same.take_while(|other| key(other) != key(it)).count();
            [if it.short { 29 } else { 23 }, index as i32]
        };
        let name =
            |it: &Expression| if it.id.is_empty() { "cel".to_owned() } else { format!("cel {}", it.id) };
        for before in old {
            match new.iter().find(|now| key(now) == key(before)) {
                None => {
                    let path = &number(old, before)[..1];
                    self.push(Effect::More, (&name(before), path), quoted(before), NONE.to_owned());
                }
                Some(now) if now.source != before.source => {
                    let path = number(new, now);
                    self.push(Effect::Unknown, (&name(now), &path), quoted(before), quoted(now));
                }
                Some(_) => {}
            }
        }
        for now in new.iter().filter(|now| old.iter().all(|before| key(before) != key(now))) {
            let path = number(new, now);
            self.push(Effect::Less, (&name(now), &path), NONE.to_owned(), quoted(now));
        }
    }

    /// Rules that a project defined itself, or that a newer version knows.
    fn unknown(&mut self, old: &[(Vec<u32>, Vec<u8>)], new: &[(Vec<u32>, Vec<u8>)]) {
        let mut paths: Vec<&Vec<u32>> = old.iter().chain(new).map(|it| &it.0).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let at = |list: &[(Vec<u32>, Vec<u8>)]| -> Vec<Vec<u8>> {
                list.iter().filter(|it| it.0 == *path).map(|it| it.1.clone()).collect()
            };
            let (before, now) = (at(old), at(new));
            if before == now {
                continue;
            }
            let (shown_before, shown_now) = match (before.is_empty(), now.is_empty()) {
                (true, _) => (NONE, "set"),
                (_, true) => ("set", NONE),
                _ => ("set", "set otherwise"),
            };
            let numbers: Vec<i32> = path.iter().map(|&it| it as i32).collect();
            let name = match path[..] {
                [kind, number] => {
                    format!("{}.[{number}]", RulesKind::from_number(kind).map_or("", RulesKind::name))
                }
                _ => format!("[{}]", path.first().copied().unwrap_or_default()),
            };
            self.push(Effect::Unknown, (&name, &numbers), shown_before.to_owned(), shown_now.to_owned());
        }
    }

    /// `const`, `in`, `not_in` and the bounds.
    fn set(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        let listed = |rules| fact(rules, "const").or_else(|| fact(rules, "in"));
        let shown = listed(new).or_else(|| listed(old));
        let (before, now) = (Accepted::of(kind, old), Accepted::of(kind, new));
        match (&before.only, &now.only) {
            (None, None) => {
                let shown = changed(old, new, &["gt", "gte", "lt", "lte"]);
                let text = |accepted: &Accepted| accepted.range.to_string();
                if !now.range.covers(&before.range) {
                    self.rule(Effect::Less, kind, shown, text(&before), text(&now));
                }
                if !before.range.covers(&now.range) {
                    self.rule(Effect::More, kind, shown, text(&before), text(&now));
                }
                let shown = fact(new, "not_in").or_else(|| fact(old, "not_in"));
                if now.not.iter().any(|it| !before.not.contains(it)) {
                    self.rule(Effect::Less, kind, shown, list(&before.not), list(&now.not));
                }
                if before.not.iter().any(|it| !now.not.contains(it)) {
                    self.rule(Effect::More, kind, shown, list(&before.not), list(&now.not));
                }
            }
            (before_only, now_only) => {
                let text = |only: &Option<Vec<RuleValue>>| only.as_deref().map_or(NONE.to_owned(), list);
                let lost = before_only.as_ref().is_none_or(|only| only.iter().any(|it| !now.accepts(it)));
                let gained = now_only.as_ref().is_none_or(|only| only.iter().any(|it| !before.accepts(it)));
                if lost {
                    self.rule(Effect::Less, kind, shown, text(before_only), text(now_only));
                }
                if gained {
                    self.rule(Effect::More, kind, shown, text(before_only), text(now_only));
                }
            }
        }
    }

    fn lengths(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        for [exact, least, most] in LENGTHS {
            let bounds = |rules: &ValueRules| {
                let exactly = int(rules, exact);
                (
                    exactly.or(int(rules, least)).unwrap_or(0),
                    exactly.or(int(rules, most)).unwrap_or(i128::MAX),
                )
            };
            let ((old_min, old_max), (new_min, new_max)) = (bounds(old), bounds(new));
            let at_least = |it: i128| if it == 0 { NONE.to_owned() } else { it.to_string() };
            let at_most = |it: i128| if it == i128::MAX { NONE.to_owned() } else { it.to_string() };
            if old_min != new_min {
                let effect = if new_min > old_min { Effect::Less } else { Effect::More };
                let shown = changed(old, new, &[least, exact]);
                self.rule(effect, kind, shown, at_least(old_min), at_least(new_min));
            }
            if old_max != new_max {
                let effect = if new_max < old_max { Effect::Less } else { Effect::More };
                let shown = changed(old, new, &[most, exact]);
                self.rule(effect, kind, shown, at_most(old_max), at_most(new_max));
            }
        }
    }

    fn format(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        let (before, now) = (format_of(old), format_of(new));
        let text =
            |format: &Option<(String, &Fact)>| format.as_ref().map_or(NONE.to_owned(), |it| it.0.clone());
        if text(&before) != text(&now) {
            let narrower = |a: &str, b: &str| NARROWER.iter().any(|it| it.0 == a && it.1.contains(&b));
            let effect = match (&before, &now) {
                (None, _) => Effect::Less,
                (_, None) => Effect::More,
                (Some((before, _)), Some((now, _))) if narrower(now, before) => Effect::Less,
                (Some((before, _)), Some((now, _))) if narrower(before, now) => Effect::More,
                _ => Effect::Unknown,
            };
            let shown = now.as_ref().or(before.as_ref()).map(|it| it.1);
            self.rule(effect, kind, shown, text(&before), text(&now));
        } else if now.is_some() {
            let loose = |rules: &ValueRules| rules.get("strict") == Some(&RuleValue::Bool(false));
            let (before, now) = (loose(old), loose(new));
            if before != now {
                let effect = if before { Effect::Less } else { Effect::More };
                let shown = changed(old, new, &["strict"]);
                self.rule(effect, kind, shown, (!before).to_string(), (!now).to_string());
            }
        }
    }

    /// `pattern`, `prefix`, `suffix`, `contains`, `not_contains`.
    fn texts(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        for name in ["pattern", "prefix", "suffix", "contains", "not_contains"] {
            let (before, now) = (old.get(name), new.get(name));
            if before == now {
                continue;
            }
            let narrower = |a: &RuleValue, b: &RuleValue| {
                let (a, b) = (bytes(a), bytes(b));
                match name {
                    "prefix" => a.starts_with(b),
                    "suffix" => a.ends_with(b),
                    "contains" => contains(a, b),
                    // What has no `a` has nothing around it either.
                    "not_contains" => contains(b, a),
                    _ => false,
                }
            };
            let effect = match (before, now) {
                (None, _) => Effect::Less,
                (_, None) => Effect::More,
                (Some(before), Some(now)) if narrower(now, before) => Effect::Less,
                (Some(before), Some(now)) if narrower(before, now) => Effect::More,
                _ => Effect::Unknown,
            };
            self.rule(effect, kind, changed(old, new, &[name]), text(before), text(now));
        }
    }

    fn flags(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        for name in FLAGS {
            let (before, now) = (old.is_set(name), new.is_set(name));
            if before != now {
                let effect = if now { Effect::Less } else { Effect::More };
                self.rule(effect, kind, changed(old, new, &[name]), before.to_string(), now.to_string());
            }
        }
    }

    fn within(&mut self, kind: RulesKind, old: &ValueRules, new: &ValueRules) {
        let nanos = |rules: &ValueRules| match rules.get("within") {
            Some(RuleValue::Span(nanos)) => *nanos,
            _ => i128::MAX,
        };
        let (before, now) = (nanos(old), nanos(new));
        if before != now {
            let effect = if now < before { Effect::Less } else { Effect::More };
            let shown = changed(old, new, &["within"]);
            self.rule(effect, kind, shown, text(old.get("within")), text(new.get("within")));
        }
    }
}

/// What the rules about single values let through.
struct Accepted {
    only: Option<Vec<RuleValue>>,
    range: Intervals,
    not: Vec<RuleValue>,
}

impl Accepted {
    fn of(kind: RulesKind, rules: &ValueRules) -> Self {
        let mut accepted = Self {
            only: None,
            range: Intervals::of(kind, rules),
            not: rules.list("not_in").cloned().collect(),
        };
        let mut only: Vec<RuleValue> = rules.list("in").cloned().collect();
        if let Some(constant) = rules.get("const") {
            only = vec![constant.clone()];
        }
        if !only.is_empty() {
            only.retain(|it| accepted.accepts(it));
            accepted.only = Some(only);
        }
        accepted
    }

    fn accepts(&self, value: &RuleValue) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(value))
            && self.range.contains(value)
            && !self.not.contains(value)
    }
}

fn fact<'a>(rules: &'a ValueRules, name: &str) -> Option<&'a Fact> {
    rules.facts.iter().find(|fact| fact.name == name)
}

/// The first of these rules that differs, as it is now, else as it was.
fn changed<'a>(old: &'a ValueRules, new: &'a ValueRules, names: &[&str]) -> Option<&'a Fact> {
    let name = names.iter().find(|name| old.get(name) != new.get(name))?;
    fact(new, name).or_else(|| fact(old, name))
}

fn int(rules: &ValueRules, name: &str) -> Option<i128> {
    match rules.get(name)? {
        RuleValue::Int(value) => Some(*value),
        _ => None,
    }
}

fn format_of(rules: &ValueRules) -> Option<(String, &Fact)> {
    let fact = rules.facts.iter().rev().find(|fact| match &fact.value {
        RuleValue::Bool(on) => *on && FORMATS.contains(&fact.name),
        RuleValue::Int(number) => *number != 0 && fact.name == "well_known_regex",
        _ => false,
    })?;
    let name = match &fact.value {
        RuleValue::Int(1) => "header name".to_owned(),
        RuleValue::Int(2) => "header value".to_owned(),
        RuleValue::Int(other) => format!("{} {other}", fact.name),
        _ => fact.name.to_owned(),
    };
    Some((name, fact))
}

fn bytes(value: &RuleValue) -> &[u8] {
    match value {
        RuleValue::Text(text) => text.as_bytes(),
        RuleValue::Bytes(bytes) => bytes,
        _ => &[],
    }
}

fn contains(outer: &[u8], inner: &[u8]) -> bool {
    inner.is_empty() || outer.windows(inner.len()).any(|window| window == inner)
}

fn text(value: Option<&RuleValue>) -> String {
    value.map_or_else(|| NONE.to_owned(), ToString::to_string)
}

fn list(values: &[RuleValue]) -> String {
    match values {
        [] => NONE.to_owned(),
        values => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// Whether a field that is not sent is refused. Only where its absence reads as the zero value: other fields without a value are not
/// looked at. Patterns and expressions are taken to accept it.
pub(super) fn refuses_zero(cardinality: Cardinality, rules: &ValueRules) -> bool {
    if matches!(rules.ignore, IGNORE_IF_ZERO | IGNORE_ALWAYS) {
        return false;
    }
    let Some(kind) = rules.kind else { return false };
    let is_positive = |name: &&str| int(rules, name).is_some_and(|it| it > 0);
    match cardinality {
        Cardinality::Repeated | Cardinality::Map => ["min_items", "min_pairs"].iter().any(is_positive),
        Cardinality::Explicit | Cardinality::Required => false,
        Cardinality::Implicit => {
            let zero = match kind {
                RulesKind::Float | RulesKind::Double => RuleValue::Float(0.0),
                RulesKind::Bool => RuleValue::Bool(false),
                RulesKind::String => RuleValue::Text(String::new()),
                RulesKind::Bytes => RuleValue::Bytes(Vec::new()),
                _ => RuleValue::Int(0),
            };
            let has = |name: &&str| rules.get(name).is_some_and(|it| !bytes(it).is_empty());
            // An empty text is a relative reference; header names and values have rules of their own.
            let formats = |it: &&str| *it != "uri_ref" && rules.is_set(it);
            !Accepted::of(kind, rules).accepts(&zero)
                || ["len", "min_len", "len_bytes", "min_bytes"].iter().any(is_positive)
                || ["prefix", "suffix", "contains"].iter().any(has)
                || FORMATS.iter().any(formats)
        }
    }
}
