//! Watches: order, no gaps, no duplicates, resume at every boundary, marks, lag, and closing.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use futures_util::StreamExt;
use protogate_store::{
    Delete, Error, ErrorKind, Put, Retention, Store, StoreConfig, Watch, WatchEvent, WatchFrom,
};

fn config(dir: &tempfile::TempDir) -> StoreConfig {
    StoreConfig::new(dir.path().join("store.sqlite"))
}

async fn next(watch: &mut Watch) -> Result<WatchEvent, Error> {
    tokio::time::timeout(Duration::from_secs(20), watch.next())
        .await
        .expect("an event in time")
        .expect("not ended")
}

async fn next_change(watch: &mut Watch) -> (u64, String, Option<Vec<u8>>) {
    loop {
        if let WatchEvent::Change(change) = next(watch).await.unwrap() {
            return (change.revision, change.key.clone(), change.value.clone());
        }
    }
}

#[tokio::test]
async fn history_comes_first_then_live_changes_and_deletions() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    store.put(Put::new("a", "1")).await.unwrap();
    store.put(Put::new("b", "1")).await.unwrap();
    let mut watch = store.watch(WatchFrom::After(0), "").await.unwrap();
    assert_eq!(next_change(&mut watch).await, (1, "a".into(), Some(b"1".to_vec())));
    assert_eq!(next_change(&mut watch).await, (2, "b".into(), Some(b"1".to_vec())));
    store.delete(Delete::new("a")).await.unwrap();
    assert_eq!(next_change(&mut watch).await, (3, "a".into(), None));
}

#[tokio::test]
async fn a_watch_from_now_says_where_it_starts() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    store.put(Put::new("a", "1")).await.unwrap();
    let mut watch = store.watch(WatchFrom::Now, "").await.unwrap();
    assert_eq!(next(&mut watch).await.unwrap(), WatchEvent::Progress { revision: 1 });
    store.put(Put::new("a", "2")).await.unwrap();
    assert_eq!(next_change(&mut watch).await.0, 2);
}

#[tokio::test]
async fn resume_is_exact_or_an_explicit_error_at_every_boundary() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    for i in 0..10 {
        store.put(Put::new("a", i.to_string())).await.unwrap();
    }
    let state = store.compact(4).await.unwrap();
    assert_eq!((state.compacted, state.revision), (4, 10));
    for from in 0..=12 {
        match (from, store.watch(WatchFrom::After(from), "").await) {
            (0..=3, Err(error)) => {
                assert_eq!(*error.kind(), ErrorKind::Compacted { compacted: 4, current: 10 })
            }
            (4..=10, Ok(mut watch)) => {
                for wanted in from + 1..=10 {
                    assert_eq!(next_change(&mut watch).await.0, wanted);
                }
            }
            (11.., Err(error)) => {
                assert_eq!(*error.kind(), ErrorKind::Future { requested: from, current: 10 })
            }
            (_, other) => panic!("from {from}: {other:?}"),
        }
    }
    let error = store.compact(11).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Future { requested: 11, current: 10 });
    assert_eq!(store.compact(2).await.unwrap().compacted, 4, "compaction never goes back");
    assert_eq!(store.get("a").await.unwrap().unwrap().revision, 10);
}

#[tokio::test]
async fn filtered_changes_move_the_progress_mark() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    config.progress_interval = Duration::from_millis(50);
    let store = Store::open(config).await.unwrap();
    let mut watch = store.watch(WatchFrom::After(0), "a/").await.unwrap();
    store.put(Put::new("a/1", "x")).await.unwrap();
    assert_eq!(next_change(&mut watch).await.0, 1);
    for _ in 0..3 {
        store.put(Put::new("b/1", "x")).await.unwrap();
    }
    loop {
        match next(&mut watch).await.unwrap() {
            WatchEvent::Progress { revision: 4 } => break,
            WatchEvent::Progress { revision } => assert!(revision < 4),
            WatchEvent::Change(change) => panic!("filtered: {change:?}"),
        }
    }
}

/// Writers, a compactor, and watches that drop and resume at random: every watch sees every revision once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_gap_and_no_duplicate_under_writes_compaction_and_reconnects() {
    const TOTAL: u64 = 3000;
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    // A small window sends watches to the log and back all the time.
    config.window_changes = 32;
    config.progress_interval = Duration::from_millis(5);
    config.retention = Retention { max_changes: None, max_age: None, interval: Duration::from_secs(60) };
    let store = Store::open(config).await.unwrap();
    let positions: std::sync::Arc<Vec<std::sync::atomic::AtomicU64>> =
        std::sync::Arc::new((0..8).map(|_| std::sync::atomic::AtomicU64::new(0)).collect());
    let mut watchers = Vec::new();
    for id in 0..8_u64 {
        let (store, positions) = (store.clone(), std::sync::Arc::clone(&positions));
        watchers.push(tokio::spawn(async move {
            let mut seen = 0;
            let mut random = id * 7919 + 1;
            while seen < TOTAL {
                let mut watch = store.watch(WatchFrom::After(seen), "").await.unwrap();
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                for _ in 0..(random >> 33) % 400 + 1 {
                    match next(&mut watch).await.unwrap() {
                        WatchEvent::Change(change) => {
                            assert_eq!(change.revision, seen + 1);
                            seen += 1;
                        }
                        WatchEvent::Progress { revision } => assert_eq!(revision, seen),
                    }
                    positions[usize::try_from(id).unwrap()].store(seen, std::sync::atomic::Ordering::SeqCst);
                    if seen == TOTAL {
                        break;
                    }
                    if random % 5 == id % 5 && seen % 64 == 0 {
                        tokio::time::sleep(Duration::from_millis(3)).await;
                    }
                }
            }
        }));
    }
    // Compacts up to what every watch has seen: resuming stays possible.
    let compactor = {
        let (store, positions) = (store.clone(), std::sync::Arc::clone(&positions));
        tokio::spawn(async move {
            loop {
                let safe =
                    positions.iter().map(|p| p.load(std::sync::atomic::Ordering::SeqCst)).min().unwrap();
                store.compact(safe).await.unwrap();
                if safe == TOTAL {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    };
    let writers: Vec<_> = (0..12_u64)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for i in 0..TOTAL / 12 {
                    store.put(Put::new(format!("k{}", i % 5), format!("{writer}"))).await.unwrap();
                }
            })
        })
        .collect();
    for task in writers.into_iter().chain(watchers) {
        task.await.unwrap();
    }
    compactor.await.unwrap();
    assert_eq!(store.state().await.unwrap().compacted, TOTAL);
}

