//! What became of the routes of the baseline: kept, widened, narrowed, moved, under another verb, gone; and what their requests get now.
//!
//! Whether a route is kept is decided by what it takes: the current route takes every path that the old one took. One walk serves all
//! rules about routes, each of which reports its own kind of change.

use std::collections::BTreeMap;

use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::pair::{Pair, Pairs};
use protogate_transcode::{ANY_METHOD, example_path, overlaps, path_left_out};

use super::routes::{self, Answer, Route, Table};
use super::same_json;
use crate::finding::{Finding, Findings, Side};
use crate::fix::{Edit, Fix};
use crate::position::At;
use crate::rule::Audience;
use crate::subject;
use crate::witness::{Encoding, Version, Witness};

/// What became of a route.
#[derive(Debug)]
pub(super) enum Fate {
    /// A current route takes all its requests: index into [`Change::new`].
    Kept(usize),
    /// A current route takes a part of them.
    Narrowed(usize),
    /// A current route takes its paths with another method.
    OtherVerb(usize),
    /// The rpc has a route elsewhere.
    Moved(usize),
    /// Nothing of the rpc takes its place.
    Gone,
}

/// The routes of one rpc on both sides.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) old_rpc: MethodId,
    /// `None`: the rpc is gone.
    pub(super) new_rpc: Option<MethodId>,
    pub(super) old: Vec<Route>,
    pub(super) new: Vec<Route>,
    /// One for each of `old`; with a path that is not taken any more, but for kept routes.
    pub(super) fates: Vec<(Fate, String)>,
}

/// A route that lost requests, with all that rules say about it.
pub(super) struct Lost<'a> {
    pub(super) change: &'a Change,
    pub(super) old: &'a Route,
    pub(super) fate: &'a Fate,
    /// A path that reached the rpc.
    pub(super) path: &'a str,
    pub(super) now: Answer<'a>,
}

impl Change {
    /// The changes of an rpc that both sides have.
    pub(super) fn of(pairs: &Pairs<'_>, pair: Pair<MethodId>) -> Self {
        let (old, new) = (routes::of(pairs.baseline, pair.baseline), routes::of(pairs.current, pair.current));
        let fates = fates(&old, &new);
        Self { old_rpc: pair.baseline, new_rpc: Some(pair.current), old, new, fates }
    }

    fn deleted(pairs: &Pairs<'_>, rpc: MethodId) -> Self {
        let old = routes::of(pairs.baseline, rpc);
        let fates = old.iter().map(|it| (Fate::Gone, example_path(&it.template))).collect();
        Self { old_rpc: rpc, new_rpc: None, old, new: Vec::new(), fates }
    }

    /// The routes that still take all their requests, with the ones that take them now.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&Route, &Route)> {
        self.old.iter().zip(&self.fates).filter_map(|(old, (fate, _))| match fate {
            Fate::Kept(index) => Some((old, &self.new[*index])),
            _ => None,
        })
    }
}

/// Calls `report` for every route that lost requests, with what they get now.
pub(super) fn each_lost(
    pairs: &Pairs<'_>,
    out: &mut Findings,
    report: fn(&Pairs<'_>, &Lost<'_>, &mut Findings),
) {
    let changes: Vec<Change> =
        changes(pairs).into_iter().filter(|it| it.fates.iter().any(|(fate, _)| !fate.is_kept())).collect();
    if changes.is_empty() {
        return;
    }
    let table = Table::new(pairs.current);
    for change in &changes {
        let host = match change.new_rpc {
            Some(rpc) => routes::host_of(pairs.current, rpc),
            None => routes::host_of(pairs.baseline, change.old_rpc),
        };
        for (old, (fate, path)) in change.old.iter().zip(&change.fates) {
            if fate.is_kept() {
                continue;
            }
            let now = table.find(&host, old.example_method(), path);
            let lost = Lost { change, old, fate, path, now };
            if !lost.is_unnoticed(pairs) {
                report(pairs, &lost, out);
            }
        }
    }
}

/// What callers by HTTP of deleted rpcs get now.
pub(crate) struct Answers {
    table: Table,
}

impl Answers {
    /// The answers of a server with the current schema.
    pub(crate) fn new(pairs: &Pairs<'_>) -> Self {
        Self { table: Table::new(pairs.current) }
    }

    /// The routes of a deleted rpc that answer otherwise now, and how: `("GET /v1/things/{id}", "404")`.
    pub(crate) fn lost(&self, pairs: &Pairs<'_>, rpc: MethodId) -> Vec<(String, String)> {
        let change = Change::deleted(pairs, rpc);
        let host = routes::host_of(pairs.baseline, rpc);
        let all = change.old.iter().zip(&change.fates).map(|(old, (fate, path))| {
            let now = self.table.find(&host, old.example_method(), path);
            Lost { change: &change, old, fate, path, now }
        });
        all.filter(|lost| !lost.is_unnoticed(pairs)).map(|lost| (lost.old.name(), lost.now(pairs))).collect()
    }
}

