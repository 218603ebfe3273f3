//! What can be said of expressions in CEL without evaluating them: their ids, and that they are there.

use protogate_schema::model::validation::Expression;

/// Reports the faults of a list of expressions: the number of their field (23 `cel`, 29 `cel_expression`, as in `FieldRules`), the
/// index in it, and what is wrong.
pub(super) fn check(list: &[Expression], report: &mut dyn FnMut(i32, i32, &str)) {
    for (position, expression) in list.iter().enumerate() {
        let index = list[..position].iter().filter(|it| it.short == expression.short).count() as i32;
        let number = if expression.short { 29 } else { 23 };
        let id = expression.id.as_str();
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) {
            report(
                number,
                index,
                "has an expression whose `id` is not made of a-z, A-Z, 0-9, `.`, `_` and `-`",
            );
        }
        if !id.is_empty() && list.iter().filter(|it| it.id == id).count() > 1 {
            report(number, index, &format!("has several expressions with the id `{id}`"));
        }
        if expression.source.is_empty() {
            report(number, index, "has an empty expression");
        }
    }
}
