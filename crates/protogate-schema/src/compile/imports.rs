//! The import phase: every import is there, once, and the files form no circle and no endless chain.

use std::collections::{HashMap, HashSet};

use super::MAX_IMPORT_DEPTH;
use super::tree::{Tree, unclean};
use super::units::Unit;
use crate::bundled;
use crate::error::{Diagnostic, Related};
use crate::nearest::nearest;

/// Most files of a chain that a message spells out.
const SHOWN_CHAIN: usize = 10;

/// An order in which every file comes after its imports; otherwise everything that is wrong with the imports.
///
/// The order depends on the files alone: by name, each preceded by what it needs.
pub(super) fn order(units: &[Unit], tree: &dyn Tree) -> Result<Vec<usize>, Vec<Diagnostic>> {
    let by_name: HashMap<&str, usize> =
        units.iter().enumerate().map(|(at, it)| (it.name.as_str(), at)).collect();
    let (order, circles, depth) = walk(units, &by_name);
    let mut found: Vec<_> = circles.iter().map(|circle| circle_fault(units, circle)).collect();
    if let Some(chain) = depth {
        // Imports beyond the limit were not read, so what is missing says nothing.
        found.push(chain_fault(units, &chain));
        return Err(found);
    }
    let mut advice = Advice { tree, names: None };
    for unit in units {
        if unit.parsed.imports().iter().enumerate().any(|(at, it)| {
            it == &unit.name || !by_name.contains_key(it.as_str()) || unit.parsed.imports()[..at].contains(it)
        }) {
            check(unit, &by_name, &mut advice, &mut found);
        }
    }
    if found.is_empty() { Ok(order) } else { Err(found) }
}

fn check(unit: &Unit, by_name: &HashMap<&str, usize>, advice: &mut Advice<'_>, found: &mut Vec<Diagnostic>) {
    let locations = unit.parsed.locations();
    let span = |at: usize| locations.span(&[3, i32::try_from(at).unwrap_or(0)]);
    let fault = |at: usize, message: String, label: &str| {
        let diagnostic = Diagnostic::new(message).in_file(&unit.display);
        match span(at) {
            Some(span) => diagnostic.at(span).with_label(label),
            None => diagnostic,
        }
    };
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (at, import) in unit.parsed.imports().iter().enumerate() {
        let shown = super::fault::tidy(&import.escape_debug().to_string());
        if let Some(&before) = first.get(import.as_str()) {
            let mut diagnostic = fault(at, format!("`{shown}` is imported twice"), "again here")
                .with_help("remove one of the two");
            diagnostic.related.extend(span(before).map(|span| Related {
                path: unit.display.clone(),
                span,
                label: "first here".to_owned(),
            }));
            found.push(diagnostic);
            continue;
        }
        first.insert(import, at);
        if import == &unit.name {
            found.push(
                fault(at, "the file imports itself".to_owned(), "this file").with_help("remove the import"),
            );
        } else if let Some(why) = unclean(import) {
            found.push(fault(at, format!("the import name `{shown}` {why}"), "not a name of a file"));
        } else if !by_name.contains_key(import.as_str()) {
            let diagnostic = fault(at, format!("`{shown}` is not found"), "no import root has this file");
            found.push(diagnostic.with_help(advice.on(import)));
        }
    }
}

struct Advice<'a> {
    tree: &'a dyn Tree,
    names: Option<Vec<String>>,
}

impl Advice<'_> {
    fn on(&mut self, import: &str) -> String {
        let tree = self.tree;
        let names = self.names.get_or_insert_with(|| {
            let mut names = tree.names();
            names.extend(bundled::paths().iter().map(|&it| it.to_owned()));
            names.sort_unstable();
            names
        });
        let file = import.rsplit('/').next().unwrap_or(import);
        // The right file by a wrong road: `v1/book.proto` or `proto/acme/v1/book.proto` for `acme/v1/book.proto`.
        let same_end = names
            .iter()
            .map(String::as_str)
            .filter(|it| it.ends_with(&format!("/{import}")) || import.ends_with(&format!("/{it}")));
        let same_file = || names.iter().map(String::as_str).filter(|it| it.rsplit('/').next() == Some(file));
        let best = same_end
            .min_by_key(|it| (it.len().abs_diff(import.len()), *it))
            .or_else(|| nearest(import, names.iter().map(String::as_str)))
            .or_else(|| same_file().min_by_key(|it| (strsim::damerau_levenshtein(import, it), *it)));
        match best {
            Some(best) => format!("did you mean `{best}`?"),
            None => "add the file, or name the folder that it is below in `roots` of `[proto]`".to_owned(),
        }
    }
}

