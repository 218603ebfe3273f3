//! `protogate call`: one call of a running server, JSON in and out.
//!
//! Answers go to stdout, a failure and its details to stderr; the exit code is 64 + the gRPC code. All text of a server is
//! untrusted and printed with control characters escaped.

use std::io::Read as _;
use std::path::Path;
use std::time::Instant;

use anstyle::AnsiColor;
use protogate_client::{
    CallOptions, Catalog, Client, Detail, Error, ErrorKind, Failure as Status, JsonStyle, Target,
};

use crate::args::Call;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::load_schema;
use crate::terminal::{Terminal, bold};

/// Longest request that is read from a file or stdin, in bytes.
const MAX_REQUEST: u64 = 16 << 20;
/// Largest file that a token is read from, in bytes.
const MAX_TOKEN: u64 = 64 << 10;

/// Calls the method, or lists all of them.
pub(crate) fn run(args: &Call, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let target = Target::parse(&args.target)?;
    let options = options(args)?;
    let request = args.data.as_deref().map_or(Ok(String::new()), read_request)?;
    let catalog = match &args.schema {
        Some(input) => Some(Catalog::from_descriptor_set(load_schema(input)?.descriptor_bytes())?),
        None => None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("this machine gives no timer or network: {error}")))?;
    runtime.block_on(call(args, &target, &options, &request, catalog, terminal))
}

async fn call(
    args: &Call,
    target: &Target,
    options: &CallOptions,
    request: &str,
    catalog: Option<Catalog>,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let source = if catalog.is_some() { "schema" } else { "reflection" };
    // A list of a given schema needs no server.
    if let (true, Some(catalog)) = (args.list, &catalog) {
        return list(catalog, terminal);
    }
    let client = Client::connect(target).await?;
    let catalog = match catalog {
        Some(catalog) => catalog,
        None => client.reflect(options).await?,
    };
    let Some(name) = args.method.as_deref().filter(|_| !args.list) else { return list(&catalog, terminal) };
    let method = catalog.resolve(name)?;
    let style = JsonStyle { pretty: !args.compact, defaults: args.defaults };
    let started = Instant::now();
    let result = if method.is_server_streaming() {
        stream(args, &client, &method, request, options, style, terminal).await?
    } else {
        match client.unary(&method, request, options).await {
            Ok(reply) => {
                terminal.print(escape::json(&reply.to_json(style)))?;
                Ok(())
            }
            Err(error) => Err(error),
        }
    };
    let Err(error) = result else { return Ok(Exit::Clean) };
    if error.kind() != ErrorKind::Failure {
        return Err(error.into());
    }
    terminal.out.flush()?;
    let Some(status) = error.failure() else { return Err(error.into()) };
    show(status, &format!("{:.1} ms · gRPC · {source}", started.elapsed().as_secs_f64() * 1e3), terminal);
    Ok(Exit::Call(status.code()))
}

/// Prints messages as they come, until the stream ends, `--max-messages` is reached, or Ctrl-C.
async fn stream(
    args: &Call,
    client: &Client,
    method: &protogate_client::Method,
    request: &str,
    options: &CallOptions,
    style: JsonStyle,
    terminal: &mut Terminal,
) -> Result<Result<(), Error>, Failure> {
    let mut messages = match client.server_stream(method, request, options).await {
        Ok(messages) => messages,
        Err(error) => return Ok(Err(error)),
    };
    let mut left = args.max_messages.unwrap_or(u64::MAX);
    while left > 0 {
        let next = tokio::select! {
            next = messages.next() => next,
            _ = tokio::signal::ctrl_c() => return Ok(Ok(())),
        };
        match next {
            Ok(Some(reply)) => terminal.print(escape::json(&reply.to_json(style)))?,
            Ok(None) => break,
            Err(error) => return Ok(Err(error)),
        }
        terminal.out.flush()?;
        left -= 1;
    }
    Ok(Ok(()))
}

fn list(catalog: &Catalog, terminal: &mut Terminal) -> Result<Exit, Failure> {
    for name in catalog.methods() {
        terminal.print(escape::line(&name))?;
    }
    Ok(Exit::Clean)
}

