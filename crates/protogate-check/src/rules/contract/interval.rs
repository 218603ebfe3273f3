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
        let (mut lower, upper) = (end("gt", "gte"), end("lt", "lte"));
        let outside = match (&lower, &upper) {
            (Some((lower, _)), Some((upper, _))) => order(upper, lower) == Some(Ordering::Less),
            _ => false,
        };
        let joined = |lower: End, upper: End| {
            if outside { vec![(None, upper), (lower, None)] } else { vec![(lower, upper)] }
        };
        let written = joined(lower.clone(), upper.clone());
        use RulesKind::{Fixed32, Fixed64, Uint32, Uint64};
        if lower.is_none() && matches!(kind, Uint32 | Uint64 | Fixed32 | Fixed64) {
            lower = Some((RuleValue::Int(0), true));
        }
        Self { list: joined(closed(lower, 1), closed(upper, -1)), written }
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
