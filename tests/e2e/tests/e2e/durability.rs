//! `kill -9` while writing: nothing that was acknowledged is lost, revisions stay dense.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use protogate_e2e::{Curl, Service, Settings, token};
use serde_json::json;

#[test]
fn acknowledged_writes_survive_kill_9() {
    let mut service = Service::start();
    let acknowledged = Arc::new(Mutex::new(Vec::<(String, String, i64)>::new()));
    for round in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (stop, acknowledged) = (Arc::clone(&stop), Arc::clone(&acknowledged));
                let base = service.url("/api/v1/config");
                thread::spawn(move || {
                    let editor = token("editor");
                    for index in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let (key, value) = (format!("k{round}.{writer}.{index}"), format!("v{index}"));
                        let request = Curl::new("PUT", &format!("{base}/{key}")).token(&editor);
                        let Some(answer) = request.json(&json!({ "value": value })).try_send() else {
                            continue;
                        };
                        if answer.status == 200 {
                            let revision =
                                answer.json()["config"]["revision"].as_str().unwrap().parse().unwrap();
                            acknowledged.lock().unwrap().push((key, value, revision));
                        }
                    }
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(700 + 150 * round));
        service.kill();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().unwrap();
        }
        service.restart();
    }
    let acknowledged = acknowledged.lock().unwrap();
    assert!(acknowledged.len() > 30, "the writers hardly wrote: {}", acknowledged.len());
    let reader = token("reader");
    let mut found = std::collections::BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let url = service.url(&format!("/api/v1/config?pageSize=500&pageToken={page_token}"));
        let page = Curl::get(&url).token(&reader).send().json();
        for config in page["configs"].as_array().unwrap() {
            let text = |name: &str| config[name].as_str().unwrap().to_owned();
            found.insert(text("key"), (text("value"), text("revision").parse::<i64>().unwrap()));
        }
        page["nextPageToken"].as_str().unwrap().clone_into(&mut page_token);
        if page_token.is_empty() {
            break;
        }
    }
    for (key, value, revision) in acknowledged.iter() {
        assert_eq!(found.get(key), Some(&(value.clone(), *revision)), "{key} was acknowledged");
    }
    let mut revisions: Vec<i64> = found.values().map(|(_, revision)| *revision).collect();
    revisions.sort_unstable();
    let dense: Vec<i64> = (1..=i64::try_from(revisions.len()).unwrap()).collect();
    assert_eq!(revisions, dense, "each key was written once, so revisions are dense");
}

#[test]
fn a_full_disk_is_an_error_and_reads_go_on() {
    let service = Service::start_with(Settings { file_kib: Some(600), ..Settings::default() });
    let editor = token("editor");
    let put = |index: usize| {
        Curl::new("PUT", &service.url(&format!("/api/v1/config/big.{index}")))
            .token(&editor)
            .json(&json!({"value": "x".repeat(60_000)}))
            .send()
    };
    let refused =
        (0..40).map(put).find(|answer| answer.status != 200).expect("600 KiB are full at some time");
    assert!(matches!(refused.status, 503 | 507), "{refused:?}");
    let reason = refused.detail("ErrorInfo")["reason"].clone();
    assert!(
        reason == "STORAGE_UNAVAILABLE" || reason == "STORAGE_FULL" || reason == "COMMIT_UNKNOWN",
        "{refused:?}"
    );
    let read = Curl::get(&service.url("/api/v1/config/big.0")).token(&token("reader")).send();
    assert_eq!(read.status, 200, "{read:?}");
}
