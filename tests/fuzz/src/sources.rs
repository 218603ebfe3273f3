//! Several files in one text, so that a mutation can change a name, move a line from one file to another, or add a file.

use protogate_schema::compile::Source;

/// A line that begins a file: the marker and its path.
const FILE: &str = "//// file ";
/// A line that begins the other side of a comparison.
pub const BASELINE: &str = "//// baseline";

/// The files of an input. What stands before the first marker is `a.proto`.
#[must_use]
pub fn sources(text: &[u8]) -> Vec<Source> {
    let mut files: Vec<Source> = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let named = line.strip_prefix(FILE.as_bytes());
        if let Some(path) = named {
            files.push(Source::new(String::from_utf8_lossy(path.trim_ascii()), Vec::new()));
        } else if let Some(file) = files.last_mut() {
            file.text.extend_from_slice(line);
        } else {
            files.push(Source::new("a.proto", line));
        }
    }
    files
}

/// The current and the earlier files of an input.
#[must_use]
pub fn sides(text: &[u8]) -> (Vec<Source>, Vec<Source>) {
    let marker = format!("\n{BASELINE}\n");
    match text.windows(marker.len()).position(|window| window == marker.as_bytes()) {
        Some(at) => (sources(&text[..=at]), sources(&text[at + marker.len()..])),
        None => (sources(text), Vec::new()),
    }
}

/// Files as one text.
pub(crate) fn joined(files: &[(String, String)]) -> String {
    files.iter().map(|(path, text)| format!("{FILE}{path}\n{text}\n")).collect()
}
