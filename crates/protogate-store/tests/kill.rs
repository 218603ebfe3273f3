//! Acknowledged writes survive `kill -9`: a child process writes and prints what was acknowledged, the parent kills it at an
//! arbitrary moment, opens the database and looks for every printed write. (Losing power is not tested here: that rests on
//! `synchronous=FULL`.)

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use protogate_store::{Put, Store, StoreConfig, WatchEvent, WatchFrom};

const DATABASE: &str = "STORE_KILL_TEST_DATABASE";
const ROUND: &str = "STORE_KILL_TEST_ROUND";

/// Not a test of its own: the child of the test below, which runs this function by name.
#[test]
fn child_writes_until_killed() {
    let Ok(path) = std::env::var(DATABASE) else { return };
    let round = std::env::var(ROUND).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(StoreConfig::new(path)).await.unwrap();
        let tasks: Vec<_> = (0..50)
            .map(|writer| {
                let (store, round) = (store.clone(), round.clone());
                tokio::spawn(async move {
                    for i in 0.. {
                        let key = format!("r{round}/w{writer}/{i}");
                        let done = store.put(Put::new(key.as_str(), key.as_str())).await.unwrap();
                        // One write call per line: a line is printed whole or not at all.
                        let line = format!("ack {} {key}\n", done.revision);
                        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
fn every_acknowledged_write_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.sqlite");
    let mut acknowledged = BTreeMap::new();
    for (round, millis) in [40_u64, 170, 90, 310, 130, 60].into_iter().enumerate() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_writes_until_killed", "--nocapture", "--test-threads=1"])
            .env(DATABASE, &path)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // The clock starts with the first acknowledgement.
        let mut fresh = 0;
        let mut take = |line: String| {
            // The test harness prints `test name ... ` before the first line.
            if let Some((_, ack)) = line.split_once("ack ") {
                let (revision, key) = ack.split_once(' ').unwrap();
                acknowledged.insert(key.to_owned(), revision.parse::<u64>().unwrap());
                fresh += 1;
            }
        };
        take(
            lines.by_ref().map(Result::unwrap).find(|line| line.contains("ack ")).expect("the child writes"),
        );
        std::thread::scope(|scope| {
            let child = &mut child;
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(millis));
                child.kill().unwrap();
            });
            lines.by_ref().map(Result::unwrap).for_each(&mut take);
        });
        assert!(!child.wait().unwrap().success(), "the child was killed");
        assert!(fresh > 0);
        verify(&path, &acknowledged);
    }
}

fn verify(path: &std::path::Path, acknowledged: &BTreeMap<String, u64>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(StoreConfig::new(path)).await.unwrap();
        let state = store.state().await.unwrap();
        for (key, revision) in acknowledged {
            let found = store
                .get(key)
                .await
                .unwrap()
                .unwrap_or_else(|| panic!("`{key}` was acknowledged and is lost"));
            assert_eq!((found.revision, found.value), (*revision, key.clone().into_bytes()));
        }
        // The log is dense and agrees with the resources; unacknowledged writes may be there, never half of one.
        let mut watch = store.watch(WatchFrom::After(0), "").await.unwrap();
        for wanted in 1..=state.revision {
            let Some(Ok(WatchEvent::Change(change))) = watch.next().await else {
                panic!("the log ends early")
            };
            assert_eq!(change.revision, wanted);
            assert_eq!(
                store.get(&change.key).await.unwrap().unwrap().revision,
                wanted,
                "`{}` is torn",
                change.key
            );
        }
        store.close().await;
    });
}
