//! A set of templates: which route takes a request, and what its variables capture.
//!
//! The templates form one trie per verb, searched depth-first in the order of specificity (literal, `*`,
//! `**`) with backtracking, so the order of registration cannot matter. A search visits each node of the
//! trie at most once and allocates nothing; only the captures of the winner are allocated. The answers to
//! HEAD and OPTIONS, and what a variable's text means, are the gateway's.

use std::collections::BTreeSet;
use std::fmt;

use crate::capture::{self, Capture};
use crate::percent;
use crate::template::{Segment, Shape, Template, Variable};

/// The method of a route that takes every method.
pub const ANY_METHOD: &str = "*";

/// How a [`Matcher`] reads paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Config {
    /// What a slash at the end of the path means; strict by default.
    pub trailing_slash: TrailingSlash,
}

/// What a slash at the end of the path means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TrailingSlash {
    /// It starts one more, empty segment, which only `**` takes.
    #[default]
    Strict,
    /// One slash at the end of the path is dropped before matching, so `**` does not see it either.
    Ignore,
}

/// Routes by method and template.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    config: Config,
    plain: Node,
    /// Sorted by verb.
    verbs: Vec<(Vec<u8>, Node)>,
    routes: Vec<Route>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A route takes it.
    Found {
        /// The value given to [`Matcher::insert`].
        id: usize,
        /// One for each variable of the template, in its order.
        captures: Vec<Capture>,
    },
    /// A route takes the path, but the text of the path is unusable: answer 400 `INVALID_ARGUMENT` with this
    /// message.
    BadPath(String),
    /// Only other methods are known for the path: answer 405 `UNIMPLEMENTED` with this `Allow` list: sorted,
    /// with `HEAD` when `GET` is in it, and with `OPTIONS`.
    MethodNotAllowed(Vec<String>),
    /// No route takes the path with any method: answer 404 `NOT_FOUND`.
    NotFound,
}

/// A route with the same method and the same shape is already there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The id of the route that was there first.
    pub existing: usize,
    /// The method of both.
    pub method: String,
    /// The shape of both.
    pub shape: Shape,
}

#[derive(Debug, Clone)]
struct Route {
    id: usize,
    variables: Vec<Variable>,
    /// The number of segments, and which of them is `**`.
    count: usize,
    double: Option<usize>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Sorted by their bytes.
    literals: Vec<(Vec<u8>, Self)>,
    wildcard: Option<Box<Self>>,
    /// What follows a `**` here, by the number of fixed segments, the longest first.
    double: Vec<(usize, Self)>,
    /// The routes that end here: method and index into [`Matcher::routes`].
    ends: Vec<(String, usize)>,
}

impl Matcher {
    /// An empty set.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self { config, ..Self::default() }
    }

    /// Adds a route. `method` is an HTTP method, compared case-sensitively, or [`ANY_METHOD`]; `id` is handed
    /// back by [`Matcher::find`].
    ///
    /// # Errors
    /// When a route with this method and an equal shape exists; the set is unchanged.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route owns its template; callers have no further use"
    )]
    pub fn insert(&mut self, method: &str, template: Template, id: usize) -> Result<(), Conflict> {
        let mut node = match template.verb() {
            None => &mut self.plain,
            Some(verb) => {
                let found = self.verbs.binary_search_by(|(known, _)| known.as_slice().cmp(verb));
                let at = found.unwrap_or_else(|at| {
                    self.verbs.insert(at, (verb.to_vec(), Node::default()));
                    at
                });
                &mut self.verbs[at].1
            }
        };
        let segments = template.segments();
        for (index, segment) in segments.iter().enumerate() {
            node = node.child(segment, segments.len() - index - 1);
        }
        if let Some((_, route)) = node.ends.iter().find(|(known, _)| known == method) {
            let existing = self.routes[*route].id;
            return Err(Conflict { existing, method: method.to_owned(), shape: template.shape() });
        }
        node.ends.push((method.to_owned(), self.routes.len()));
        self.routes.push(Route {
            id,
            variables: template.variables().to_vec(),
            count: segments.len(),
            double: segments.iter().position(|segment| *segment == Segment::DoubleWildcard),
        });
        Ok(())
    }

    /// Finds the route of a request. `raw_path` is the request target up to `?`, not decoded. HEAD is a method
    /// like any other here: a caller that answers it from GET routes asks again with `GET`.
    #[must_use]
    pub fn find(&self, method: &str, raw_path: &str) -> Outcome {
        let Some(mut text) = raw_path.strip_prefix('/') else {
            return Outcome::NotFound;
        };
        if self.config.trailing_slash == TrailingSlash::Ignore {
            text = text.strip_suffix('/').unwrap_or(text);
        }
        let path = (!text.is_empty()).then_some(text);
        let verb = verb_reading(text).and_then(|(stem, verb)| Some((stem, self.verb_node(verb)?)));
        if let Some((stem, node)) = verb
            && let Some(route) = node.first(method, Some(stem))
        {
            return self.found(route, text, Some(stem));
        }
        if let Some(route) = self.plain.first(method, path) {
            return self.found(route, text, path);
        }
        let mut allow = BTreeSet::new();
        if let Some((stem, node)) = verb {
            node.methods(Some(stem), &mut allow);
        }
        self.plain.methods(path, &mut allow);
        if allow.is_empty() {
            return Outcome::NotFound;
        }
        if allow.contains("GET") {
            allow.insert("HEAD");
        }
        allow.insert("OPTIONS");
        Outcome::MethodNotAllowed(allow.into_iter().map(str::to_owned).collect())
    }

    /// The number of routes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.routes.len()
    }

    /// Whether there are no routes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    fn verb_node(&self, verb: &str) -> Option<&Node> {
        lookup(&self.verbs, verb)
    }

    /// `text` is the whole path, whose escapes must all be well-formed; `path` is what the template matched.
    fn found(&self, route: usize, text: &str, path: Option<&str>) -> Outcome {
        if let Some(at) = percent::malformed_escape(text) {
            // The leading slash counts as a byte of the path.
            let segment = text[text[..at].rfind('/').map_or(0, |slash| slash + 1)..].split('/').next();
            return Outcome::BadPath(format!(
                "path segment `{}` has a malformed percent escape at byte {} of the path; expected two \
                 hexadecimal digits after `%`, write `%25` for a percent sign",
                percent::quote(segment.unwrap_or_default()),
                at + 1,
            ));
        }
        let Route { id, variables, count, double } = &self.routes[route];
        let mut captures = Vec::with_capacity(variables.len());
        for (index, variable) in variables.iter().enumerate() {
            let raw = capture::covered(variable, path, *double, *count);
            let Some(value) = capture::decode(raw, variable.multi) else {
                return Outcome::BadPath(format!(
                    "path text `{}` for `{}` does not decode to UTF-8; escape the UTF-8 bytes of the text",
                    percent::quote(raw),
                    variable.field_path,
                ));
            };
            captures.push(Capture { variable: index, value });
        }
        Outcome::Found { id: *id, captures }
    }
}

