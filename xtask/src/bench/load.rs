//! Load on one server for some seconds, and what the generator said about it: h2load for gRPC, wrk for REST.
//!
//! Both run on one thread, so that they leave the servers room on a small machine. An answer that is not the expected one is
//! an error, not a figure: h2load does not read gRPC statuses, so the bytes of data are counted instead; an error has none.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::server::Server;
use super::workdir::WorkDir;
use crate::process;

/// Turns of each contender.
pub(super) const ROUNDS: usize = 5;
/// Connections of both generators.
pub(super) const CONNECTIONS: u32 = 8;
/// Streams at a time on each HTTP/2 connection.
pub(super) const STREAMS: u32 = 8;
/// Seconds that a server is under load before the first round.
const WARM_UP: u32 = 1;

/// What one measurement found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    pub(super) requests_per_second: f64,
    pub(super) mean_ms: f64,
    /// CPU time of the server for one request.
    pub(super) cpu_us: f64,
}

/// One method of one server.
#[derive(Debug)]
pub(super) struct Contender<'a> {
    pub(super) name: &'static str,
    pub(super) server: &'a Server,
    pub(super) request: Request<'a>,
    pub(super) loads: Vec<Load>,
}

/// What is sent, again and again.
#[derive(Debug)]
pub(super) enum Request<'a> {
    Grpc { path: &'a str, frame: &'a Path, token: &'a str, answer_bytes: u64 },
    Rest { path: &'a str, token: &'a str },
}

