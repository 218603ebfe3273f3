//! gRPC through Python's `grpcio`: the scripts in `python/`.

use std::path::Path;
use std::process::Command;

/// Runs a script of `tests/e2e/python` with these arguments; it must succeed. `false`: there is no such Python here, which is said.
pub fn python(script: &str, args: &[&str]) -> bool {
    let Some(python) = std::env::var_os("PROTOGATE_PYTHON") else {
        println!("note: PROTOGATE_PYTHON is not set: {script} was not run");
        return false;
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
    let output = Command::new(python).arg(path).args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{script} {args:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    true
}
