//! What a file or a package no longer declares: the walk that the deletion rules share.
//!
//! A finding points at the nearest enclosing message that is still there, because the deleted element has no place any more.

use std::collections::HashSet;

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, FileId, MessageId};
use protogate_schema::pair::{Pair, Pairs};

use crate::finding::Findings;
use crate::position::At;

/// Where the message that a finding points at is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Survivor {
    /// In the current version of the same file.
    InFile,
    /// In any file of the package.
    InPackage,
    /// Nowhere: the finding is about the file.
    Never,
}

/// Reports the elements of a kind that the baseline's file declares, at any depth, and the current one does not.
pub(super) fn from_file(
    pairs: &Pairs<'_>,
    pair: Pair<FileId>,
    out: &mut Findings,
    kind: fn(Element) -> bool,
    noun: &str,
    survivor: Survivor,
) {
    let (old, new) = (pairs.baseline.file(pair.baseline), pairs.current.file(pair.current));
    each(pairs.baseline, pair.baseline, &mut |element| {
        if !kind(element) {
            return;
        }
        let full_name = pairs.baseline.full_name(element);
        // Names are compared inside the file, so a new package alone deletes nothing.
        let expected = if old.package == new.package {
            full_name.clone()
        } else {
            in_package(&new.package, &pairs.baseline.nested_name(element))
        };
        let found = pairs.current.find(&expected);
        if found.is_some_and(|it| {
            kind(it) && is_extension(pairs.current, it) && pairs.current.file_of(it) == pair.current
        }) {
            return;
        }
        let at = match survivor {
            Survivor::Never => At::file(pairs.current, pair.current),
            _ => At::deleted(pairs.current, pair.current, &new.package, &expected),
        };
        let nested = pairs.baseline.nested_name(element);
        out.report(at, full_name, format!("{noun} `{nested}` was deleted from file `{}`", new.path))
            .against(At::decl(pairs.baseline, element))
            .labels("", "was here");
    });
}

/// Reports the elements of a kind that a package of the baseline declares and the current package does not. A package that has no
/// such element left is not looked at.
pub(super) fn from_package(
    pairs: &Pairs<'_>,
    out: &mut Findings,
    kind: fn(Element) -> bool,
    noun: &str,
    survivor: Survivor,
) {
    let mut packages: HashSet<&str> = HashSet::new();
    for (id, file) in pairs.current.files() {
        if survivor == Survivor::Never {
            packages.insert(&file.package);
        } else if !packages.contains(file.package.as_str()) {
            let mut any = false;
            each(pairs.current, id, &mut |element| any |= kind(element));
            if any {
                packages.insert(&file.package);
            }
        }
    }
    for (id, file) in pairs.baseline.files() {
        if !packages.contains(file.package.as_str()) {
            continue;
        }
        each(pairs.baseline, id, &mut |element| {
            if !kind(element) {
                return;
            }
            let full_name = pairs.baseline.full_name(element);
            let found =
                pairs.current.find(&full_name).filter(|&it| kind(it) && is_extension(pairs.current, it));
            if found.is_some_and(|it| pairs.current.file(pairs.current.file_of(it)).package == file.package) {
                return;
            }
            let at = match (pairs.current.find_file(&file.path), survivor) {
                (None, _) => At::nowhere(),
                (Some(now), Survivor::Never) => At::file(pairs.current, now),
                (Some(now), Survivor::InFile) => {
                    // The file may be in another package by now.
                    let package = &pairs.current.file(now).package;
                    let expected = in_package(package, &pairs.baseline.nested_name(element));
                    At::deleted(pairs.current, now, package, &expected)
                }
                (Some(now), Survivor::InPackage) => {
                    At::deleted_in_package(pairs.current, now, &file.package, &full_name)
                }
            };
            let nested = pairs.baseline.nested_name(element);
            out.report(
                at,
                full_name,
                format!("{noun} `{nested}` was deleted from package `{}`", file.package),
            )
            .against(At::decl(pairs.baseline, element))
            .labels("", "was here");
        });
    }
}

fn in_package(package: &str, nested: &str) -> String {
    if package.is_empty() { nested.to_owned() } else { format!("{package}.{nested}") }
}

/// A field counts as declared by a file or package when it is an extension; other elements always do.
fn is_extension(schema: &Schema, element: Element) -> bool {
    match element {
        Element::Field(id) => schema.field(id).is_extension(),
        _ => true,
    }
}

/// The messages, enums, services and extensions that a file declares, at any depth.
fn each(schema: &Schema, file: FileId, visit: &mut dyn FnMut(Element)) {
    let file = schema.file(file);
    file.services.iter().for_each(|&id| visit(Element::Service(id)));
    file.enums.iter().for_each(|&id| visit(Element::Enum(id)));
    file.extensions.iter().for_each(|&id| visit(Element::Field(id)));
    for &id in &file.messages {
        each_in_message(schema, id, visit);
    }
}

fn each_in_message(schema: &Schema, id: MessageId, visit: &mut dyn FnMut(Element)) {
    visit(Element::Message(id));
    let message = schema.message(id);
    message.enums.iter().for_each(|&id| visit(Element::Enum(id)));
    message.extensions.iter().for_each(|&id| visit(Element::Field(id)));
    for &id in &message.messages {
        each_in_message(schema, id, visit);
    }
}