/// The rpcs of the baseline whose routes can have changed.
fn changes(pairs: &Pairs<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (id, service) in pairs.baseline.services() {
        let services = pairs.service(id);
        for &rpc in &service.methods {
            let old = pairs.baseline.method(rpc);
            if old.options.http.is_none() {
                continue;
            }
            let pair = services.and_then(|services| pairs.method(services, rpc));
            let is_target = routes::is_target(pairs.baseline, rpc)
                || pair.is_some_and(|pair| routes::is_target(pairs.current, pair.current));
            if !is_target {
                continue;
            }
            match pair {
                Some(pair) if pairs.current.method(pair.current).options.http == old.options.http => {}
                Some(pair) => changes.push(Change::of(pairs, pair)),
                None => changes.push(Change::deleted(pairs, rpc)),
            }
        }
    }
    changes
}

impl Fate {
    fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }
}

/// Gives every old route the current one that stands for it, each current one once.
fn fates(old: &[Route], new: &[Route]) -> Vec<(Fate, String)> {
    let mut free: Vec<bool> = vec![true; new.len()];
    let mut fates: BTreeMap<usize, (Fate, String)> = BTreeMap::new();
    for (index, route) in old.iter().enumerate() {
        if let Some(same) = new.iter().position(|it| it.takes_the_same_as(route)) {
            free[same] = false;
            fates.insert(index, (Fate::Kept(same), String::new()));
        }
    }
    for (index, route) in old.iter().enumerate() {
        if fates.contains_key(&index) {
            continue;
        }
        let wider = |it: &Route| covers(it, route) && path_left_out(&route.template, &it.template).is_none();
        if let Some(wider) = new.iter().position(wider) {
            free[wider] = false;
            fates.insert(index, (Fate::Kept(wider), String::new()));
        }
    }
    type Stage = (fn(&Route, &Route) -> bool, fn(usize) -> Fate);
    let stages: [Stage; 4] = [
        (|old, new| old.template.shape() == new.template.shape(), Fate::OtherVerb),
        (
            |old, new| {
                covers(new, old)
                    && old.template.verb() == new.template.verb()
                    && overlaps(&old.template, &new.template)
            },
            Fate::Narrowed,
        ),
        (|old, new| covers(new, old), Fate::Moved),
        (|_, _| true, Fate::Moved),
    ];
    for (fits, fate) in stages {
        for (index, route) in old.iter().enumerate() {
            if fates.contains_key(&index) {
                continue;
            }
            let mut candidates = (0..new.len()).filter(|&it| free[it] && fits(route, &new[it]));
            if let Some(next) = candidates.next() {
                free[next] = false;
                let left_out = match fate(next) {
                    Fate::Narrowed(_) => path_left_out(&route.template, &new[next].template),
                    _ => None,
                };
                let path = left_out.unwrap_or_else(|| example_path(&route.template));
                fates.insert(index, (fate(next), path));
            }
        }
    }
    for (index, route) in old.iter().enumerate() {
        fates.entry(index).or_insert_with(|| (Fate::Gone, example_path(&route.template)));
    }
    fates.into_values().collect()
}

/// Whether the method of `new` takes requests with the method of `old`.
fn covers(new: &Route, old: &Route) -> bool {
    new.binding.http_method == old.binding.http_method || new.binding.http_method == ANY_METHOD
}

