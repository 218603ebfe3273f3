//! Which names of git revisions are taken: a strict pattern, because the name ends up among the arguments of a process.

/// Longest name, in bytes.
const MAX_BYTES: usize = 255;

/// Whether this may be handed to git as a revision: letters, digits and `_ . / - + ~ ^ @ #`, no start with `-` or another
/// sign, none of the sequences that git reads as something other than one commit.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_revision(name: &str) -> Result<(), String> {
    let refuse = |why: &str| {
        let shown: String = name.chars().take(80).flat_map(char::escape_default).collect();
        Err(format!("`{shown}` is no git revision that can be taken: {why}"))
    };
    if name.is_empty() {
        return refuse("it is empty");
    }
    if name.len() > MAX_BYTES {
        return refuse("it is longer than 255 bytes");
    }
    if !name.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return refuse("it must start with a letter, a digit or `_`");
    }
    let allowed = |c: char| c.is_alphanumeric() || "_./-+~^@#".contains(c);
    if !name.chars().all(allowed) {
        return refuse("only letters, digits and `_ . / - + ~ ^ @ #` are allowed");
    }
    if ["..", "//", "@{", "/."].iter().any(|it| name.contains(it)) || name.ends_with(['/', '.']) {
        return refuse("it holds a sequence that git forbids in names");
    }
    if name.ends_with(".lock") {
        return refuse("it ends with `.lock`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in [
            "main",
            "v1.2.0",
            "HEAD~3",
            "HEAD^2",
            "feature/x_y-1",
            "refs/heads/main",
            "0a1b2c3d",
            "größe",
            "a@b#1",
        ] {
            assert_eq!(check_revision(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(256);
        for name in [
            "",
            "-O",
            "--upload-pack=x",
            "--output=/x",
            "a b",
            "a\nb",
            "a\0b",
            "ext::sh -c x",
            "main:secret",
            "a..b",
            "@{-1}",
            "main@{u}",
            "^main",
            ":/fix",
            "a?b",
            "a*b",
            "a[b",
            "a\\b",
            "$(x)",
            "`x`",
            "a;b",
            "a/",
            "a.lock",
            "/a",
            ".a",
            "a/.b",
            &long,
        ] {
            assert!(check_revision(name).is_err(), "{name:?}");
        }
    }
}