/// Gives every contender its turns, one after the other, round by round.
pub(super) fn take_turns(dir: &WorkDir, contenders: &mut [Contender<'_>], seconds: u32) -> Result<()> {
    for contender in &*contenders {
        once(dir, contender, WARM_UP)?;
    }
    for round in 1..=ROUNDS {
        for contender in &mut *contenders {
            let load = once(dir, contender, seconds)?;
            process::say(&format!(
                "  round {round}: {}: {:.0} requests/s, {:.1} µs CPU each",
                contender.name, load.requests_per_second, load.cpu_us
            ));
            contender.loads.push(load);
        }
    }
    Ok(())
}

fn once(dir: &WorkDir, contender: &Contender<'_>, seconds: u32) -> Result<Load> {
    let before = contender.server.cpu_seconds()?;
    let url = |path: &str| format!("http://{}{path}", contender.server.address);
    // The generators end by themselves; should one hang, `timeout` ends it.
    let limit = (seconds + 30).to_string();
    let mut args: Vec<String> = ["-k", "5", &limit].map(str::to_owned).to_vec();
    let text = |items: &[&str]| items.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let (connections, streams, duration) =
        (CONNECTIONS.to_string(), STREAMS.to_string(), seconds.to_string());
    let counted = match contender.request {
        Request::Grpc { path, frame, token, answer_bytes } => {
            args.extend(text(&["h2load", "-t", "1", "-c", &connections, "-m", &streams, "-D", &duration]));
            args.extend(text(&["-H", "content-type: application/grpc", "-H", "te: trailers"]));
            args.extend([
                format!("-Hauthorization: Bearer {token}"),
                "-d".to_owned(),
                frame.display().to_string(),
                url(path),
            ]);
            h2load(&output(dir, &args)?, answer_bytes)
        }
        Request::Rest { path, token } => {
            args.extend(text(&["wrk", "-t", "1", "-c", &connections, "-d", &format!("{seconds}s")]));
            args.extend([format!("-Hauthorization: Bearer {token}"), url(path)]);
            wrk(&output(dir, &args)?)
        }
    };
    let counted = counted.with_context(|| format!("load on {}", contender.name))?;
    let cpu = contender.server.cpu_seconds()? - before;
    Ok(Load {
        requests_per_second: counted.per_second,
        mean_ms: counted.mean_ms,
        cpu_us: cpu * 1e6 / counted.requests as f64,
    })
}

fn output(dir: &WorkDir, args: &[String]) -> Result<String> {
    let mut command = Command::new("timeout");
    command.args(args).current_dir(dir.join("."));
    process::output(&mut command)
}

#[derive(Debug, PartialEq)]
struct Counted {
    requests: u64,
    per_second: f64,
    mean_ms: f64,
}

fn h2load(text: &str, answer_bytes: u64) -> Result<Counted> {
    let line = |start: &str| {
        let found = text.lines().map(str::trim).find_map(|line| line.strip_prefix(start));
        found.with_context(|| format!("h2load printed no line `{start}`: {text}"))
    };
    let requests = line("requests:")?;
    let done = number_before(requests, " done")? as u64;
    let succeeded = number_before(requests, " succeeded")? as u64;
    let statuses = line("status codes:")?;
    let good = number_before(statuses, " 2xx")? as u64;
    if done == 0 || succeeded < done || good < done {
        bail!("not every request was answered with 200: {requests}; {statuses}");
    }
    let data = in_brackets_before(line("traffic:")?, " data")?;
    if data < done * answer_bytes {
        bail!("{done} answers hold {data} bytes of data, expected {answer_bytes} each: some are errors");
    }
    let per_second = number_before(line("finished in")?, " req/s")?;
    // min, max, mean, deviation.
    let mean = line("time for request:")?.split_whitespace().nth(2).unwrap_or_default();
    Ok(Counted { requests: done, per_second, mean_ms: milliseconds(mean)? })
}

fn wrk(text: &str) -> Result<Counted> {
    let line = |start: &str| text.lines().map(str::trim).find_map(|line| line.strip_prefix(start));
    for bad in ["Non-2xx or 3xx responses:", "Socket errors:"] {
        if let Some(rest) = line(bad) {
            bail!("wrk counted errors: {bad}{rest}");
        }
    }
    let per_second = line("Requests/sec:").with_context(|| format!("wrk printed no rate: {text}"))?;
    let total = text.lines().find(|line| line.contains(" requests in ")).unwrap_or_default();
    let mean = line("Latency").unwrap_or_default().split_whitespace().next().unwrap_or_default();
    Ok(Counted {
        requests: number_before(total, " requests in")? as u64,
        per_second: per_second
            .trim()
            .parse()
            .with_context(|| format!("wrk printed the rate `{per_second}`"))?,
        mean_ms: milliseconds(mean)?,
    })
}

/// The number that stands right before `mark`.
fn number_before(text: &str, mark: &str) -> Result<f64> {
    let before = text.split(mark).next().filter(|it| it.len() < text.len());
    let number = before.and_then(|it| it.rsplit([' ', ',', '(']).next()).and_then(|it| it.parse().ok());
    number.with_context(|| format!("no number before `{mark}` in `{text}`"))
}

/// `24.47MB (25661440) total, … 11.90MB (12475200) data`: the exact figure.
fn in_brackets_before(text: &str, mark: &str) -> Result<u64> {
    let before = text.split(mark).next().filter(|it| it.len() < text.len());
    let number = before.and_then(|it| it.trim_end().strip_suffix(')')?.rsplit('(').next()?.parse().ok());
    number.with_context(|| format!("no figure in brackets before `{mark}` in `{text}`"))
}

/// `812us`, `1.25ms`, `2.00s`.
fn milliseconds(text: &str) -> Result<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let found =
        units.iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor));
    found.with_context(|| format!("`{text}` is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const H2LOAD: &str = "starting benchmark...
finished in 2.01s, 31184.00 req/s, 6.53MB/s
requests: 62368 total, 62432 started, 62368 done, 62368 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 62368 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 13.07MB (13702292) total, 1.61MB (1686760) headers (space savings 89.27%), 9.87MB (10353088) data
                     min         max         mean         sd        +/- sd
time for request:      117us     18.91ms      2.02ms       972us    75.90%
time for connect:      203us      1.42ms       688us       401us    62.50%
";
    const WRK: &str = "Running 2s test @ http://127.0.0.1:1/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   812.00us  113.64us   2.70ms   79.54%
    Req/Sec    32.33k     1.06k   33.92k    80.95%
  67519 requests in 2.10s, 24.40MB read
Requests/sec:  32152.06
Transfer/sec:     11.62MB
";

    #[test]
    fn h2load_is_read() {
        let expected = Counted { requests: 62368, per_second: 31184.0, mean_ms: 2.02 };
        assert_eq!(h2load(H2LOAD, 166).unwrap(), expected);
    }

    #[test]
    fn answers_that_are_no_answers_are_refused() {
        for (text, bytes, part) in [
            (H2LOAD.to_owned(), 167, "some are errors"),
            (H2LOAD.replace("62368 2xx, 0 3xx, 0 4xx", "62367 2xx, 0 3xx, 1 4xx"), 166, "not every request"),
            (H2LOAD.replace("62368 succeeded", "62360 succeeded"), 166, "not every request"),
            (H2LOAD.replace("62368", "0"), 0, "not every request"),
            (String::new(), 0, "no line"),
        ] {
            let error = h2load(&text, bytes).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        for (text, part) in [
            (format!("{WRK}  Non-2xx or 3xx responses: 3\n"), "wrk counted errors"),
            (format!("{WRK}  Socket errors: connect 0, read 1, write 0, timeout 0\n"), "wrk counted errors"),
            (String::new(), "no rate"),
        ] {
            let error = wrk(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn wrk_is_read() {
        let found = wrk(WRK).unwrap();
        assert_eq!((found.requests, found.per_second), (67519, 32152.06));
        assert!((found.mean_ms - 0.812).abs() < 1e-9);
    }
}