impl Lost<'_> {
    /// The example still ends in the same rpc, by routes that take the old one's paths together; or in another rpc that takes and
    /// answers the same, so that the rpc was renamed or divided and callers by HTTP do not see it.
    fn is_unnoticed(&self, pairs: &Pairs<'_>) -> bool {
        let Answer::Route(route) = &self.now else { return false };
        if Some(route.rpc) == self.change.new_rpc {
            return true;
        }
        let (old, new) = (pairs.baseline.method(self.old.rpc), pairs.current.method(route.rpc));
        same_json::reads(pairs, old.input, new.input)
            && same_json::reads(pairs, old.output, new.output)
            && old.server_streaming == new.server_streaming
            && route.takes_the_same_as(self.old)
            && route.binding.body == self.old.binding.body
            && route.binding.response_body == self.old.binding.response_body
    }

    /// What the requests get now: `404`, `405: only POST is allowed`, or whose answer.
    pub(super) fn now(&self, pairs: &Pairs<'_>) -> String {
        match &self.now {
            Answer::NotFound => "404".to_owned(),
            Answer::NotAllowed(allow) => {
                let named: Vec<&str> = allow
                    .iter()
                    .map(String::as_str)
                    .filter(|it| !matches!(*it, "OPTIONS" | "HEAD"))
                    .collect();
                format!("405, for {} only", named.join(" and "))
            }
            Answer::Route(route) => format!("the answer of `{}`", pairs.current.method(route.rpc).full_name),
        }
    }

    /// Full name of the rpc in the baseline.
    pub(super) fn rpc<'s>(&self, pairs: &Pairs<'s>) -> &'s str {
        &pairs.baseline.method(self.change.old_rpc).full_name
    }

    /// Reports the loss, with both places, who is hurt and the way back. `counterpart` is the route that stands for it now.
    pub(super) fn report<'o>(
        &self,
        pairs: &Pairs<'_>,
        counterpart: Option<&Route>,
        message: String,
        out: &'o mut Findings,
    ) -> &'o mut Finding {
        let at = match (self.change.new_rpc, counterpart) {
            (Some(rpc), Some(route)) => routes::at(pairs.current, rpc, &route.binding),
            (Some(rpc), None) => routes::at_annotation(pairs.current, rpc),
            (None, _) => at_deleted(pairs, self.change.old_rpc),
        };
        let request = format!("{} {}", self.old.example_method(), self.path);
        let now = self.now(pairs);
        let finding = out
            .report(at, self.rpc(pairs), message)
            .against(routes::at(pairs.baseline, self.change.old_rpc, &self.old.binding))
            .key(self.old.name())
            .impact([(Audience::Rest, format!("`{request}` gets {now}"))])
            .sides(if counterpart.is_some() {
                &[Side::OldClientNewServer, Side::NewClientOldServer]
            } else {
                &[Side::OldClientNewServer]
            })
            .help(self.help(pairs))
            .witness(Witness {
                encoding: Encoding::Http,
                writer: Version::Old,
                message: self.rpc(pairs).to_owned(),
                value: self.old.name(),
                data: request,
                old: format!("the answer of `{}`", self.rpc(pairs)),
                new: now,
            });
        if let Some(rpc) = self.change.new_rpc
            && !matches!(&self.now, Answer::Route(route) if !self.old.wins(route, self.path))
            && let Some(fix) = keep(pairs, rpc, self.old)
        {
            finding.fix(fix);
        }
        finding
    }

    fn help(&self, pairs: &Pairs<'_>) -> String {
        let pattern = self.old.pattern();
        if let Answer::Route(route) = &self.now
            && !self.old.wins(route, self.path)
        {
            let taker = &pairs.current.method(route.rpc).full_name;
            return format!(
                "give `{taker}` another path, and keep the old route: `additional_bindings {{ {pattern} }}`"
            );
        }
        match self.change.new_rpc {
            None => format!(
                "put the rpc back with `option deprecated = true`, or give its route to another: `additional_bindings {{ {pattern} }}`"
            ),
            Some(rpc) if pairs.current.method(rpc).options.http.is_some() => {
                format!("keep the old route as well: `additional_bindings {{ {pattern} }}`")
            }
            Some(_) => format!("put the annotation back: `option (google.api.http) = {{ {pattern} }};`"),
        }
    }
}

/// Where an rpc was: its service; its file, when that is gone too; nowhere, when there is no such file.
fn at_deleted(pairs: &Pairs<'_>, rpc: MethodId) -> At {
    let service = pairs.baseline.method(rpc).service;
    if let Some(pair) = pairs.service(service) {
        return At::decl(pairs.current, Element::Service(pair.current));
    }
    let file = pairs.file(pairs.baseline.file_of(Element::Method(rpc)));
    file.map_or_else(At::nowhere, |pair| At::file(pairs.current, pair.current))
}

/// Keeps a route as an additional binding: an insertion before the last brace of the annotation.
fn keep(pairs: &Pairs<'_>, rpc: MethodId, old: &Route) -> Option<Fix> {
    let schema = pairs.current;
    let method = schema.method(rpc);
    method.options.http.as_ref()?;
    // With the fields gone, the binding would not compile into a server.
    let fields = old.template.variables().iter().map(|it| it.field_path.parts());
    let resolves = fields.into_iter().all(|parts| routes::resolve(schema, method.input, parts).is_some());
    if !resolves {
        return None;
    }
    let at = routes::at_annotation(schema, rpc);
    let (path, span) = (at.path?, at.span?);
    let source = schema.source(&path)?;
    let lines: Vec<&str> = source.lines().collect();
    let last = lines.get(span.end_line as usize - 1)?;
    let end = last.get(..(span.end_column as usize).checked_sub(1)?)?;
    let brace = end.trim_end().trim_end_matches(';').trim_end();
    let before = brace.strip_suffix('}')?;
    let binding = format!("additional_bindings {{ {} }}", old.pattern());
    // A brace on a line of its own gets a line above; else the binding stands before it.
    let (column, text) = if before.trim().is_empty() {
        (1, format!("{before}  {binding}\n"))
    } else {
        let blank = if before.ends_with(' ') { "" } else { " " };
        (before.len() as u32 + 1, format!("{blank}{binding} "))
    };
    let place = protogate_schema::model::span::Span {
        start_line: span.end_line,
        start_column: column,
        end_line: span.end_line,
        end_column: column,
    };
    Some(Fix {
        title: format!("keep {} as an additional binding", subject::list([old.name().as_str()])),
        safe: true,
        edits: vec![Edit { path, span: place, text }],
    })
}
