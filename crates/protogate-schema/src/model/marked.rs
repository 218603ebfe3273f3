//! Comments that hold a marker: found without decoding the source info of files that have none.

use memchr::memmem::Finder;

use super::element::{Element, FileId};
use super::schema::Schema;
use super::span::Comments;

/// Path of the `package` statement in a file's source info.
const PACKAGE: &[i32] = &[2];
/// Path of the `syntax` or `edition` statement.
const SYNTAX: &[i32] = &[12];

impl Schema {
    /// The elements of target files whose comments hold `text`, with those comments: file by file, then in arena order. What stands
    /// at the `syntax` and `package` statements belongs to the file.
    #[must_use]
    pub fn comments_with(&self, text: &str) -> Vec<(Element, &Comments)> {
        let finder = Finder::new(text);
        let mut files: Vec<bool> = vec![false; self.files().len()];
        for (id, file) in self.files() {
            files[id.index()] = !file.is_import && finder.find(&file.source_code_info).is_some();
        }
        if files.iter().all(|it| !it) {
            return Vec::new();
        }
        let has = |file: FileId| files[file.index()];
        let mut found: Vec<(Element, &Comments)> = Vec::new();
        let holds = |it: &Comments| {
            it.leading.contains(text)
                || it.trailing.contains(text)
                || it.detached.iter().any(|it| it.contains(text))
        };
        for (id, _) in self.files().filter(|(id, _)| has(*id)) {
            let statements = [SYNTAX, PACKAGE].into_iter().filter_map(|path| self.comments_at(id, path));
            found.extend(statements.filter(|it| holds(it)).map(|it| (Element::File(id), it)));
        }
        let mut look = |element: Element| {
            if let Some(comments) = self.comments(element).filter(|it| holds(it)) {
                found.push((element, comments));
            }
        };
        for (id, message) in self.messages().filter(|(_, it)| has(it.place.file) && !it.is_map_entry) {
            look(Element::Message(id));
            for index in 0..message.oneofs.len() {
                look(Element::Oneof(id, index as u32));
            }
        }
        self.fields().filter(|(_, it)| has(it.place.file)).for_each(|(id, _)| look(Element::Field(id)));
        for (id, enumeration) in self.enums().filter(|(_, it)| has(it.place.file)) {
            look(Element::Enum(id));
            enumeration.values.iter().for_each(|&id| look(Element::Value(id)));
        }
        for (id, service) in self.services().filter(|(_, it)| has(it.file)) {
            look(Element::Service(id));
            service.methods.iter().for_each(|&id| look(Element::Method(id)));
        }
        found
    }
}
