//! Can two templates take the same path? Asked by lint rules, code generation and the server's start-up.
//!
//! A *conflict* is an error: the routes are equal and neither can win. An *overlap* is normal: the matcher
//! has an order for it, and a rule may still want to point at it. Nothing here depends on a concrete path.

use crate::template::{Segment, Template};

/// Whether two routes are the same to a caller: equal methods and equal [`Template::shape`]s. The method `*`
/// is equal only to itself; against another method it merely loses.
#[must_use]
pub fn conflicts(method_a: &str, a: &Template, method_b: &str, b: &Template) -> bool {
    method_a == method_b && a.segments() == b.segments() && a.verb() == b.verb()
}

/// Whether some request path matches both templates, whatever the method. A template without a verb also
/// takes paths that end in `:verb`, so `/person/{id}` overlaps `/{name=**}:ban`.
#[must_use]
pub fn overlaps(a: &Template, b: &Template) -> bool {
    match (a.verb(), b.verb()) {
        (Some(verb_a), Some(verb_b)) => verb_a == verb_b && segments_overlap(a.segments(), b.segments()),
        (None, None) => segments_overlap(a.segments(), b.segments()),
        (None, Some(verb)) => overlaps_verb(a.segments(), b.segments(), verb),
        (Some(verb), None) => overlaps_verb(b.segments(), a.segments(), verb),
    }
}

/// Whether `plain`, read without a verb, takes a path of `stem` followed by `:verb`. The last raw segment is
/// then `x:verb` with a non-empty `x`: every way in which `plain` can end in such a segment is turned into
/// segments that end in `x`, which must overlap `stem`.
fn overlaps_verb(plain: &[Segment], stem: &[Segment], verb: &[u8]) -> bool {
    let Some((last, front)) = plain.split_last() else {
        return false;
    };
    let ending_in = |middle: &[Segment], last: Segment| {
        let mut segments = front.to_vec();
        segments.extend_from_slice(middle);
        segments.push(last);
        segments_overlap(&segments, stem)
    };
    match last {
        Segment::Literal(bytes) => {
            let before = bytes.strip_suffix(verb).and_then(|rest| rest.strip_suffix(b":"));
            before.is_some_and(|x| !x.is_empty() && ending_in(&[], Segment::Literal(x.to_vec())))
        }
        Segment::Wildcard => ending_in(&[], Segment::Wildcard),
        Segment::DoubleWildcard => {
            ending_in(&[Segment::DoubleWildcard], Segment::Wildcard) || overlaps_verb(front, stem, verb)
        }
    }
}

/// Whether some sequence of raw segments matches both. Filled from the ends: `row[j]` says whether `a[i..]`
/// and `b[j..]` overlap.
fn segments_overlap(a: &[Segment], b: &[Segment]) -> bool {
    let mut below = vec![false; b.len() + 1];
    for i in (0..=a.len()).rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            row[j] = match (a.get(i), b.get(j)) {
                (None, None) => true,
                // `**` takes nothing more, or takes what the other side stands for.
                (Some(Segment::DoubleWildcard), other) => below[j] || (other.is_some() && row[j + 1]),
                (other, Some(Segment::DoubleWildcard)) => row[j + 1] || (other.is_some() && below[j]),
                (Some(x), Some(y)) => fixed_overlap(x, y) && below[j + 1],
                _ => false,
            };
        }
        below = row;
    }
    below[0]
}

fn fixed_overlap(a: &Segment, b: &Segment) -> bool {
    match (a, b) {
        (Segment::Literal(a), Segment::Literal(b)) => a == b,
        _ => true,
    }
}
