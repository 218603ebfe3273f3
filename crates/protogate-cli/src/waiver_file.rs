//! Edits of the `[[waiver]]` tables in `protogate.toml`: everything else in the file, comments and order included, stays as it is.

use jiff::civil::Date;
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::failure::Failure;

/// A waiver to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewWaiver {
    pub(crate) fingerprint: String,
    pub(crate) element: String,
    pub(crate) reason: String,
    pub(crate) owner: Option<String>,
    pub(crate) expires: Date,
}

/// The file without the waivers at these positions.
pub(crate) fn without(text: &str, positions: &[usize]) -> Result<String, Failure> {
    let mut document = parse(text)?;
    let mut positions = positions.to_vec();
    positions.sort_unstable();
    let mut left = 0;
    match document.get_mut("waiver") {
        Some(Item::ArrayOfTables(tables)) => {
            positions.retain(|&it| it < tables.len());
            for &position in positions.iter().rev() {
                tables.remove(position);
            }
            left = tables.len();
        }
        Some(Item::Value(Value::Array(list))) => {
            positions.retain(|&it| it < list.len());
            for &position in positions.iter().rev() {
                list.remove(position);
            }
            left = list.len();
        }
        _ => {}
    }
    if left == 0 {
        document.remove("waiver");
    }
    Ok(document.to_string())
}

/// The file with a waiver more; the one at `position`, which is about the same finding, is changed instead.
pub(crate) fn with(text: &str, waiver: &NewWaiver, position: Option<usize>) -> Result<String, Failure> {
    let mut document = parse(text)?;
    let item = document.entry("waiver").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match item {
        Item::ArrayOfTables(tables) => match position.and_then(|it| tables.get_mut(it)) {
            Some(table) => change(table, waiver),
            None => {
                let mut table = Table::new();
                create(&mut table, waiver);
                tables.push(table);
            }
        },
        Item::Value(Value::Array(list)) => {
            match position.and_then(|it| list.get_mut(it)).and_then(Value::as_inline_table_mut) {
                Some(table) => change(table, waiver),
                None => {
                    let mut table = InlineTable::new();
                    create(&mut table, waiver);
                    list.push(table);
                }
            }
        }
        _ => return Err(Failure::usage("`waiver` in the configuration is no array of tables")),
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, Failure> {
    text.parse().map_err(|error| Failure::usage(format!("the configuration is no TOML any more: {error}")))
}

fn create(table: &mut dyn TableLike, waiver: &NewWaiver) {
    table.insert("rule", text(&waiver.fingerprint));
    table.insert("element", text(&waiver.element));
    change(table, waiver);
}

fn change(table: &mut dyn TableLike, waiver: &NewWaiver) {
    let mut set = |key: &str, new: Item| match (table.get_mut(key), new) {
        // What stands around the old value, such as a comment behind it, stays.
        (Some(Item::Value(old)), Item::Value(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (_, new) => {
            table.insert(key, new);
        }
    };
    set("reason", text(&waiver.reason));
    if let Some(owner) = &waiver.owner {
        set("owner", text(owner));
    }
    set("expires", date(waiver.expires));
}

fn text(text: &str) -> Item {
    Item::Value(Value::from(text))
}

fn date(date: Date) -> Item {
    // Both are checked calendars; a year that TOML cannot write is no day on which somebody looks again.
    let text = date.to_string();
    match text.parse::<toml_edit::Datetime>() {
        Ok(date) => Item::Value(Value::from(date)),
        Err(_) => Item::Value(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const FILE: &str = "\
# Ours.
[proto]
roots = [\"proto\"] # one

# Kept.
[[waiver]]
rule = \"A\"
element = \"x\" # the element
reason = \"old\" # see 12
expires = 2020-01-01

# Goes.
[[waiver]]
rule = \"B\"
element = \"y\"
reason = \"r\"
";

    fn waiver() -> NewWaiver {
        NewWaiver {
            fingerprint: "A@12ab".to_owned(),
            element: "x".to_owned(),
            reason: "a \"quoted\" \\ reason\nof two lines".to_owned(),
            owner: Some("ann".to_owned()),
            expires: date(2027, 1, 31),
        }
    }

    #[test]
    fn removing_keeps_the_rest() {
        let (kept, _) = FILE.split_once("\n# Goes.").unwrap();
        assert_eq!(without(FILE, &[1]).unwrap(), kept);
        let none = without(FILE, &[0, 1]).unwrap();
        assert!(none.starts_with("# Ours.") && !none.contains("waiver"), "{none}");
        assert_eq!(without(FILE, &[7]).unwrap(), FILE);
        assert_eq!(
            without("waiver = [{ rule = \"A\" }, { rule = \"B\" }]\n", &[0]).unwrap(),
            "waiver = [ { rule = \"B\" }]\n"
        );
    }

    #[test]
    fn adding_appends_a_table() {
        let text = with(FILE, &waiver(), None).unwrap();
        assert!(text.starts_with(FILE), "{text}");
        let parsed: toml::Table = text.parse().unwrap();
        let last = parsed["waiver"].as_array().unwrap().last().unwrap();
        assert_eq!(last["rule"].as_str(), Some("A@12ab"));
        assert_eq!(last["reason"].as_str(), Some("a \"quoted\" \\ reason\nof two lines"));
        assert_eq!(last["owner"].as_str(), Some("ann"));
        assert_eq!(last["expires"].as_datetime().unwrap().to_string(), "2027-01-31");
        let first = with("", &waiver(), None).unwrap();
        assert!(first.starts_with("[[waiver]]\nrule = \"A@12ab\"\n"), "{first}");
        assert!(with("waiver = 1", &waiver(), None).is_err());
        assert!(with("waiver = []", &waiver(), None).unwrap().contains("rule = \"A@12ab\""));
    }

    #[test]
    fn changing_keeps_comments() {
        let text = with(FILE, &waiver(), Some(0)).unwrap();
        assert!(text.contains("element = \"x\" # the element\n"), "{text}");
        assert!(text.contains(" # see 12\n") && text.contains("expires = 2027-01-31\n"), "{text}");
        assert!(text.contains("owner = \"ann\"") && text.contains("# Goes."), "{text}");
        let parsed: toml::Table = text.parse().unwrap();
        assert_eq!(parsed["waiver"].as_array().unwrap().len(), 2);
    }
}
