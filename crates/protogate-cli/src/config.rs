//! `--config`: a file or the text itself, in our form or in buf's.

use std::path::Path;

use protogate_schema::Project;

use crate::escape;
use crate::failure::Failure;

/// Longest configuration, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What messages call a text that is no file.
const INLINE: &str = "<config>";

/// The project of a folder with this configuration in place of its own.
pub(crate) fn read(config: &str, dir: &Path) -> Result<Project, Failure> {
    let path = Path::new(config);
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("");
    let named = matches!(extension, "toml" | "yaml" | "yml" | "json") && !config.contains(['\n', '{']);
    if !named && !path.is_file() {
        if !config.contains([':', '=', '{', '[']) {
            let shown = escape::line(config);
            return Err(Failure::usage(format!("`{shown}` is no file and no text of a configuration"))
                .with_help("give the path of a configuration, or its text, such as `{\"version\":\"v2\"}`"));
        }
        return parse(config, INLINE, is_toml(config), dir);
    }
    let text = read_file(path)?;
    let toml = match extension {
        "toml" => true,
        "yaml" | "yml" | "json" => false,
        _ => is_toml(&text),
    };
    parse(&text, config, toml, dir)
}

fn parse(text: &str, shown: &str, toml: bool, dir: &Path) -> Result<Project, Failure> {
    Ok(if toml { Project::parse(text, shown, dir)? } else { Project::parse_buf(text, shown, dir)? })
}

/// The first line that says anything tells TOML (`[section]`, `key = value`) from YAML and JSON.
fn is_toml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|it| !it.is_empty() && !it.starts_with('#')).unwrap_or("");
    if first.starts_with('{') {
        return false;
    }
    first.starts_with('[')
        || match (first.find('='), first.find(':')) {
            (Some(equals), Some(colon)) => equals < colon,
            (equals, _) => equals.is_some(),
        }
}

fn read_file(file: &Path) -> Result<String, Failure> {
    let name = file.display().to_string();
    let name = escape::line(&name);
    let missing = |error: std::io::Error| Failure::usage(format!("`{name}` cannot be read: {error}"));
    let found = std::fs::metadata(file).map_err(missing)?;
    if !found.is_file() || found.len() > MAX_BYTES {
        return Err(Failure::usage(format!("`{name}` is no regular file of at most {MAX_BYTES} bytes")));
    }
    std::fs::read_to_string(file).map_err(missing)
}

#[cfg(test)]
mod tests {
    use super::is_toml;

    #[test]
    fn forms_are_told_apart() {
        for text in ["[lint]\nuse = [\"A\"]", "# x\n\nlint = {}", "lint.use = [\"a:b\"]"] {
            assert!(is_toml(text), "{text}");
        }
        for text in ["version: v2", "{\"version\":\"v2\"}", "# =\nversion: v1", "", "name: \"a=b\""] {
            assert!(!is_toml(text), "{text}");
        }
    }
}
