//! `cargo xtask bless`: the tests, told to write what they would compare.

use anyhow::Result;

use crate::process;

pub(crate) fn run(packages: &[String]) -> Result<()> {
    let mut args = vec!["test".to_owned(), "--quiet".to_owned()];
    if packages.is_empty() {
        args.push("--workspace".to_owned());
    }
    args.extend(packages.iter().flat_map(|package| ["--package".to_owned(), package.clone()]));
    process::run(process::command("cargo", args).env("UPDATE_EXPECT", "1"))?;
    process::say("expected files are written; `git diff` shows what changed");
    Ok(())
}