fn options(args: &Call) -> Result<CallOptions, Failure> {
    let mut options = CallOptions::default();
    for header in &args.headers {
        let Some((name, value)) = header.split_once(':') else {
            // The text may be a secret whose colon was forgotten, so it is not repeated.
            return Err(Failure::usage("a header has no colon").with_help("write `-H 'name: value'`"));
        };
        options = options.with_metadata(name, &expand(value)?)?;
    }
    if let Some(file) = &args.token_file {
        let token = read_bounded(file, MAX_TOKEN)?;
        options = options.with_metadata("authorization", &format!("Bearer {}", token.trim()))?;
    }
    if let Some(deadline) = args.deadline {
        options = options.with_deadline(deadline);
    }
    Ok(options)
}

/// Replaces `${VAR}` from the environment.
fn expand(text: &str) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) =
            after.split_once('}').ok_or_else(|| Failure::usage("a `${` in a header has no `}`"))?;
        let value = std::env::var(name).map_err(|_| {
            Failure::usage(format!("the environment has no usable variable `{name}`, which a header names"))
        })?;
        out.push_str(before);
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn read_request(data: &str) -> Result<String, Failure> {
    if data == "-" {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(MAX_REQUEST + 1).read_to_string(&mut text);
        return match read {
            Ok(bytes) if bytes as u64 > MAX_REQUEST => {
                Err(Failure::usage(format!("the request on stdin is longer than {MAX_REQUEST} bytes")))
            }
            Ok(_) => Ok(text),
            Err(error) => Err(Failure::usage(format!("the request on stdin cannot be read: {error}"))),
        };
    }
    match data.strip_prefix('@') {
        Some(file) => read_bounded(Path::new(file), MAX_REQUEST),
        None => Ok(data.to_owned()),
    }
}

fn read_bounded(file: &Path, limit: u64) -> Result<String, Failure> {
    let name = file.display();
    let failed = |error: std::io::Error| Failure::usage(format!("`{name}` cannot be read: {error}"));
    let found = std::fs::metadata(file).map_err(failed)?;
    if !found.is_file() || found.len() > limit {
        return Err(Failure::usage(format!("`{name}` is no regular file of at most {limit} bytes")));
    }
    std::fs::read_to_string(file).map_err(failed)
}

/// Shows a status and its details on stderr.
fn show(status: &Status, how: &str, terminal: &mut Terminal) {
    let style = bold(AnsiColor::Red);
    let message = escape::line(status.message()).into_owned();
    terminal.say(format_args!(
        "{style}{} ({}){style:#}  {message}    {how}",
        status.code_name(),
        status.code()
    ));
    for detail in status.details() {
        for line in detail_lines(detail) {
            terminal.say(format_args!("  {}", escape::line(&line)));
        }
    }
}

fn detail_lines(detail: &Detail) -> Vec<String> {
    match detail {
        Detail::ErrorInfo { reason, domain, metadata } => {
            let facts: String = metadata.iter().map(|(key, value)| format!("   {key}={value}")).collect();
            vec![format!("reason  {reason} @ {domain}{facts}")]
        }
        Detail::LocalizedMessage { locale, message } => vec![format!("text    {message} ({locale})")],
        Detail::BadRequest(violations) => violations
            .iter()
            .map(|violation| format!("field   {}: {}", violation.field, violation.description))
            .collect(),
        Detail::RetryInfo(Some(delay)) => vec![format!("retry   after {} s", delay.as_secs_f64())],
        Detail::RequestId(id) => vec![format!("request {id}")],
        Detail::RetryInfo(None) => vec!["retry   at any time".to_owned()],
        Detail::Other { type_name, json: Some(json) } => vec![format!("detail  {type_name} {json}")],
        Detail::Other { type_name, json: None } => vec![format!("detail  {type_name} (not in the schema)")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn variables_come_from_the_environment() {
        assert_eq!(expand("plain $x {y}").unwrap(), "plain $x {y}");
        assert!(expand("${PROTOGATE_TEST_NO_SUCH_VARIABLE}").is_err());
        assert!(expand("${open").is_err());
        let path = std::env::var("PATH").unwrap();
        assert_eq!(expand("a ${PATH} b").unwrap(), format!("a {path} b"));
    }
}
