//! Watches over REST: NDJSON and server-sent events, resume, compaction, and the end of the server.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use protogate_e2e::{Curl, Service, Settings, token};
use serde_json::{Value, json};

struct Watch {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watch {
    fn start(service: &Service, query: &str, accept: &str) -> Self {
        let url = service.url(&format!("/api/v1/config:watch?clientId=e2e{query}"));
        let mut child = Curl::get(&url).token(&token("reader")).header("accept", accept).spawn();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The head of the answer.
        let status = lines.next().unwrap().unwrap();
        assert!(status.contains("200"), "{status}");
        for line in lines.by_ref() {
            if line.unwrap().is_empty() {
                break;
            }
        }
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("the stream goes on").unwrap()
    }

    /// The next NDJSON message that is no progress mark.
    fn event(&mut self) -> Value {
        loop {
            let value: Value = serde_json::from_str(&self.line()).unwrap();
            if value["result"].get("progress").is_none() {
                return value;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn put(service: &Service, key: &str, value: &str) -> i64 {
    let answer = Curl::new("PUT", &service.url(&format!("/api/v1/config/{key}")))
        .token(&token("editor"))
        .json(&json!({ "value": value }))
        .send();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["config"]["revision"].as_str().unwrap().parse().unwrap()
}

#[test]
fn ndjson_tells_what_came_after_the_revision_and_goes_on() {
    let service = Service::start();
    let first = put(&service, "w.a", "1");
    put(&service, "w.b", "2");
    let mut watch = Watch::start(&service, &format!("&revision={first}"), "application/x-ndjson");
    assert_eq!(watch.event()["result"]["updated"]["value"], "2");
    let third = put(&service, "w.c", "3");
    let event = watch.event();
    assert_eq!(event["result"]["updated"]["value"], "3");
    assert_eq!(event["result"]["revision"], third.to_string());
    drop(watch);
    let fourth = put(&service, "w.a", "4");
    let mut resumed = Watch::start(&service, &format!("&revision={third}"), "application/x-ndjson");
    let event = resumed.event();
    assert_eq!(
        (&event["result"]["updated"]["value"], &event["result"]["revision"]),
        (&json!("4"), &json!(fourth.to_string()))
    );
}

#[test]
fn server_sent_events() {
    let service = Service::start();
    let revision = put(&service, "w.a", "1");
    let mut watch = Watch::start(&service, "&revision=0", "text/event-stream");
    assert_eq!(watch.line(), format!("id: {revision}"), "what to resume with");
    let line = watch.line();
    let data: Value =
        serde_json::from_str(line.strip_prefix("data: ").unwrap_or_else(|| panic!("{line}"))).unwrap();
    assert_eq!(data["updated"]["value"], "1");
    assert_eq!(watch.line(), "", "an event ends with an empty line");
}

#[test]
fn compacted_and_future_revisions_are_explicit_errors() {
    let service = Service::start_with(Settings { keep_changes: Some(5), ..Settings::default() });
    let mut last = 0;
    for index in 0..200 {
        last = put(&service, "w.a", &index.to_string());
    }
    let watch = |revision: i64| {
        let url = service.url(&format!("/api/v1/config:watch?clientId=e2e&revision={revision}"));
        Curl::get(&url).token(&token("reader")).option("--max-time").option("2")
    };
    let future = watch(last + 1).send();
    assert_eq!(
        (future.status, &future.detail("ErrorInfo")["reason"]),
        (400, &json!("REVISION_IN_FUTURE")),
        "{future:?}"
    );
    // Compaction runs in the background.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(90);
    loop {
        if let Some(compacted) = watch(1).try_send()
            && compacted.status != 200
        {
            assert_eq!(compacted.status, 410, "{compacted:?}");
            let info = compacted.detail("ErrorInfo");
            assert_eq!(info["reason"], "CONFIG_REVISION_COMPACTED");
            assert_eq!(info["metadata"]["current"], last.to_string());
            return;
        }
        assert!(std::time::Instant::now() < end, "nothing was compacted in 90 s");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}

#[test]
fn shutdown_ends_an_open_watch_with_a_hint() {
    let mut service = Service::start();
    let first = put(&service, "w.a", "1");
    let mut watch = Watch::start(&service, "&revision=0", "application/x-ndjson");
    assert_eq!(watch.event()["result"]["updated"]["value"], "1");
    let (code, took) = service.terminate();
    assert_eq!(code, Some(0), "{}", service.log());
    assert!(took < std::time::Duration::from_secs(25), "{took:?}");
    let end = watch.event();
    assert_eq!(end["error"]["code"], 14, "{end}");
    let info = &end["error"]["details"][0];
    assert_eq!(
        (&info["reason"], &info["metadata"]["revision"]),
        (&json!("WATCH_ENDED"), &json!(first.to_string())),
        "{end}"
    );
}
