//! `buf.validate` rules as keywords of JSON Schema.
//!
//! What JSON Schema can say exactly, or a little more loosely (bytes are counted in characters), becomes a keyword. The rest, such as
//! bounds of 64-bit numbers that JSON holds as texts, patterns that ECMAScript reads differently and CEL, is kept for people and
//! generators under `x-protogate-constraints` and `x-protogate-cel`. Nothing is evaluated.

use protogate_schema::model::element::Kind;
use protogate_schema::model::validation::{Expression, Fact, RuleValue, ValueRules};

use super::node::{Map, Node};
use super::scalar::Place;

/// `buf.validate.Ignore`: rules do not hold for the zero value.
const IGNORE_IF_ZERO: i32 = 1;
/// `buf.validate.Ignore`: rules never hold.
const IGNORE_ALWAYS: i32 = 3;

/// A value that rules speak of.
pub(super) struct Subject<'a> {
    pub(super) kind: Kind,
    pub(super) place: Place,
    /// Absence and the zero value are one, so that a required value is not zero.
    pub(super) implicit: bool,
    /// Names of an enum's numbers.
    pub(super) enum_name: &'a dyn Fn(i128) -> Option<String>,
}

/// Adds the rules of one value to its schema.
pub(super) fn apply(rules: &ValueRules, subject: &Subject<'_>, schema: &mut Map) {
    if rules.ignore == IGNORE_ALWAYS {
        return;
    }
    let mut found = Keywords::default();
    for fact in &rules.facts {
        if !found.take(fact, rules, subject) {
            let key = fact.name.to_owned();
            found.rest.set(key, fact.value.to_string());
        }
    }
    found.finish(rules);
    if rules.required && subject.implicit && subject.kind == Kind::String {
        raise(&mut found.keywords, "minLength", 1);
    }
    let Keywords { keywords, rest, examples, .. } = found;
    match zero(subject).filter(|_| rules.ignore == IGNORE_IF_ZERO && !keywords.is_empty()) {
        Some(zero) => {
            let zero = Map::new().with("const", zero);
            schema.set("anyOf", vec![Node::from(zero), keywords.into()]);
        }
        None => {
            // The bounds of the type are wider.
            for (narrow, wide) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if keywords.get(narrow).is_some() {
                    *schema = std::mem::take(schema).without(&[wide]);
                }
            }
            schema.extend(keywords);
        }
    }
    if !examples.is_empty() {
        schema.set("examples", examples);
    }
    if !rest.is_empty() {
        schema.set("x-protogate-constraints", rest);
    }
    expressions(&rules.expressions, schema);
}

/// Adds the rules of a list or map itself; those of what is in it are applied there.
pub(super) fn apply_to_many(rules: &ValueRules, implicit: bool, schema: &mut Map) {
    if rules.ignore == IGNORE_ALWAYS {
        return;
    }
    for (rule, keyword) in [
        ("min_items", "minItems"),
        ("max_items", "maxItems"),
        ("min_pairs", "minProperties"),
        ("max_pairs", "maxProperties"),
    ] {
        if let Some(RuleValue::Int(count)) = rules.get(rule)
            && !(rules.ignore == IGNORE_IF_ZERO && rule.starts_with("min"))
        {
            schema.set(keyword, *count);
        }
    }
    if rules.is_set("unique") {
        schema.set("uniqueItems", true);
    }
    if rules.required && implicit {
        raise(schema, if schema.get("items").is_some() { "minItems" } else { "minProperties" }, 1);
    }
    expressions(&rules.expressions, schema);
}

/// Adds CEL expressions for those who can run them.
pub(super) fn expressions(expressions: &[Expression], schema: &mut Map) {
    if expressions.is_empty() {
        return;
    }
    let list: Vec<Node> = expressions
        .iter()
        .map(|it| {
            let some = |text: &String| (!text.is_empty()).then(|| text.clone());
            Map::new()
                .with_some("id", some(&it.id))
                .with_some("message", some(&it.message))
                .with("expression", it.source.clone())
                .into()
        })
        .collect();
    schema.set("x-protogate-cel", list);
}

#[derive(Default)]
struct Keywords {
    keywords: Map,
    patterns: Vec<String>,
    refused: Vec<Node>,
    allowed: Vec<Node>,
    examples: Vec<Node>,
    rest: Map,
}

