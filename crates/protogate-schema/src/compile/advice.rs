//! Turns the linker's errors into diagnostics and adds what it does not know: the other place, and the name that was meant.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use prost_reflect::DescriptorPool;

use super::fault::LinkFault;
use super::front_end;
use crate::bundled;
use crate::error::{Diagnostic, Related};
use crate::model::span::Span;
use crate::nearest::nearest;

/// Most errors for which the nearest name is looked for; each costs a walk over all names.
const MAX_SEARCHES: usize = 50;

/// Diagnostics for the errors of the link phase. `texts` and `display` are by import name.
pub(super) fn explain(
    faults: Vec<LinkFault>,
    texts: &HashMap<String, Arc<str>>,
    display: &HashMap<String, String>,
) -> Vec<Diagnostic> {
    let mut names: Option<Names> = None;
    let mut searches = 0;
    faults
        .into_iter()
        .map(|fault| {
            let mut diagnostic = Diagnostic::new(&fault.message);
            let shown = |file: &str| display.get(file).map_or(file, String::as_str).to_owned();
            if !fault.file.is_empty() {
                diagnostic = diagnostic.in_file(shown(&fault.file));
            }
            let mut places = fault.places.iter();
            if let Some((span, label)) = places.next() {
                diagnostic = diagnostic.at(*span).with_label(label);
            }
            diagnostic.related = places
                .map(|(span, label)| Related { path: shown(&fault.file), span: *span, label: label.clone() })
                .collect();
            diagnostic.help = match fault.help {
                Some(help) if help.starts_with("set the `allow_alias` option") => Some(
                    "for two names of one value write `option allow_alias = true;` in the enum".to_owned(),
                ),
                help => help,
            };
            if let Some((name, other)) = declared_elsewhere(&fault.message) {
                let span = texts.get(other).and_then(|text| place_of(other, text, name));
                diagnostic.related.extend(span.map(|span| Related {
                    path: shown(other),
                    span,
                    label: "first defined here".to_owned(),
                }));
            }
            // The scope that the name starts with was found, and nothing of that name in it.
            if fault.message == "a field with JSON name `` is already defined" {
                diagnostic.message = "two fields have the same JSON name".to_owned();
                diagnostic.help = Some("give one of them another name, or a `json_name`".to_owned());
            }
            if let Some(name) = resolves_to_itself(&fault.message) {
                diagnostic.message = format!("name `{name}` is not defined");
                diagnostic.help = None;
            }
            if diagnostic.help.is_none() && searches < MAX_SEARCHES {
                if let Some(name) = between(&diagnostic.message, "name `", "` is not defined") {
                    searches += 1;
                    diagnostic.help =
                        names.get_or_insert_with(|| Names::of(texts)).on(name, &fault.file, texts);
                } else if let Some(name) = between(&diagnostic.message, "option field `", "` is not defined")
                {
                    diagnostic.help = option_field(name);
                }
            }
            diagnostic
        })
        .collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// ``name `x` is already defined in file `y` ``.
fn declared_elsewhere(message: &str) -> Option<(&str, &str)> {
    message.strip_prefix("name `")?.strip_suffix('`')?.split_once("` is already defined in file `")
}

/// `` `x` resolves to `x`, which is not defined ``.
fn resolves_to_itself(message: &str) -> Option<&str> {
    let (wanted, resolved) =
        message.strip_prefix('`')?.strip_suffix("`, which is not defined")?.split_once("` resolves to `")?;
    (wanted == resolved).then_some(wanted)
}

/// Place of the declaration of a full name in a file.
fn place_of(file: &str, text: &str, name: &str) -> Option<Span> {
    let parsed = front_end::parse(file, text).ok()?;
    let path = parsed.path_of(name)?;
    let locations = parsed.locations();
    locations.span(&[path.as_slice(), &[1]].concat()).or_else(|| locations.span(&path))
}

/// Built-in options are fields of the options messages.
fn option_field(name: &str) -> Option<String> {
    let pool = DescriptorPool::global();
    let messages = pool
        .all_messages()
        .filter(|it| it.full_name().starts_with("google.protobuf.") && it.name().ends_with("Options"));
    let fields: Vec<_> =
        messages.flat_map(|it| it.fields().map(|it| it.name().to_owned()).collect::<Vec<_>>()).collect();
    match nearest(name, fields.iter().map(String::as_str)) {
        Some(best) => Some(format!("did you mean `{best}`?")),
        None if name.contains('(') => None,
        None => Some(format!("a custom option is written in parentheses: `({name})`")),
    }
}

/// Everything that is declared, in the files of the project and in the bundled ones: full name → file.
struct Names {
    by_name: BTreeMap<String, String>,
}

impl Names {
    fn of(texts: &HashMap<String, Arc<str>>) -> Self {
        let bundled = bundled::paths().iter().filter_map(|it| Some((*it, bundled::source(it)?)));
        let own = texts.iter().map(|(name, text)| (name.as_str(), &**text));
        let mut by_name = BTreeMap::new();
        for (file, text) in bundled.filter(|(it, _)| !texts.contains_key(*it)).chain(own) {
            if let Ok(parsed) = front_end::parse(file, text) {
                let (types, extensions) = parsed.declared();
                by_name.extend(types.into_iter().chain(extensions).map(|it| (it, file.to_owned())));
            }
        }
        Self { by_name }
    }

    /// What to do about a name that is not defined where it is used in `user`.
    fn on(&self, wanted: &str, user: &str, texts: &HashMap<String, Arc<str>>) -> Option<String> {
        let wanted = wanted.trim_start_matches('.');
        let parts = wanted.split('.').count();
        let end = format!(".{wanted}");
        let exact = self.by_name.iter().filter(|(name, _)| *name == wanted || name.ends_with(&end));
        if let Some((name, file)) = exact.min_by_key(|(name, _)| name.len()) {
            let parsed = texts.get(user).and_then(|text| front_end::parse(user, text).ok());
            let known = file == user || parsed.as_ref().is_some_and(|it| it.imports().contains(file));
            // Inside its own package the short name will do.
            let package = parsed.as_ref().map_or("", |it| it.package());
            let short = name == wanted || name.strip_suffix(&end).is_some_and(|it| it == package);
            return Some(match (known, short) {
                (true, _) => format!("write `{name}`, or `.{name}` if an inner name hides it"),
                (false, true) => format!("`{name}` is declared in `{file}`: add `import \"{file}\";`"),
                (false, false) => {
                    format!("`{name}` is declared in `{file}`: add `import \"{file}\";` and write `{name}`")
                }
            });
        }
        // Compared with as many parts of each full name as were written.
        let tails = self.by_name.keys().map(|name| {
            let start = name.rmatch_indices('.').nth(parts - 1).map_or(0, |(at, _)| at + 1);
            (&name[start..], name)
        });
        let best = nearest(wanted, tails.clone().map(|(tail, _)| tail))?;
        let (_, name) = tails.into_iter().find(|(tail, _)| *tail == best)?;
        Some(format!("did you mean `{name}` of `{}`?", self.by_name[name]))
    }
}
