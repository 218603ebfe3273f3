//! The built binary over `fixtures/cli`, and what a transcript cannot hold: closed pipes, completions, file modes, live servers.
//!
//! The format of the cases is in `fixtures/cli/README.md`.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "../../protogate-client/tests/kitchen/mod.rs"]
mod kitchen;
mod transcript;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use kitchen::Reflection;
use transcript::protogate;

#[test]
fn transcripts() {
    let mut differences = Vec::new();
    for case in protogate_fixture::cases("cli") {
        // Shared input, not a case.
        if case.name == "projects" {
            continue;
        }
        if let Err(difference) = case.compare("expected.txt", &transcript::run(&case)) {
            differences.push(format!("{difference:#}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    for arguments in [&["rules"][..], &["completions", "bash"], &["--help"], &["explain", "FIELD_SAME_TYPE"]]
    {
        let mut child = protogate(Path::new("."))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let talk = String::from_utf8(output.stderr).unwrap();
        assert!(!talk.contains("panicked") && !talk.contains("error"), "{arguments:?}: {talk}");
    }
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(Path::new("."), &["completions", shell]);
        assert!(output.status.success());
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(script.contains("baseline") && script.contains("max-messages"), "{shell}: {script}");
    }
}

#[test]
fn rules_as_json() {
    let output = run(Path::new("."), &["rules", "--format", "json"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let rules: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rules.len(), protogate_check::rules().len());
    assert!(rules.iter().all(|rule| rule["id"].is_string() && rule["group"].is_string()), "{rules:?}");
}

#[test]
fn colour_follows_the_environment() {
    let explain = |name: &str, value: &str| {
        let output =
            protogate(Path::new(".")).args(["explain", "NO_SUCH"]).env(name, value).output().unwrap();
        String::from_utf8(output.stderr).unwrap().contains('\x1b')
    };
    assert!(!explain("UNRELATED", "1"), "a pipe has no colour");
    assert!(explain("CLICOLOR_FORCE", "1"));
    let both = protogate(Path::new("."))
        .args(["explain", "NO_SUCH"])
        .envs([("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")])
        .output()
        .unwrap();
    assert!(!String::from_utf8(both.stderr).unwrap().contains('\x1b'), "who asks for none gets none");
}

#[test]
fn a_new_key_signs_tokens_and_only_its_owner_reads_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = protogate_fixture::case("cli", "token").read("in/service.toml");
    std::fs::write(dir.path().join("service.toml"), config).unwrap();
    let arguments = [
        "token",
        "--role",
        "admin",
        "--role",
        "reader",
        "--subject",
        "ann",
        "--permission",
        "p",
        "--ttl",
        "90s",
    ];
    let output = protogate(dir.path()).args(arguments).arg("--create-key").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let key = std::fs::read(dir.path().join("dev/hs256.key")).unwrap();
    assert_eq!(key.len(), 65, "32 bytes in hexadecimal and a newline");
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(!talk.contains(std::str::from_utf8(&key).unwrap().trim()), "the key is never shown");

    let token = String::from_utf8(output.stdout).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    validation.set_audience(&["acme"]);
    validation.set_issuer(&["acme"]);
    validation.validate_nbf = true;
    let decoding = jsonwebtoken::DecodingKey::from_secret(key.strip_suffix(b"\n").unwrap());
    let decoded =
        jsonwebtoken::decode::<serde_json::Value>(token.trim_end(), &decoding, &validation).unwrap();
    assert_eq!(decoded.header.kid.as_deref(), Some("dev"));
    assert_eq!(decoded.claims["roles"], serde_json::json!(["admin", "reader"]));
    assert_eq!(decoded.claims["permissions"], serde_json::json!(["p"]));
    assert_eq!(decoded.claims["sub"], "ann");
    assert_eq!(decoded.claims["exp"].as_u64().unwrap() - decoded.claims["iat"].as_u64().unwrap(), 90);

    // A second run uses the key that is there.
    let again = protogate(dir.path()).args(arguments).arg("--create-key").output().unwrap();
    assert!(again.status.success() && again.stderr.is_empty(), "{again:?}");
    assert_eq!(std::fs::read(dir.path().join("dev/hs256.key")).unwrap(), key);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = dir.path().join("dev/hs256.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let open = protogate(dir.path()).args(arguments).output().unwrap();
        assert_eq!(open.status.code(), Some(2));
        assert!(String::from_utf8(open.stderr).unwrap().contains("chmod 600"));
        std::fs::write(&file, "too short").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let short = protogate(dir.path()).args(arguments).output().unwrap();
        assert_eq!(short.status.code(), Some(2));
        let talk = String::from_utf8(short.stderr).unwrap();
        assert!(talk.contains("9 bytes") && !talk.contains("too short"), "{talk}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_a_live_server() {
    let address = kitchen::start(Reflection::V1).await.to_string();
    let table: [(&[&str], i32, &str, &str); 7] = [
        (
            &["Cook", "-d", r#"{"name":"soup","portions":2}"#, "--compact"],
            0,
            "{\"name\":\"soup\",\"portions\":\"2\"}\n",
            "",
        ),
        (
            &["Kitchen/Serve", "-d", r#"{"portions":5}"#, "--compact", "--max-messages", "2"],
            0,
            "{\"portions\":\"1\"}\n{\"portions\":\"2\"}\n",
            "",
        ),
        (
            &["Refuse"],
            72,
            "",
            "RESOURCE_EXHAUSTED (8)  sold out: soup    <n> ms · gRPC · reflection\n  retry   after 30 s\n  \
             reason  SOLD_OUT @ kitchen.example   dish=soup\n  field   name: not on the menu\n  text    Suppe ist aus (de)\n  request id-7\n  \
             detail  kitchen.v1.Dish {\"name\":\"stew\"}\n",
        ),
        (
            &["Spoil", "-d", r#"{"portions":1}"#, "--compact"],
            79,
            "{\"portions\":\"1\"}\n",
            "DATA_LOSS (15)  dropped the plate    <n> ms · gRPC · reflection\n",
        ),
        (
            &["Slow", "--deadline", "100ms"],
            68,
            "",
            "DEADLINE_EXCEEDED (4)  no answer before the deadline    <n> ms · gRPC · reflection\n",
        ),
        (
            &["Kitchen/Cok"],
            2,
            "",
            "error: no method `Kitchen/Cok` on <address>; did you mean `kitchen.v1.Kitchen/Cook`?\n",
        ),
        // What a server says is not what a terminal does.
        (
            &["Cook", "-d", "{\"name\":\"\u{202e}\\u001b[31m\u{9b}\"}", "--compact"],
            0,
            "{\"name\":\"\\u202e\\u001b[31m\\u009b\"}\n",
            "",
        ),
    ];
    for (arguments, code, out, err) in table {
        let output = protogate(Path::new("."))
            .args(["call", "--target", &address])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| {
            transcript::normalise(&String::from_utf8(bytes).unwrap()).replace(&address, "<address>")
        };
        let mut talk: Vec<_> = text(output.stderr).lines().map(str::to_owned).collect();
        let mut expected: Vec<_> = err.lines().map(str::to_owned).collect();
        // tonic-types orders details as it likes.
        talk.sort();
        expected.sort();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {talk:?}");
        assert_eq!(text(output.stdout), out, "{arguments:?}");
        assert_eq!(talk, expected, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_come_from_files_and_the_environment() {
    let address = kitchen::start(Reflection::V1Alpha).await.to_string();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("request.json"), r#"{"name":"pie"}"#).unwrap();
    let output = protogate(dir.path())
        .args([
            "call",
            "Cook",
            "-t",
            &address,
            "-d",
            "@request.json",
            "--compact",
            "-H",
            "x-note: Bearer ${NOTE}",
        ])
        .env("NOTE", "s3cret")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"name\":\"pie\",\"notes\":[\"Bearer s3cret\"]}\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_schema_needs_no_reflection() {
    let address = kitchen::start(Reflection::None).await.to_string();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protogate-client/tests/proto");
    let output = run(&root, &["call", "Cook", "-t", &address, "--schema", ".", "--compact", "--defaults"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "{\"name\":\"\",\"portions\":\"0\",\"notes\":[]}\n"
    );
    let output = run(&root, &["call", "Cook", "-t", &address]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("has no server reflection"));
}

/// Builds a whole service, so only on request; the target folder of the checkout makes later runs fast.
#[test]
fn the_demo_proves_itself() {
    if std::env::var_os("RUN_SLOW_TESTS").is_none() {
        eprintln!("skipped: set RUN_SLOW_TESTS=1 to build and run the demo service");
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_protogate"));
    let output = command.args(["demo", "--check"]).stdin(Stdio::null()).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(report.matches("\nok ").count(), 9, "{report}");
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    let mut command: Command = protogate(dir);
    command.args(arguments).output().unwrap()
}