impl Keywords {
    /// Whether the fact became a keyword.
    fn take(&mut self, fact: &Fact, rules: &ValueRules, subject: &Subject<'_>) -> bool {
        let value = &fact.value;
        match (fact.name, value) {
            ("lt" | "lte" | "gt" | "gte", _) => return self.bound(fact.name, value, rules, subject),
            ("const", _) => {
                return self.with_node(value, subject, |found, it| found.keywords.set("const", it));
            }
            ("in", _) => return self.with_node(value, subject, |found, it| found.allowed.push(it)),
            ("not_in", _) => return self.with_node(value, subject, |found, it| found.refused.push(it)),
            ("example", _) => return self.with_node(value, subject, |found, it| found.examples.push(it)),
            ("finite", RuleValue::Bool(true)) => {
                self.keywords.set("type", "number");
                self.keywords.set("format", if subject.kind == Kind::Float { "float" } else { "double" });
            }
            // The names of the enum are listed already.
            ("defined_only" | "strict", _) | (_, RuleValue::Bool(false)) => {}
            ("len", RuleValue::Int(n)) if subject.kind == Kind::String => {
                raise(&mut self.keywords, "minLength", *n);
                lower(&mut self.keywords, "maxLength", *n);
            }
            ("min_len", RuleValue::Int(n)) if subject.kind == Kind::String => {
                raise(&mut self.keywords, "minLength", *n);
            }
            ("max_len" | "max_bytes" | "len_bytes", RuleValue::Int(n)) if subject.kind == Kind::String => {
                lower(&mut self.keywords, "maxLength", *n);
                return fact.name == "max_len";
            }
            // A character has at most four bytes.
            ("min_bytes", RuleValue::Int(n)) if subject.kind == Kind::String => {
                raise(&mut self.keywords, "minLength", (n + 3) / 4);
                return false;
            }
            // Base64, without and with padding.
            ("min_len", RuleValue::Int(n)) => raise(&mut self.keywords, "minLength", (n * 4 + 2) / 3),
            ("max_len", RuleValue::Int(n)) => lower(&mut self.keywords, "maxLength", (n + 2) / 3 * 4),
            ("len", RuleValue::Int(n)) => {
                raise(&mut self.keywords, "minLength", (n * 4 + 2) / 3);
                lower(&mut self.keywords, "maxLength", (n + 2) / 3 * 4);
            }
            (name, RuleValue::Text(text)) if subject.kind == Kind::String => {
                return self.text(name, text);
            }
            (name, RuleValue::Bool(true)) if subject.kind == Kind::String => return self.form(name),
            _ => return false,
        }
        true
    }

    fn text(&mut self, name: &str, text: &str) -> bool {
        match name {
            "pattern" if is_ecma(text) => self.patterns.push(text.to_owned()),
            "prefix" => self.patterns.push(format!("^{}", escaped(text))),
            "suffix" => self.patterns.push(format!("{}$", escaped(text))),
            "contains" => self.patterns.push(escaped(text)),
            "not_contains" => {
                let pattern = Map::new().with("pattern", escaped(text));
                self.keywords.set("not", pattern);
            }
            _ => return false,
        }
        true
    }

    /// A well-known form of texts.
    fn form(&mut self, name: &str) -> bool {
        let format = match name {
            "email" | "hostname" | "ipv4" | "ipv6" | "uri" | "uuid" => name,
            "uri_ref" => "uri-reference",
            "tuuid" => {
                self.patterns.push("^[0-9a-fA-F]{32}$".to_owned());
                return true;
            }
            "ulid" => {
                self.patterns.push("^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$".to_owned());
                return true;
            }
            _ => return false,
        };
        self.keywords.set("format", format);
        true
    }

    fn with_node(
        &mut self,
        value: &RuleValue,
        subject: &Subject<'_>,
        set: impl FnOnce(&mut Self, Node),
    ) -> bool {
        node(value, subject).map(|it| set(self, it)).is_some()
    }

