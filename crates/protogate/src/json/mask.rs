//! The field mask that a PATCH body implies (AIP-134): one path for each thing that the client wrote.

use super::error::Error;
use super::options::ReadOptions;
use super::reader::{Reader, Token};
use super::table::{Kind, Shape, Table};

/// The paths, in proto names and sorted, of the members of a JSON object that stands for a message of type `table`.
///
/// Descends into singular plain messages given as non-empty objects; scalars, lists, maps, well-known types, `null` and `{}` are one
/// path. Names that the message does not have are left out: the reader of the message decides about them. Anything but an object has
/// no paths.
///
/// # Errors
/// On malformed JSON.
pub fn mask_of(table: &'static Table, bytes: &[u8], options: ReadOptions) -> Result<Vec<String>, Error> {
    let mut reader = Reader::new(bytes, options, &[])?;
    let mut paths = Vec::new();
    if !reader.is_at_end() && reader.peek()? == Token::Object {
        walk(table, "", &mut reader, &mut paths)?;
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Whether the object had any member.
fn walk(
    table: &'static Table,
    prefix: &str,
    reader: &mut Reader<'_>,
    paths: &mut Vec<String>,
) -> Result<bool, Error> {
    let mut first = true;
    let mut any = false;
    reader.open_object()?;
    while let Some(key) = reader.next_key(&mut first)? {
        any = true;
        let Some(index) = table.find(&key) else {
            reader.skip()?;
            continue;
        };
        let field = &table.fields[index];
        let path = if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) };
        let descended = match field.kind {
            Kind::Message(inner) if field.shape == Shape::One && reader.peek()? == Token::Object => {
                walk(inner(), &path, reader, paths)?
            }
            _ => {
                reader.skip()?;
                false
            }
        };
        if !descended {
            paths.push(path);
        }
    }
    Ok(any)
}
