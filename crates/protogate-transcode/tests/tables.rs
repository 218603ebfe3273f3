//! Runs the tables of `fixtures/transcode`; their README explains the formats. Every line is a case, all failures
//! of a table are reported together, and a table that shrinks below its known size fails.

use std::fmt::Write as _;

use protogate_transcode::{
    Code, Config, Conflict, Matcher, Outcome, Template, TrailingSlash, conflicts, overlaps,
    parse_connect_timeout_ms, parse_grpc_timeout, parse_query, parse_server_timeout,
};

struct Line {
    number: usize,
    columns: Vec<String>,
}

/// The lines of a table, split into columns, escapes resolved.
fn table(name: &str) -> Vec<Line> {
    let path = format!("{}/../../fixtures/transcode/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| Line {
            number: index + 1,
            columns: line.split_ascii_whitespace().map(unescape).collect(),
        })
        .collect()
}

fn unescape(column: &str) -> String {
    let mut text = String::new();
    let mut chars = column.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('s') => text.push(' '),
                Some('t') => text.push('\t'),
                Some('\\') => text.push('\\'),
                Some('e') => {}
                other => panic!("unknown escape {other:?} in {column}"),
            },
            c => text.push(c),
        }
    }
    text
}

/// Runs `actual` on every line; it returns what should be in the columns from `from` on.
fn check(name: &str, at_least: usize, from: usize, actual: impl Fn(&[String]) -> Vec<String>) {
    let lines = table(name);
    assert!(lines.len() >= at_least, "{name}: only {} cases", lines.len());
    let mut failures = String::new();
    for Line { number, columns } in lines {
        let (input, expected) = columns.split_at(from);
        let found = actual(input);
        if found != expected {
            writeln!(failures, "{name}:{number}: {input:?}\n  expected {expected:?}\n  found    {found:?}")
                .expect("writing to a string cannot fail");
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

fn parse(text: &str) -> Template {
    Template::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn templates_parse_and_print() {
    check("template.txt", 41, 1, |input| {
        let template = parse(&input[0]);
        assert_eq!(parse(&template.to_string()), template, "{}", input[0]);
        let variables = template.variables().iter().map(|variable| {
            let kind = if variable.multi { "multi" } else { "single" };
            format!("{}:{kind}:{:?}", variable.field_path, variable.segments)
        });
        let variables = variables.collect::<Vec<_>>().join(",");
        let variables = if variables.is_empty() { "-".to_owned() } else { variables };
        let verb = template.shape().to_string();
        let verb = verb.split_once(':').map_or("-", |(_, verb)| verb).to_owned();
        assert_eq!(template.verb().is_some(), verb != "-");
        vec![template.to_string(), variables, verb]
    });
}

#[test]
fn template_errors_say_where() {
    check("template-error.txt", 70, 1, |input| match Template::parse(&input[0]) {
        Ok(template) => vec!["parsed".to_owned(), template.to_string()],
        Err(error) => {
            assert!(error.to_string().contains(&format!("byte {}:", error.offset())), "{error}");
            let kind = format!("{:?}", error.kind());
            let kind = kind.split('(').next().unwrap_or_default().to_owned();
            vec![error.offset().to_string(), kind]
        }
    });
}

/// Both directions: neither question may depend on the order of its operands.
#[test]
fn overlap_and_conflict() {
    check("overlap.txt", 50, 2, |input| {
        let (a, b) = (parse(&input[0]), parse(&input[1]));
        let conflict = conflicts("GET", &a, "GET", &b);
        assert_eq!(conflict, conflicts("GET", &b, "GET", &a));
        assert_eq!(conflict, a.shape() == b.shape());
        assert!(!conflicts("GET", &a, "*", &b));
        let overlap = overlaps(&a, &b);
        assert_eq!(overlap, overlaps(&b, &a), "{a} {b}");
        assert!(overlap || !conflict, "{a} {b}");
        vec![
            if conflict {
                "conflict"
            } else if overlap {
                "overlap"
            } else {
                "apart"
            }
            .to_owned(),
        ]
    });
}

#[test]
fn queries() {
    check("query.txt", 35, 1, |input| match parse_query(&input[0]) {
        Ok(pairs) if pairs.is_empty() => vec!["-".to_owned()],
        Ok(pairs) => pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect(),
        Err(error) => vec!["error".to_owned(), error.offset().to_string()],
    });
}

#[test]
fn timeouts() {
    check("timeout.txt", 55, 2, |input| {
        let timeout = match input[0].as_str() {
            "grpc" => parse_grpc_timeout(&input[1]),
            "server" => parse_server_timeout(&input[1]),
            "connect" => parse_connect_timeout_ms(&input[1]),
            other => panic!("unknown header {other}"),
        };
        vec![timeout.map_or("error".to_owned(), |timeout| timeout.as_nanos().to_string())]
    });
}

#[test]
fn codes() {
    check("code.txt", 17, 1, |input| {
        let code = Code::from_number(input[0].parse().unwrap()).expect("a number of the table");
        assert_eq!(code.number().to_string(), input[0]);
        assert_eq!(Code::from_name(code.name()), Some(code));
        assert_eq!(Code::from_lower_name(code.lower_name()), Some(code));
        let back = Code::from_http_status(code.http_status()).expect("a status of the table");
        assert_eq!(back.http_status(), code.http_status());
        assert_eq!(code.to_string(), code.name());
        vec![code.name().to_owned(), code.lower_name().to_owned(), code.http_status().to_string()]
    });
    assert_eq!(Code::all().len(), 17);
    for number in [-1, 17, i32::MIN, i32::MAX] {
        assert_eq!(Code::from_number(number), None);
    }
    assert_eq!(Code::from_name("not_found"), None);
    assert_eq!(Code::from_lower_name("NOT_FOUND"), None);
    assert_eq!(Code::from_lower_name("cancelled"), Some(Code::Cancelled));
    assert_eq!(Code::from_http_status(418), None);
}

#[derive(Default)]
struct Block {
    config: Config,
    /// Name, method, template.
    routes: Vec<(String, String, Template)>,
    /// Line number, method, path, expected columns.
    requests: Vec<(usize, String, String, Vec<String>)>,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::<Block>::new();
    for Line { number, columns } in table("match.txt") {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        if columns[0] == "set" {
            blocks.push(Block::default());
            continue;
        }
        let block = blocks.last_mut().expect("the table starts with a set line");
        match columns.as_slice() {
            ["trailing-slash", "ignore"] => block.config.trailing_slash = TrailingSlash::Ignore,
            ["route", name, method, template] => {
                block.routes.push(((*name).to_owned(), (*method).to_owned(), parse(template)));
            }
            [method, path, "=>", expected @ ..] => {
                let expected = expected.iter().map(|column| (*column).to_owned()).collect();
                block.requests.push((number, (*method).to_owned(), (*path).to_owned(), expected));
            }
            _ => panic!("match.txt:{number}: not understood: {columns:?}"),
        }
    }
    blocks
}

fn describe(block: &Block, outcome: Outcome, expected: &[String]) -> Vec<String> {
    match outcome {
        Outcome::Found { id, captures } => {
            let (name, _, template) = &block.routes[id];
            assert_eq!(captures.len(), template.variables().len());
            let captures = captures.into_iter().enumerate().map(|(index, capture)| {
                assert_eq!(capture.variable, index);
                format!("{}={}", template.variables()[index].field_path, capture.value)
            });
            std::iter::once(name.clone()).chain(captures).collect()
        }
        Outcome::BadPath(message) => {
            let wanted = expected.get(1).filter(|text| message.contains(text.as_str()));
            vec!["400".to_owned(), wanted.cloned().unwrap_or(message)]
        }
        Outcome::MethodNotAllowed(allow) => vec!["405".to_owned(), allow.join(",")],
        Outcome::NotFound => vec!["404".to_owned()],
    }
}

#[test]
fn requests_find_their_route_in_any_order_of_registration() {
    let mut failures = String::new();
    let mut cases = 0;
    for block in blocks() {
        let count = block.routes.len();
        let mut orders: Vec<Vec<usize>> =
            (0..count).map(|turn| (0..count).map(|i| (i + turn) % count).collect()).collect();
        orders.push((0..count).rev().collect());
        for order in orders {
            let mut matcher = Matcher::new(block.config);
            for id in order {
                let (_, method, template) = &block.routes[id];
                matcher.insert(method, template.clone(), id).unwrap();
            }
            assert_eq!(matcher.len(), count);
            for (number, method, path, expected) in &block.requests {
                let found = describe(&block, matcher.find(method, path), expected);
                if found != *expected {
                    writeln!(failures, "match.txt:{number}: expected {expected:?}, found {found:?}").unwrap();
                }
            }
        }
        cases += block.requests.len();
    }
    assert!(cases >= 196, "only {cases} requests");
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn a_conflict_names_the_first_route_and_leaves_it() {
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", parse("/v1/{name=shelves/*}:read"), 7).unwrap();
    matcher.insert("*", parse("/v1/shelves/{id}:read"), 8).unwrap();
    matcher.insert("POST", parse("/v1/shelves/{id}:read"), 9).unwrap();
    let conflict = matcher.insert("GET", parse("/v1/shelve%73/{id}:read"), 10).unwrap_err();
    let shape = parse("/v1/shelves/*:read").shape();
    assert_eq!(conflict, Conflict { existing: 7, method: "GET".to_owned(), shape });
    assert!(conflict.to_string().starts_with("`GET /v1/shelves/*:read` is taken by route 7"), "{conflict}");
    assert_eq!(matcher.len(), 3);
    assert!(matches!(matcher.find("GET", "/v1/shelves/a:read"), Outcome::Found { id: 7, .. }));
}

#[test]
fn messages_quote_little_of_a_long_path() {
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", parse("/{x}"), 0).unwrap();
    for path in [format!("/{}%zz", "a".repeat(5000)), format!("/{}%FF", "a".repeat(5000))] {
        let Outcome::BadPath(message) = matcher.find("GET", &path) else { panic!("{path}") };
        assert!(message.len() < 300, "{message}");
    }
}