    /// A bound of a number. Bounds that leave a gap between them mean what is outside of it.
    fn bound(&mut self, name: &str, value: &RuleValue, rules: &ValueRules, subject: &Subject<'_>) -> bool {
        let number = match value {
            RuleValue::Int(_) if is_text(subject) => return false,
            RuleValue::Int(number) => Node::Int(*number),
            RuleValue::Float(number) if number.is_finite() => Node::Float(*number),
            _ => return false,
        };
        let of = |names: [&str; 2]| {
            names.iter().find_map(|name| match rules.get(name) {
                Some(RuleValue::Int(it)) => Some(*it as f64),
                Some(RuleValue::Float(it)) => Some(*it),
                _ => None,
            })
        };
        if let (Some(low), Some(high)) = (of(["gt", "gte"]), of(["lt", "lte"]))
            && low >= high
            && !(low <= high && rules.get("gte").is_some() && rules.get("lte").is_some())
        {
            return false;
        }
        let keyword = match name {
            "lt" => "exclusiveMaximum",
            "lte" => "maximum",
            "gt" => "exclusiveMinimum",
            _ => "minimum",
        };
        self.keywords.set(keyword, number);
        true
    }

    fn finish(&mut self, rules: &ValueRules) {
        if !self.allowed.is_empty() {
            self.keywords.set("enum", std::mem::take(&mut self.allowed));
        }
        if !self.refused.is_empty() {
            let refused = Map::new().with("enum", std::mem::take(&mut self.refused));
            if self.keywords.get("not").is_none() {
                self.keywords.set("not", refused);
            }
        }
        // Two of them exclude each other in the contract, so this is either form of an address.
        if rules.is_set("address") || rules.is_set("ip") {
            let formats: &[&str] =
                if rules.is_set("ip") { &["ipv4", "ipv6"] } else { &["hostname", "ipv4", "ipv6"] };
            let forms: Vec<Node> = formats.iter().map(|it| Map::new().with("format", *it).into()).collect();
            self.keywords.set("anyOf", forms);
            self.rest = std::mem::take(&mut self.rest).without(&["address", "ip"]);
        }
        let mut patterns = std::mem::take(&mut self.patterns);
        match patterns.len() {
            0 => {}
            1 => self.keywords.set("pattern", patterns.remove(0)),
            _ => {
                let all: Vec<Node> =
                    patterns.into_iter().map(|it| Map::new().with("pattern", it).into()).collect();
                self.keywords.set("allOf", all);
            }
        }
    }
}

fn is_text(subject: &Subject<'_>) -> bool {
    let wide =
        matches!(subject.kind, Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64);
    wide && subject.place == Place::Json
}

/// A value as it stands in JSON; `None` for what has another form there.
fn node(value: &RuleValue, subject: &Subject<'_>) -> Option<Node> {
    match value {
        RuleValue::Int(number) if matches!(subject.kind, Kind::Enum(_)) => {
            (subject.enum_name)(*number).map(Node::Text)
        }
        RuleValue::Int(number) if is_text(subject) => Some(Node::Text(number.to_string())),
        RuleValue::Int(number) => Some(Node::Int(*number)),
        RuleValue::Float(number) if number.is_finite() => Some(Node::Float(*number)),
        RuleValue::Bool(value) => Some(Node::Bool(*value)),
        RuleValue::Text(text) if subject.kind == Kind::String => Some(Node::Text(text.clone())),
        // A duration is written as seconds.
        RuleValue::Span(_) => Some(Node::Text(value.to_string())),
        _ => None,
    }
}

fn zero(subject: &Subject<'_>) -> Option<Node> {
    Some(match subject.kind {
        Kind::String | Kind::Bytes => Node::from(""),
        Kind::Bool => Node::Bool(false),
        Kind::Enum(_) => Node::Text((subject.enum_name)(0)?),
        Kind::Message(_) | Kind::Group(_) => return None,
        _ if is_text(subject) => Node::from("0"),
        _ => Node::Int(0),
    })
}

fn raise(schema: &mut Map, keyword: &str, value: i128) {
    if !matches!(schema.get(keyword), Some(Node::Int(old)) if *old >= value) {
        schema.set(keyword, value);
    }
}

fn lower(schema: &mut Map, keyword: &str, value: i128) {
    if !matches!(schema.get(keyword), Some(Node::Int(old)) if *old <= value) {
        schema.set(keyword, value);
    }
}

