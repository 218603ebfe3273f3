//! Comments as Markdown for people who read the document: what an element is called in one sentence, and all that is said of it.

use protogate_schema::Schema;
use protogate_schema::model::element::Element;

use crate::emit::comment;

/// The whole comment of an element; `None` without one.
pub(super) fn description(schema: &Schema, element: Element) -> Option<String> {
    let comments = schema.comments(element)?;
    let lines = comment::lines(&comments.leading, &comments.trailing);
    let lines: Vec<_> = lines.iter().map(|it| it.strip_prefix(' ').unwrap_or(it).trim_end()).collect();
    let text = lines.join("\n").trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// The first sentence, on one line, without its full stop.
pub(super) fn summary(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end);
    let sentence = paragraph[..end].trim();
    sentence.strip_suffix('.').unwrap_or(sentence).to_owned()
}

/// Paragraphs, those that say something, with empty lines between.
pub(super) fn paragraphs(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

/// Texts as code, joined by commas.
pub(super) fn codes<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|it| format!("`{}`", it.replace('`', "'"))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn a_summary_is_one_sentence() {
        for (text, expected) in [
            ("Deletes an entry. Watchers hear of it.", "Deletes an entry"),
            ("Sends every\nchange.\n\nMore.", "Sends every change"),
            ("Version 1.2 of it", "Version 1.2 of it"),
            ("", ""),
        ] {
            assert_eq!(summary(text), expected);
        }
    }
}