#[tokio::test]
async fn a_live_watch_that_sleeps_too_long_ends_lagged_and_writers_never_wait() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    config.lag_limit = Duration::from_millis(300);
    config.window_changes = 8;
    let store = Store::open(config).await.unwrap();
    store.put(Put::new("a", "0")).await.unwrap();
    let mut slow = store.watch(WatchFrom::After(0), "").await.unwrap();
    let mut other = store.watch(WatchFrom::After(0), "").await.unwrap();
    assert_eq!(next_change(&mut slow).await.0, 1);
    // One poll of the empty end makes it live.
    assert!(tokio::time::timeout(Duration::from_millis(20), slow.next()).await.is_err());
    for _ in 0..20 {
        store.put(Put::new("a", "1")).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    // A mark that was due may come before.
    let error = loop {
        match next(&mut slow).await {
            Ok(event) => assert_eq!(event, WatchEvent::Progress { revision: 1 }),
            Err(error) => break error,
        }
    };
    assert_eq!(*error.kind(), ErrorKind::Lagged { delivered: 1 });
    assert!(slow.next().await.is_none(), "nothing follows an error");
    for wanted in 1..=21 {
        assert_eq!(next_change(&mut other).await.0, wanted, "a watch that is catching up is not lagged");
    }
    let mut resumed = store.watch(WatchFrom::After(1), "").await.unwrap();
    assert_eq!(next_change(&mut resumed).await.0, 2);
}

#[tokio::test]
async fn a_watch_that_keeps_up_with_a_log_that_never_rests_is_not_lagged() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    config.lag_limit = Duration::from_millis(400);
    config.window_changes = 4;
    let store = Store::open(config).await.unwrap();
    let mut watch = store.watch(WatchFrom::After(0), "").await.unwrap();
    // One poll of the empty end makes it live.
    assert!(tokio::time::timeout(Duration::from_millis(20), watch.next()).await.is_err());
    // Whenever it looks there is a change, so it never sees the end again.
    for wanted in 1..=20 {
        store.put(Put::new("a", "1")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(next_change(&mut watch).await.0, wanted);
    }
    // More than the window holds.
    for _ in 0..10 {
        store.put(Put::new("a", "2")).await.unwrap();
    }
    for wanted in 21..=30 {
        assert_eq!(next_change(&mut watch).await.0, wanted);
    }
}

#[tokio::test]
async fn a_watch_overtaken_by_compaction_while_catching_up_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    config.window_changes = 1;
    let store = Store::open(config).await.unwrap();
    for _ in 0..600 {
        store.put(Put::new("a", "1")).await.unwrap();
    }
    let mut watch = store.watch(WatchFrom::After(0), "").await.unwrap();
    assert_eq!(next_change(&mut watch).await.0, 1);
    store.compact(590).await.unwrap();
    let error = loop {
        match next(&mut watch).await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(*error.kind(), ErrorKind::Compacted { compacted: 590, current: 600 });
}

#[tokio::test]
async fn retention_keeps_the_newest_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir);
    config.retention = Retention { max_changes: Some(5), max_age: None, interval: Duration::from_millis(20) };
    let store = Store::open(config.clone()).await.unwrap();
    for _ in 0..30 {
        store.put(Put::new("a", "1")).await.unwrap();
    }
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while store.state().await.unwrap().compacted < 25 {
        assert!(std::time::Instant::now() < deadline, "compacts in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(store.state().await.unwrap().compacted, 25);
    store.close().await;
    config.retention =
        Retention { max_changes: None, max_age: Some(Duration::ZERO), interval: Duration::from_millis(20) };
    let store = Store::open(config).await.unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while store.state().await.unwrap().compacted < 30 {
        assert!(std::time::Instant::now() < deadline, "compacts by age in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn closing_ends_watches_with_the_position_to_resume_from() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(config(&dir)).await.unwrap();
    store.put(Put::new("a", "1")).await.unwrap();
    let mut watch = store.watch(WatchFrom::After(0), "").await.unwrap();
    assert_eq!(next_change(&mut watch).await.0, 1);
    let ended = tokio::spawn(async move { next(&mut watch).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    store.close().await;
    assert_eq!(*ended.await.unwrap().unwrap_err().kind(), ErrorKind::Closed { delivered: 1 });
}