/// Whether ECMAScript reads an RE2 pattern as RE2 does. What only one of the two knows makes it another pattern.
fn is_ecma(pattern: &str) -> bool {
    ![
        "(?i", "(?s", "(?m", "(?U", "(?-", "(?P", "(?<", r"\A", r"\z", r"\Q", r"\C", r"\p", r"\P", r"\x{",
        r"\a", "[[:", "[^[:",
    ]
    .iter()
    .any(|it| pattern.contains(it))
}

/// A text as a pattern that matches itself.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\^$.|?*+()[]{}/".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema_of(rules: &ValueRules, kind: Kind, place: Place) -> String {
        let name = |number: i128| (number == 0).then(|| "ZERO".to_owned());
        let subject = Subject { kind, place, implicit: true, enum_name: &name };
        let mut map = Map::new();
        apply(rules, &subject, &mut map);
        serde_json::to_string(&Node::from(map)).unwrap()
    }

    fn rules(facts: &[(&'static str, RuleValue)]) -> ValueRules {
        let facts = facts.iter().map(|(name, value)| Fact { name, number: 0, value: value.clone() });
        ValueRules { facts: facts.collect(), ..ValueRules::default() }
    }

    #[test]
    fn rules_become_keywords_where_they_can() {
        use RuleValue::{Bool, Int, Text};
        let text = |it: &str| Text(it.to_owned());
        for (facts, kind, place, expected) in [
            (
                &[("gte", Int(1)), ("lt", Int(9))][..],
                Kind::Int32,
                Place::Json,
                r#"{"minimum":1,"exclusiveMaximum":9}"#,
            ),
            (&[("gte", Int(1))], Kind::Int64, Place::Json, r#"{"x-protogate-constraints":{"gte":"1"}}"#),
            (&[("gte", Int(1))], Kind::Int64, Place::Parameter, r#"{"minimum":1}"#),
            (
                &[("gt", Int(9)), ("lt", Int(1))],
                Kind::Int32,
                Place::Json,
                r#"{"x-protogate-constraints":{"gt":"9","lt":"1"}}"#,
            ),
            (
                &[("min_bytes", Int(5)), ("max_len", Int(7))],
                Kind::String,
                Place::Json,
                r#"{"minLength":2,"maxLength":7,"x-protogate-constraints":{"min_bytes":"5"}}"#,
            ),
            (&[("len", Int(4))], Kind::Bytes, Place::Json, r#"{"minLength":6,"maxLength":8}"#),
            (
                &[("prefix", text("a.")), ("pattern", text("^[a-z.]+$"))],
                Kind::String,
                Place::Json,
                r#"{"allOf":[{"pattern":"^a\\."},{"pattern":"^[a-z.]+$"}]}"#,
            ),
            (
                &[("pattern", text("(?i)x"))],
                Kind::String,
                Place::Json,
                r#"{"x-protogate-constraints":{"pattern":"\"(?i)x\""}}"#,
            ),
            (&[("in", text("a")), ("in", text("b"))], Kind::String, Place::Json, r#"{"enum":["a","b"]}"#),
            (&[("not_in", Int(3))], Kind::Uint64, Place::Json, r#"{"not":{"enum":["3"]}}"#),
            (
                &[("ip", Bool(true))],
                Kind::String,
                Place::Json,
                r#"{"anyOf":[{"format":"ipv4"},{"format":"ipv6"}]}"#,
            ),
            (&[("example", text("x"))], Kind::String, Place::Json, r#"{"examples":["x"]}"#),
        ] {
            assert_eq!(schema_of(&rules(facts), kind, place), expected);
        }
        let zero = ValueRules { ignore: IGNORE_IF_ZERO, ..rules(&[("min_len", Int(3))]) };
        let expected = r#"{"anyOf":[{"const":""},{"minLength":3}]}"#;
        assert_eq!(schema_of(&zero, Kind::String, Place::Json), expected);
        let never = ValueRules { ignore: IGNORE_ALWAYS, ..rules(&[("min_len", Int(3))]) };
        assert_eq!(schema_of(&never, Kind::String, Place::Json), "{}");
        let required = ValueRules { required: true, ..ValueRules::default() };
        assert_eq!(schema_of(&required, Kind::String, Place::Json), r#"{"minLength":1}"#);
    }
}
