//! Example paths, found from templates alone: one that a template takes, one that two of them take, one that the first takes and the
//! second does not. The last one decides inclusion: where there is none, every path of the first is a path of the second.
//!
//! Rules show these paths to people and look them up in a [`Matcher`], so that what a rule says is what a server does. A *fresh*
//! segment is one that no literal of the templates equals: where a template takes it, it takes any.

use crate::matcher::{Config, Matcher, Outcome};
use crate::overlap::overlaps;
use crate::percent;
use crate::template::{Segment, Template};

/// A path that the template takes. Wildcards stand for small numbers, different ones; `**` for one segment.
#[must_use]
pub fn example_path(template: &Template) -> String {
    let mut fresh = Fresh::new([template]);
    let segments = template.segments().iter().map(|segment| fresh.instance(segment)).collect::<Vec<_>>();
    text(&segments, template.verb())
}

/// A path that both templates take, the verbs being equal: `None` when there is none, or when one has a verb and the other would take
/// it as part of its last segment.
#[must_use]
pub fn common_path(a: &Template, b: &Template) -> Option<String> {
    if a.verb() != b.verb() || !overlaps(a, b) {
        return None;
    }
    let mut fresh = Fresh::new([a, b]);
    let mut segments = Vec::new();
    join(a.segments(), b.segments(), &mut fresh, &mut segments).then(|| text(&segments, a.verb()))
}

/// A path that `a` takes and `b` does not; `None` when `b` takes every path that `a` takes.
#[must_use]
pub fn path_left_out(a: &Template, b: &Template) -> Option<String> {
    if a.shape() == b.shape() {
        return None;
    }
    let (only_a, only_b) = (alone(a), alone(b));
    // More segments than `b` has change nothing: its `**` takes them, or it has none and has given up before.
    let enough = b.segments().len() + 2;
    let has_double = a.segments().contains(&Segment::DoubleWildcard);
    let counts = if has_double { 0..=enough } else { 1..=1 };
    // The usual length first: it makes the best example.
    let mut counts: Vec<usize> = counts.collect();
    counts.sort_by_key(|&count| (count.abs_diff(1), count == 0));
    // `**` takes empty segments, `*` does not; before a verb the last segment has text.
    let fills = if has_double { &[Fill::Fresh, Fill::Empty, Fill::EmptyButLast][..] } else { &[Fill::Fresh] };
    let candidates = fills.iter().flat_map(|&fill| counts.iter().map(move |&count| (count, fill)));
    candidates
        .map(|(count, fill)| {
            let mut fresh = Fresh::new([a, b]);
            let mut segments = Vec::new();
            for segment in a.segments() {
                match segment {
                    Segment::DoubleWildcard => {
                        let is_empty = |index| match fill {
                            Fill::Fresh => false,
                            Fill::Empty => true,
                            Fill::EmptyButLast => index + 1 < count,
                        };
                        segments.extend(
                            (0..count)
                                .map(|index| if is_empty(index) { String::new() } else { fresh.next() }),
                        );
                    }
                    fixed => segments.push(fresh.instance(fixed)),
                }
            }
            text(&segments, a.verb())
        })
        .find(|path| takes(&only_a, path) && !takes(&only_b, path))
}

/// What `**` stands for.
#[derive(Clone, Copy)]
enum Fill {
    Fresh,
    Empty,
    EmptyButLast,
}

/// A set of one template.
fn alone(template: &Template) -> Matcher {
    let mut matcher = Matcher::new(Config::default());
    // The first route of a set conflicts with none.
    let _ = matcher.insert("GET", template.clone(), 0);
    matcher
}

fn takes(matcher: &Matcher, path: &str) -> bool {
    matches!(matcher.find("GET", path), Outcome::Found { .. })
}

fn text(segments: &[String], verb: Option<&[u8]>) -> String {
    let mut out = format!("/{}", segments.join("/"));
    if let Some(verb) = verb {
        out.push(':');
        escape(&mut out, verb);
    }
    out
}

fn escape(out: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = percent::write_escape(out, byte);
        }
    }
}

/// Segments that no literal equals.
struct Fresh<'t> {
    literals: Vec<&'t [u8]>,
    number: usize,
}

impl<'t> Fresh<'t> {
    fn new<const N: usize>(templates: [&'t Template; N]) -> Self {
        let segments = templates.into_iter().flat_map(Template::segments);
        let literals = segments.filter_map(|segment| match segment {
            Segment::Literal(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        Self { literals: literals.collect(), number: 6 }
    }

    fn next(&mut self) -> String {
        loop {
            self.number += 1;
            let text = self.number.to_string();
            if !self.literals.contains(&text.as_bytes()) {
                return text;
            }
        }
    }

    /// One segment that the template's segment takes.
    fn instance(&mut self, segment: &Segment) -> String {
        match segment {
            Segment::Literal(bytes) => {
                let mut out = String::new();
                escape(&mut out, bytes);
                out
            }
            Segment::Wildcard | Segment::DoubleWildcard => self.next(),
        }
    }
}

/// Writes segments that both take to `out`; on failure `out` is as before.
fn join(a: &[Segment], b: &[Segment], fresh: &mut Fresh<'_>, out: &mut Vec<String>) -> bool {
    let before = out.len();
    let done = match (a.split_first(), b.split_first()) {
        (None, None) => true,
        (Some((Segment::DoubleWildcard, rest)), _) => double(rest, a, b, fresh, out),
        (_, Some((Segment::DoubleWildcard, rest))) => double(rest, b, a, fresh, out),
        (Some((x, a)), Some((y, b))) => {
            let fits = match (x, y) {
                (Segment::Literal(x), Segment::Literal(y)) => x == y,
                _ => true,
            };
            fits && {
                out.push(fresh.instance(if matches!(x, Segment::Literal(_)) { x } else { y }));
                join(a, b, fresh, out)
            }
        }
        _ => false,
    };
    if !done {
        out.truncate(before);
    }
    done
}

/// `with` starts with `**` and goes on with `rest`: it takes the next segment of `other`, else nothing more. Taking comes first, so that
/// two `**` do not end in an empty example.
fn double(
    rest: &[Segment],
    with: &[Segment],
    other: &[Segment],
    fresh: &mut Fresh<'_>,
    out: &mut Vec<String>,
) -> bool {
    if let Some((next, others)) = other.split_first() {
        out.push(fresh.instance(next));
        if join(with, others, fresh, out) {
            return true;
        }
        out.pop();
    }
    join(rest, other, fresh, out)
}
