//! The rules of one value: a field, or the items, keys and values of one.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Element, FieldId, Kind};
use protogate_schema::model::validation::{EXTENSION, Expression, Fact, RuleValue, RulesKind, ValueRules};

use super::place::{Step, at, step};
use super::{bounds, expressions, fit, pattern};
use crate::finding::Findings;
use crate::lint::Lint;

/// `buf.validate.Ignore`.
const IGNORE_IF_ZERO: i32 = 1;
const IGNORE_ALWAYS: i32 = 3;

/// A value that rules are for.
struct Value<'a> {
    lint: &'a Lint<'a>,
    field: FieldId,
    /// From the extension to the rules.
    steps: Vec<Step>,
}

/// Checks the rules of a field.
pub(super) fn check(lint: &Lint<'_>, id: FieldId, out: &mut Findings) {
    let Some(rules) = ValueRules::of_field(&lint.schema.field(id).raw_options) else { return };
    let field = Value { lint, field: id, steps: Vec::new() };
    field.presence(&rules, out);
    field.check(&rules, out);
}

impl Value<'_> {
    fn report(&self, out: &mut Findings, steps: &[Step], what: &str) {
        let schema = self.lint.schema;
        let element = Element::Field(self.field);
        let place = at(schema, element, [8, EXTENSION], &[&self.steps, steps].concat());
        let field = schema.field(self.field);
        let path: String = self.steps.iter().map(|step| format!(".{}", step.name)).collect();
        self.lint.report_at(out, element, place, format!("field `{}{path}` {what}", field.name));
    }

    /// `required` and `ignore` of a field.
    fn presence(&self, rules: &ValueRules, out: &mut Findings) {
        let schema = self.lint.schema;
        let field = schema.field(self.field);
        let required = [step(25, "required")];
        let ignore = [step(27, "ignore")];
        if rules.ignore == IGNORE_ALWAYS {
            return;
        }
        let skips = rules.ignore == IGNORE_IF_ZERO;
        if field.is_extension() {
            if rules.required {
                self.report(out, &required, "is an extension, which cannot be `required`");
            }
            if skips {
                self.report(out, &ignore, "is an extension, which cannot be ignored when it is zero");
            }
            return;
        }
        if rules.required && self.is_in_oneof(schema) {
            self.report(out, &required, "is in a oneof: make the oneof required, not its members");
        }
        if rules.required && skips {
            self.report(out, &required, "is required, and ignored when it is zero");
            self.report(out, &ignore, "is required, and ignored when it is zero");
        }
        if skips && matches!(field.cardinality, Cardinality::Explicit | Cardinality::Required) {
            self.report(out, &ignore, "is ignored when it is not there anyway");
        }
    }

    fn is_in_oneof(&self, schema: &Schema) -> bool {
        let field = schema.field(self.field);
        let oneof = field.oneof.zip(field.place.parent);
        oneof.is_some_and(|(index, parent)| !schema.message(parent).oneofs[index as usize].synthetic)
    }

    fn check(&self, rules: &ValueRules, out: &mut Findings) {
        let any = rules.required || !rules.expressions.is_empty() || rules.kind.is_some();
        if rules.ignore == IGNORE_ALWAYS && any {
            self.report(
                out,
                &[step(27, "ignore")],
                "is always ignored, so that its other rules are not applied",
            );
        }
        expressions::check(&rules.expressions, &mut |number, index, what: &str| {
            let name = if number == 23 { "cel" } else { "cel_expression" };
            self.report(out, &[Step { number, name, index: Some(index) }], what);
        });
        let Some(kind) = rules.kind else { return };
        let schema = self.lint.schema;
        let of_kind = step(kind.number() as i32, kind.name());
        if let Some(what) = self.misfit(schema, kind) {
            self.report(out, &[of_kind], &what);
            return;
        }
        let index_of = |fact: &Fact| {
            let same: Vec<&Fact> = rules.facts.iter().filter(|it| it.name == fact.name).collect();
            let list = matches!(fact.name, "in" | "not_in" | "example");
            list.then(|| same.iter().position(|it| std::ptr::eq(*it, fact)).unwrap_or(0) as i32)
        };
        for (fact, what) in bounds::faults(kind, rules) {
            let last = Step { number: fact.number as i32, name: fact.name, index: index_of(fact) };
            self.report(out, &[of_kind, last], &what);
        }
        if let (Some(RuleValue::Text(text)), Some(fact)) =
            (rules.get("pattern"), rules.facts.iter().find(|it| it.name == "pattern"))
            && let Some(fault) = pattern::fault(text)
        {
            let what = format!("has a `pattern` that cannot be compiled: {fault}");
            self.report(out, &[of_kind, step(fact.number as i32, "pattern")], &what);
        }
        if rules.is_set("unique") && !fit::can_be_unique(schema, self.kind(schema)) {
            let what = "has `unique`, which is for scalars and their wrappers";
            self.report(out, &[of_kind, step(3, "unique")], what);
        }
        let inner = [(4, "items", &rules.items), (4, "keys", &rules.keys), (5, "values", &rules.values)];
        for (number, name, rules) in inner {
            let Some(rules) = rules else { continue };
            let mut steps = self.steps.clone();
            steps.extend([of_kind, step(number, name)]);
            let inner = Value { lint: self.lint, field: self.field, steps };
            if rules.required {
                inner.report(out, &[step(25, "required")], "is `required`, which has no effect there");
            }
            inner.check(rules, out);
        }
    }

    fn kind(&self, schema: &Schema) -> Kind {
        let field = schema.field(self.field);
        let (Kind::Message(entry), Cardinality::Map) = (field.kind, field.cardinality) else {
            return field.kind;
        };
        let number = if self.steps.last().is_some_and(|it| it.name == "keys") { 1 } else { 2 };
        let mut fields = schema.message(entry).fields.iter().map(|&id| schema.field(id));
        fields.find(|it| it.number == number).map_or(field.kind, |it| it.kind)
    }

    fn misfit(&self, schema: &Schema, rules: RulesKind) -> Option<String> {
        let field = schema.field(self.field);
        let is_inner = !self.steps.is_empty();
        let fits = match (field.cardinality, rules) {
            (Cardinality::Repeated, RulesKind::Repeated) | (Cardinality::Map, RulesKind::Map) => !is_inner,
            (Cardinality::Repeated | Cardinality::Map, _) if !is_inner => false,
            _ => fit::fits(schema, self.kind(schema), rules),
        };
        (!fits).then(|| format!("has `{}` rules, which do not go with its type", rules.name()))
    }
}

/// Checks the expressions of a rule that extends the rules of a type.
pub(super) fn check_predefined(lint: &Lint<'_>, id: FieldId, out: &mut Findings) {
    let schema = lint.schema;
    let list = Expression::of_predefined(&schema.field(id).raw_options);
    if list.is_empty() {
        return;
    }
    let element = Element::Field(id);
    let option = [8, protogate_schema::model::validation::PREDEFINED];
    expressions::check(&list, &mut |_, index, what: &str| {
        let place = at(schema, element, option, &[Step { number: 1, name: "cel", index: Some(index) }]);
        lint.report_at(out, element, place, format!("rule `{}` {what}", schema.field(id).name));
    });
}
