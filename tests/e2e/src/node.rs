//! Clients that run in Node: the scripts in `node/`.

use std::path::Path;
use std::process::Command;

/// Runs a script of `tests/e2e/node` with these arguments; it must succeed. `false`: the packages are not here, which is said.
pub fn node(script: &str, args: &[&str]) -> bool {
    let Some(modules) = std::env::var_os("PROTOGATE_NODE_MODULES") else {
        println!("note: PROTOGATE_NODE_MODULES is not set: {script} was not run");
        return false;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("node").join(script);
    let output =
        Command::new("node").arg(path).args(args).env("PROTOGATE_NODE_MODULES", modules).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{script} {args:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    print!("{text}");
    true
}
