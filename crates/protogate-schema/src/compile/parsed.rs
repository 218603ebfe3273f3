//! A parsed file: what other phases ask about it, and the content that the linker takes.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, ServiceDescriptorProto,
};

use super::front_end::parse;
use super::source_info::SourceInfo;
use crate::cache::Entry;
use crate::model::span::{Locations, Span};

/// A parsed file.
pub(super) struct Parsed {
    imports: Vec<String>,
    package: String,
    /// Of a file that is remembered and was not parsed: what is asked about it, and name and text to parse it after all.
    remembered: Option<Remembered>,
    content: Mutex<Option<Content>>,
}

struct Remembered {
    names: Vec<u64>,
    packages: Vec<u64>,
    name: String,
    text: Arc<str>,
}

/// What the linker takes out of a parsed file.
pub(super) type Content = (FileDescriptorProto, SourceInfo);

impl Parsed {
    pub(super) fn new(mut proto: FileDescriptorProto) -> Self {
        let info = SourceInfo::take(&mut proto);
        let (imports, package) = (proto.dependency.clone(), proto.package().to_owned());
        Self { imports, package, remembered: None, content: Mutex::new(Some((proto, info))) }
    }

    /// A file that was parsed in an earlier run.
    pub(super) fn remember(entry: &Entry, name: &str, text: &Arc<str>) -> Self {
        let (names, packages) = (entry.names.clone(), entry.packages.clone());
        let remembered = Remembered { names, packages, name: name.to_owned(), text: text.clone() };
        Self {
            imports: entry.imports.clone(),
            package: entry.package.clone(),
            remembered: Some(remembered),
            content: Mutex::default(),
        }
    }

    /// Import names as written, in order.
    pub(super) fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Package, `""` for none.
    pub(super) fn package(&self) -> &str {
        &self.package
    }

    /// The content, once: the linker changes it, and it is large.
    pub(super) fn take(&self) -> Option<Content> {
        self.content().take().or_else(|| self.again()?.take())
    }

    /// Parses a remembered file after all.
    fn again(&self) -> Option<Self> {
        let Remembered { name, text, .. } = self.remembered.as_ref()?;
        parse(name, text).ok()
    }

    /// A copy of the descriptor, as long as nobody has taken it.
    pub(super) fn copy(&self) -> Option<FileDescriptorProto> {
        let here = self.content().as_ref().map(|(proto, _)| proto.clone());
        here.or_else(|| self.again()?.take().map(|(proto, _)| proto))
    }

    fn content(&self) -> MutexGuard<'_, Option<Content>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places of descriptor paths; decoded anew, for errors only.
    pub(super) fn locations(&self) -> Locations {
        let here = self.content().as_ref().map(|(_, info)| info.locations());
        here.or_else(|| Some(self.again()?.locations())).unwrap_or_default()
    }

    /// Place of the import at this position.
    pub(super) fn import_span(&self, index: usize) -> Option<Span> {
        self.locations().span(&[3, i32::try_from(index).ok()?])
    }

    /// Full names of the declared messages and enums, and of the extensions.
    pub(super) fn declared(&self) -> (Vec<String>, Vec<String>) {
        fn message(it: &DescriptorProto, scope: &str, types: &mut Vec<String>, extensions: &mut Vec<String>) {
            let full = join(scope, it.name());
            it.nested_type.iter().for_each(|it| message(it, &full, types, extensions));
            types.extend(it.enum_type.iter().map(|it| join(&full, it.name())));
            extensions.extend(it.extension.iter().map(|it| join(&full, it.name())));
            types.push(full);
        }
        let (mut types, mut extensions) = (Vec::new(), Vec::new());
        let package = self.package();
        if let Some((proto, _)) = &*self.content() {
            proto.message_type.iter().for_each(|it| message(it, package, &mut types, &mut extensions));
            types.extend(proto.enum_type.iter().map(|it| join(package, it.name())));
            extensions.extend(proto.extension.iter().map(|it| join(package, it.name())));
        }
        (types, extensions)
    }

    /// Names that other files may declare too by mistake, each hashed: what lies directly in the package, `true` for the package
    /// itself and the packages around it. What lies in a message can clash only if the message does.
    pub(super) fn symbols(&self) -> Vec<(u64, bool)> {
        if let Some(it) = &self.remembered {
            let names = it.names.iter().map(|&name| (name, false));
            return names.chain(it.packages.iter().map(|&name| (name, true))).collect();
        }
        let mut found = Vec::new();
        let mut add = |name: &str, package| found.push((hash(name), package));
        if !self.package.is_empty() {
            add(&self.package, true);
            self.package.match_indices('.').for_each(|(at, _)| add(&self.package[..at], true));
        }
        if let Some((proto, _)) = &*self.content() {
            let mut own = |name: &str| add(&join(&self.package, name), false);
            proto.message_type.iter().for_each(|it| own(it.name()));
            proto.service.iter().for_each(|it| own(it.name()));
            proto.extension.iter().for_each(|it| own(it.name()));
            for it in &proto.enum_type {
                own(it.name());
                it.value.iter().for_each(|it| own(it.name()));
            }
        }
        found
    }

    /// Descriptor path of the declaration with this full name.
    pub(super) fn path_of(&self, full_name: &str) -> Option<Vec<i32>> {
        let mut rest = full_name;
        if !self.package.is_empty() {
            rest = rest.strip_prefix(self.package())?.strip_prefix('.')?;
        }
        let parts: Vec<_> = rest.split('.').collect();
        let content = self.content();
        let (file, _) = content.as_ref()?;
        match parts[..] {
            [name] => position(&file.message_type, name, DescriptorProto::name, 4)
                .or_else(|| position(&file.enum_type, name, EnumDescriptorProto::name, 5))
                .or_else(|| position(&file.service, name, ServiceDescriptorProto::name, 6))
                .or_else(|| position(&file.extension, name, FieldDescriptorProto::name, 7))
                .or_else(|| {
                    // The values of an enum live beside it.
                    file.enum_type.iter().zip(0_i32..).find_map(|(it, at)| {
                        let value = position(&it.value, name, EnumValueDescriptorProto::name, 2)?;
                        Some([vec![5, at], value].concat())
                    })
                }),
            [outer, ref rest @ ..] => {
                let mut path = position(&file.message_type, outer, DescriptorProto::name, 4)?;
                let mut message = file.message_type.iter().find(|it| it.name() == outer)?;
                for (at, name) in rest.iter().enumerate() {
                    let inner = position(&message.nested_type, name, DescriptorProto::name, 3);
                    if at + 1 == rest.len() {
                        path.extend(
                            inner
                                .or_else(|| position(&message.field, name, FieldDescriptorProto::name, 2))
                                .or_else(|| position(&message.enum_type, name, EnumDescriptorProto::name, 4))
                                .or_else(|| {
                                    position(&message.extension, name, FieldDescriptorProto::name, 6)
                                })?,
                        );
                        return Some(path);
                    }
                    path.extend(inner?);
                    message = message.nested_type.iter().find(|it| it.name() == *name)?;
                }
                None
            }
            [] => None,
        }
    }
}

fn position<T>(items: &[T], name: &str, name_of: fn(&T) -> &str, tag: i32) -> Option<Vec<i32>> {
    let at = items.iter().position(|it| name_of(it) == name)?;
    Some(vec![tag, i32::try_from(at).ok()?])
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The same in every run.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name.as_bytes());
    hasher.finish()
}
