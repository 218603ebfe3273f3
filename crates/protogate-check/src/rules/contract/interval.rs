//! Bounds of ordered values as intervals: `lt`, `lte`, `gt`, `gte` of numbers, durations and moments.
//!
//! As protovalidate has it, an upper bound below the lower one means everything outside of the two.

use std::cmp::Ordering;
use std::fmt;

use protogate_schema::model::validation::{RuleValue, RulesKind, ValueRules};

/// An end of an interval: the value, and whether it belongs to it.
type End = Option<(RuleValue, bool)>;

/// The values that bounds accept: at most two intervals, apart from each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Intervals {
    list: Vec<(End, End)>,
    /// The same as written, to be shown.
    written: Vec<(End, End)>,
}

impl Intervals {
    /// What the bounds of these rules accept.
    pub(super) fn of(kind: RulesKind, rules: &ValueRules) -> Self {
        let end = |exclusive: &str, inclusive: &str| -> End {
            let inclusive = rules.get(inclusive).map(|it| (it.clone(), true));
            inclusive.or_else(|| rules.get(exclusive).map(|it| (it.clone(), false)))
        };
        let (lower, upper) = (end("gt", "gte"), end("lt", "lte"));
        let outside = match (&lower, &upper) {
            (Some((lower, _)), Some((upper, _))) => order(upper, lower) == Some(Ordering::Less),
            _ => false,
        };
        use RulesKind::{Fixed32, Fixed64, Uint32, Uint64};
        let is_unsigned = matches!(kind, Uint32 | Uint64 | Fixed32 | Fixed64);
        let least: End = is_unsigned.then_some((RuleValue::Int(0), true));
        let written = if outside {
            vec![(None, upper.clone()), (lower.clone(), None)]
        } else {
            vec![(lower.clone(), upper.clone())]
        };
        let (lower, upper) = (closed(lower, 1), closed(upper, -1));
        let list = match (&lower, &upper) {
            // Whole numbers on both sides of no gap.
            (Some((RuleValue::Int(low), _)), Some((RuleValue::Int(high), _)))
                if outside && *low <= high + 1 =>
            {
                vec![(least, None)]
            }
            _ if outside => vec![(least, upper), (lower, None)],
            _ => vec![(lower.or(least), upper)],
        };
        Self { list, written }
    }

    /// Whether every value of `inner` is one of these.
    pub(super) fn covers(&self, inner: &Self) -> bool {
        inner.list.iter().all(|inner| {
            is_empty(inner)
                || self.list.iter().any(|outer| {
                    within(&outer.0, &inner.0, Ordering::Greater)
                        && within(&outer.1, &inner.1, Ordering::Less)
                })
        })
    }

    /// Whether a value is one of these. A value of another type is not.
    pub(super) fn contains(&self, value: &RuleValue) -> bool {
        let point = Some((value.clone(), true));
        self.covers(&Self { list: vec![(point.clone(), point)], written: Vec::new() })
    }
}

/// Whole numbers have no values between two of them: every end of theirs can belong to the interval.
fn closed(end: End, step: i128) -> End {
    end.map(|(value, inclusive)| match value {
        RuleValue::Int(it) if !inclusive => (RuleValue::Int(it + step), true),
        RuleValue::Span(it) if !inclusive => (RuleValue::Span(it + step), true),
        RuleValue::Moment(it) if !inclusive => (RuleValue::Moment(it + step), true),
        value => (value, inclusive),
    })
}

/// Whether an end of the outer interval is not inside of the inner one: `side` is where an inner end may lie.
fn within(outer: &End, inner: &End, side: Ordering) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some((outer, has_outer)), Some((inner, has_inner))) => match order(inner, outer) {
            Some(Ordering::Equal) => *has_outer || !*has_inner,
            Some(other) => other == side,
            None => false,
        },
    }
}

fn is_empty((lower, upper): &(End, End)) -> bool {
    match (lower, upper) {
        (Some((lower, has_lower)), Some((upper, has_upper))) => match order(lower, upper) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !(*has_lower && *has_upper),
            _ => false,
        },
        _ => false,
    }
}

fn order(a: &RuleValue, b: &RuleValue) -> Option<Ordering> {
    match (a, b) {
        (RuleValue::Int(a), RuleValue::Int(b))
        | (RuleValue::Span(a), RuleValue::Span(b))
        | (RuleValue::Moment(a), RuleValue::Moment(b)) => Some(a.cmp(b)),
        (RuleValue::Float(a), RuleValue::Float(b)) => a.partial_cmp(b),
        (RuleValue::Int(a), RuleValue::Float(b)) => (*a as f64).partial_cmp(b),
        (RuleValue::Float(a), RuleValue::Int(b)) => a.partial_cmp(&(*b as f64)),
        _ => None,
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (lower, upper)) in self.written.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            let sign =
                |has: bool, with: &'static str, without: &'static str| if has { with } else { without };
            match (lower, upper) {
                (None, None) => f.write_str("any")?,
                (Some((lower, has)), None) => write!(f, "{} {lower}", sign(*has, ">=", ">"))?,
                (None, Some((upper, has))) => write!(f, "{} {upper}", sign(*has, "<=", "<"))?,
                (Some((lower, has_lower)), Some((upper, has_upper))) => write!(
                    f,
                    "{} {lower} and {} {upper}",
                    sign(*has_lower, ">=", ">"),
                    sign(*has_upper, "<=", "<")
                )?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use protogate_schema::model::validation::Fact;

    use super::*;

    fn bounds(list: &[(&'static str, i128)]) -> Intervals {
        let facts = list.iter().map(|&(name, value)| Fact { name, number: 0, value: RuleValue::Int(value) });
        Intervals::of(RulesKind::Int32, &ValueRules { facts: facts.collect(), ..ValueRules::default() })
    }

    /// Covering is inclusion: tried against all values near the bounds, for all bounds from -2 to 2.
    #[test]
    fn covering_is_inclusion() {
        let mut all = vec![bounds(&[])];
        for a in -2..=2 {
            for lower in ["gt", "gte"] {
                all.push(bounds(&[(lower, a)]));
                for upper in ["lt", "lte"] {
                    all.push(bounds(&[(upper, a)]));
                    all.extend((-2..=2).map(|b| bounds(&[(lower, a), (upper, b)])));
                }
            }
        }
        let has = |it: &Intervals, value: i128| it.contains(&RuleValue::Int(value));
        for outer in &all {
            for inner in &all {
                let expected = (-9..=9).all(|value| !has(inner, value) || has(outer, value));
                assert_eq!(outer.covers(inner), expected, "{outer} covers {inner}");
            }
        }
        let unsigned = |facts: &[(&'static str, i128)]| {
            let facts =
                facts.iter().map(|&(name, value)| Fact { name, number: 0, value: RuleValue::Int(value) });
            Intervals::of(RulesKind::Uint32, &ValueRules { facts: facts.collect(), ..ValueRules::default() })
        };
        assert!(unsigned(&[("gte", 0)]).covers(&unsigned(&[("gt", 10), ("lt", 3)])), "no value is below 0");
        // As protovalidate has it.
        assert!(has(&bounds(&[("gt", 2), ("lt", -2)]), 3) && !has(&bounds(&[("gt", 2), ("lt", -2)]), 0));
    }
}