/// Depth-first, with a stack of its own: chains may be long.
#[allow(clippy::type_complexity, reason = "three results of one walk")]
fn walk(units: &[Unit], by_name: &HashMap<&str, usize>) -> (Vec<usize>, Vec<Vec<usize>>, Option<Vec<usize>>) {
    let mut order = Vec::with_capacity(units.len());
    let mut circles = Vec::new();
    let mut deepest: Option<usize> = None;
    let mut done = vec![false; units.len()];
    let mut open_at: Vec<Option<usize>> = vec![None; units.len()];
    // Length of the longest chain below a file, in files, and the import that it goes through.
    let mut depth: Vec<(usize, Option<usize>)> = vec![(1, None); units.len()];
    for start in 0..units.len() {
        if done[start] {
            continue;
        }
        let mut stack = vec![(start, 0)];
        open_at[start] = Some(0);
        while let Some(&mut (at, ref mut next)) = stack.last_mut() {
            let import = units[at].parsed.imports().get(*next);
            *next += 1;
            let Some(import) = import else {
                stack.pop();
                open_at[at] = None;
                done[at] = true;
                order.push(at);
                if depth[at].0 > MAX_IMPORT_DEPTH && deepest.is_none_or(|it| depth[it].0 < depth[at].0) {
                    deepest = Some(at);
                }
                if let Some(&(above, _)) = stack.last() {
                    deepen(&mut depth, above, at);
                }
                continue;
            };
            let Some(&below) = by_name.get(import.as_str()) else { continue };
            if done[below] {
                deepen(&mut depth, at, below);
            } else if let Some(position) = open_at[below] {
                // A file that imports itself is reported as that.
                if below != at {
                    circles.push(stack[position..].iter().map(|&(it, _)| it).collect());
                }
            } else {
                open_at[below] = Some(stack.len());
                stack.push((below, 0));
            }
        }
    }
    let chain = deepest.map(|start| {
        let mut seen = HashSet::new();
        std::iter::successors(Some(start), |&it| depth[it].1).take_while(|&it| seen.insert(it)).collect()
    });
    (order, circles, chain)
}

fn deepen(depth: &mut [(usize, Option<usize>)], above: usize, below: usize) {
    if depth[below].0 + 1 > depth[above].0 {
        depth[above] = (depth[below].0 + 1, Some(below));
    }
}

fn circle_fault(units: &[Unit], circle: &[usize]) -> Diagnostic {
    // It starts with the first file by name, so that the message does not depend on where the walk came from.
    let start = circle.iter().enumerate().min_by_key(|&(_, &it)| &units[it].name).map_or(0, |(at, _)| at);
    let circle: Vec<_> = circle[start..].iter().chain(&circle[..start]).map(|&it| &units[it]).collect();
    let (first, second) = (circle[0], circle[1 % circle.len()]);
    let names = circle.iter().chain([&first]).map(|it| it.name.as_str());
    let message = format!("the imports go in a circle: {}", spell(&names.collect::<Vec<_>>()));
    let help = "move what both sides need into a file of its own";
    import_of(first, &second.name, Diagnostic::new(message), "leads back to this file").with_help(help)
}

fn chain_fault(units: &[Unit], chain: &[usize]) -> Diagnostic {
    let names: Vec<_> = chain.iter().map(|&it| units[it].name.as_str()).collect();
    let message = format!("imports go more than {MAX_IMPORT_DEPTH} files deep: {}", spell(&names));
    let next = chain.get(1).map_or("", |&it| units[it].name.as_str());
    let help = "import the files that are used directly, not through each other";
    import_of(&units[chain[0]], next, Diagnostic::new(message), "the chain starts here").with_help(help)
}

fn import_of(unit: &Unit, name: &str, diagnostic: Diagnostic, label: &str) -> Diagnostic {
    let diagnostic = diagnostic.in_file(&unit.display);
    let at = unit.parsed.imports().iter().position(|it| it == name);
    match at.and_then(|at| unit.parsed.import_span(at)) {
        Some(span) => diagnostic.at(span).with_label(label),
        None => diagnostic,
    }
}

fn spell(names: &[&str]) -> String {
    let quoted = |it: &&str| format!("`{it}`");
    if names.len() <= SHOWN_CHAIN + 1 {
        return names.iter().map(quoted).collect::<Vec<_>>().join(" → ");
    }
    let head: Vec<_> = names[..SHOWN_CHAIN - 1].iter().map(quoted).collect();
    format!("{} → … → `{}`", head.join(" → "), names[names.len() - 1])
}