/// Splits `…stem:verb` at the last colon of the last segment, when there is text on both sides of it.
fn verb_reading(text: &str) -> Option<(&str, &str)> {
    let last = text.rfind('/').map_or(0, |slash| slash + 1);
    let colon = last + text[last..].rfind(':')?;
    let verb = &text[colon + 1..];
    (colon > last && !verb.is_empty()).then_some((&text[..colon], verb))
}

/// The entry of a sorted list whose bytes equal the raw text, percent-decoded. A malformed escape equals
/// nothing.
fn lookup<'n>(sorted: &'n [(Vec<u8>, Node)], raw: &str) -> Option<&'n Node> {
    let found = if !raw.contains('%') {
        sorted.binary_search_by(|(bytes, _)| bytes.as_slice().cmp(raw.as_bytes()))
    } else if percent::malformed_escape(raw).is_none() {
        sorted.binary_search_by(|(bytes, _)| bytes.iter().copied().cmp(percent::decoded(raw)))
    } else {
        return None;
    };
    found.ok().map(|at| &sorted[at].1)
}

/// The last `count` segments of a path; `None` when it has fewer.
fn last_segments(path: Option<&str>, count: usize) -> Option<Option<&str>> {
    if count == 0 {
        return Some(None);
    }
    let text = path?;
    let mut end = text.len();
    for _ in 1..count {
        end = text[..end].rfind('/')?;
    }
    let start = text[..end].rfind('/').map_or(0, |slash| slash + 1);
    Some(Some(&text[start..]))
}

impl Node {
    /// The child for a segment that `after` more segments follow, made when it is missing.
    fn child(&mut self, segment: &Segment, after: usize) -> &mut Self {
        match segment {
            Segment::Literal(literal) => {
                let at =
                    self.literals.binary_search_by(|(known, _)| known.cmp(literal)).unwrap_or_else(|at| {
                        self.literals.insert(at, (literal.clone(), Self::default()));
                        at
                    });
                &mut self.literals[at].1
            }
            Segment::Wildcard => self.wildcard.get_or_insert_default(),
            Segment::DoubleWildcard => {
                let at = self.double.binary_search_by(|(known, _)| after.cmp(known)).unwrap_or_else(|at| {
                    self.double.insert(at, (after, Self::default()));
                    at
                });
                &mut self.double[at].1
            }
        }
    }

    /// The most specific route that takes the path and the method.
    fn first(&self, method: &str, path: Option<&str>) -> Option<usize> {
        let mut winner = None;
        self.search(path, &mut |ends| {
            let by = |wanted| ends.iter().find(|(known, _)| known == wanted);
            winner = by(method).or_else(|| by(ANY_METHOD)).map(|(_, route)| *route);
            winner.is_some()
        });
        winner
    }

    /// All methods with which some route takes the path.
    fn methods<'n>(&'n self, path: Option<&str>, into: &mut BTreeSet<&'n str>) {
        self.search(path, &mut |ends| {
            into.extend(ends.iter().map(|(method, _)| method.as_str()));
            false
        });
    }

    /// Calls `visit` with the routes of every template that takes the path, the most specific first, until it
    /// returns true. `path` is what is left of it; `None` when all segments are consumed.
    fn search<'n, F>(&'n self, path: Option<&str>, visit: &mut F) -> bool
    where
        F: FnMut(&'n [(String, usize)]) -> bool,
    {
        if let Some(text) = path {
            let (segment, rest) = match text.split_once('/') {
                Some((segment, rest)) => (segment, Some(rest)),
                None => (text, None),
            };
            if let Some(child) = lookup(&self.literals, segment)
                && child.search(rest, visit)
            {
                return true;
            }
            if let Some(child) = &self.wildcard
                && !segment.is_empty()
                && child.search(rest, visit)
            {
                return true;
            }
        } else if !self.ends.is_empty() && visit(&self.ends) {
            return true;
        }
        self.double
            .iter()
            .any(|(after, child)| last_segments(path, *after).is_some_and(|rest| child.search(rest, visit)))
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { existing, method, shape } = self;
        write!(
            f,
            "`{method} {shape}` is taken by route {existing} already; change a literal, the verb or the method of one"
        )
    }
}

impl std::error::Error for Conflict {}
