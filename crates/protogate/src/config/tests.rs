//! Configuration errors name their place; variables override the file.

use serde::Deserialize;

use super::*;

fn error(text: &str, variables: &[(&str, &str)]) -> String {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_sources(text, variables).unwrap_err().to_string()
}

#[test]
fn errors_name_file_and_line_or_variable() {
    // File, variables, parts of the error.
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: &[Case] = &[
        ("[server]\nlisten = \"x\"", &[], &["service.toml:2:", "`server.listen`", "socket address"]),
        (
            "[server]\nlissten = \"x\"",
            &[],
            &["service.toml:2:", "unknown key `lissten`; did you mean `listen`?"],
        ),
        ("[rest]\nmethod_overide = true", &[], &["service.toml:2:", "did you mean `method_override`?"]),
        ("[rest]\ncompat = \"grpc_gateway\"", &[], &["`rest.compat`", "`grpc-gateway`"]),
        ("[rest]\nerror_format = \"rfc\"", &[], &["`rest.error_format`", "`aip193`", "`problem`"]),
        ("[rest]\nproblem_type = \"https://{host}/x\"", &[], &["`rest.problem_type`", "`{domain}`"]),
        ("[rest]\nproblem_type = \"a b\"", &[], &["service.toml:2:", "`rest.problem_type`"]),
        ("\n\n[sever]\nlisten = 1", &[], &["service.toml:3:", "unknown section `sever`", "[app]"]),
        ("[server]\nmode = \"fast\"", &[], &["service.toml:2:", "`server.mode`", "`fast`"]),
        ("[limits]\nfirst_bytes = 5", &[], &["service.toml:2:", "`limits.first_bytes`", "\"30s\""]),
        ("[limits]\n\nh2_streams = 0", &[], &["service.toml:3:", "`limits.h2_streams`", "1 to 10000"]),
        ("[limits]\ndeadline = \"10m\"", &[], &["service.toml:2:", "`limits.deadline`", "deadline_max"]),
        ("[auth]\nleeway = \"3m\"", &[], &["service.toml:2:", "`auth.leeway`", "120s"]),
        ("[[auth.keys]]\nkid = \"a\"\nalgorithm = \"HS256\"", &[], &["`auth.keys[0]`", "`file`"]),
        (
            "[[auth.keys]]\nkid = \"a\"\nalgorithm = \"HS256\"\nfile = \"f\"\nsecret = \"s\"",
            &[],
            &["service.toml:5:", "`auth.keys[0]`", "`secret`"],
        ),
        (
            "[headers]\nallow = [\"x-request-id\"]",
            &[],
            &["service.toml:2:", "`headers.allow`", "x-request-id"],
        ),
        ("[server\n", &[], &["service.toml:1:"]),
        (
            "",
            &[("PROTOGATE__SERVER__LISTEN", "nowhere")],
            &["`PROTOGATE__SERVER__LISTEN`", "`server.listen`"],
        ),
        ("", &[("PROTOGATE__SERVER__LISTE", "x")], &["`PROTOGATE__SERVER__LISTE`", "`liste`"]),
        ("", &[("PROTOGATE__OTHER__KEY", "x")], &["`PROTOGATE__OTHER__KEY`", "unknown section `other`"]),
        ("", &[("PROTOGATE__SERVER", "x")], &["`PROTOGATE__SERVER`", "PROTOGATE__SECTION__KEY"]),
        ("", &[("PROTOGATE__LIMITS__BODY", "many")], &["`PROTOGATE__LIMITS__BODY`", "`limits.body`", "many"]),
        (
            "",
            &[("PROTOGATE__SERVER__INSECURE", "yes")],
            &["`PROTOGATE__SERVER__INSECURE`", "`true` or `false`"],
        ),
    ];
    for (text, variables, parts) in cases {
        let error = error(text, variables);
        for part in *parts {
            assert!(error.contains(part), "{error:?} lacks {part:?}");
        }
    }
}

#[test]
fn variables_take_the_type_of_the_reader() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct App {
        name: String,
        workers: u16,
        ratio: f64,
        on: bool,
        hosts: Vec<String>,
        nested: Nested,
        missing: Option<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Nested {
        number: String,
    }
    let text = "[app]\nname = \"file\"\nworkers = 1\nratio = 0.5\non = false\nhosts = []\n[app.nested]\nnumber = \"x\"\n";
    let variables = [
        ("PROTOGATE__APP__NAME", "123"),
        ("PROTOGATE__APP__WORKERS", "12"),
        ("PROTOGATE__APP__RATIO", "2"),
        ("PROTOGATE__APP__ON", "true"),
        ("PROTOGATE__APP__HOSTS", "[\"a\", \"b\"]"),
        ("PROTOGATE__APP__NESTED__NUMBER", "7"),
        ("PROTOGATE__LIMITS__BODY", "1MiB"),
        ("PROTOGATE__LIMITS__H2_STREAMS", "50"),
        ("PROTOGATE__AUTH__KEYS", "[{kid = \"k\", algorithm = \"HS256\", file = \"f\"}]"),
        ("UNRELATED", "x"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::from_sources(text, variables).unwrap();
    let app: App = config.section("app").unwrap();
    let expected = App {
        name: "123".into(),
        workers: 12,
        ratio: 2.0,
        on: true,
        hosts: vec!["a".into(), "b".into()],
        nested: Nested { number: "7".into() },
        missing: None,
    };
    assert_eq!(app, expected);
    assert_eq!(config.section::<Nested>("app.nested").unwrap(), Nested { number: "7".into() });
    assert_eq!((config.limits.body, config.limits.h2_streams), (1 << 20, 50));
    assert_eq!(config.auth.keys[0].kid, "k");
    let error = config.section::<Nested>("app").unwrap_err().to_string();
    assert!(error.contains("number"), "{error}");
    assert!(config.section::<Nested>("server").unwrap_err().to_string().contains("`app`"));
}

#[test]
fn the_keep_alive_of_streams_has_a_range() {
    for (value, fits) in [("0s", false), ("999ms", false), ("1s", true), ("1h", true), ("3601s", false)] {
        let read = Config::from_toml(&format!("[rest]\nstream_keep_alive = \"{value}\"\n"));
        assert_eq!(read.is_ok(), fits, "{value}");
        if let Err(error) = read {
            let text = error.to_string();
            assert!(text.contains("stream_keep_alive") && text.contains("1s to 1h"), "{text}");
        }
    }
}

#[test]
fn arguments_name_file_and_mode() {
    let parse = |list: &[&str]| Arguments::parse(list.iter().map(std::ffi::OsString::from));
    let parsed = parse(&["--dev", "serve", "--config", "a.toml"]).unwrap();
    assert!(parsed.dev.is_some() && parsed.config.as_deref() == Some(Path::new("a.toml")));
    assert_eq!(parse(&["--config=b.toml"]).unwrap().config.as_deref(), Some(Path::new("b.toml")));
    assert!(parse(&["--config"]).is_err());
}

#[test]
fn the_effective_configuration_has_no_app_section() {
    let config = Config::from_toml("[app]\npassword = \"canary\"").unwrap();
    assert!(!config.effective().contains("canary"));
    assert!(config.effective().contains("\"h2_streams\":\"200\""));
}
