//! Conditions, revisions, paging, bounds, and what `open` refuses.

#![allow(clippy::unwrap_used)]

use protogate_store::{Delete, ErrorKind, Expected, ListQuery, Put, Store, StoreConfig};

async fn open(dir: &tempfile::TempDir) -> Store {
    Store::open(StoreConfig::new(dir.path().join("data/store.sqlite"))).await.unwrap()
}

#[tokio::test]
async fn conditions_are_checked_and_refusals_take_no_revision() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let first = store.put(Put::new("a", "1").by("ann").expecting(Expected::Absent)).await.unwrap();
    assert_eq!((first.revision, first.create_revision, first.updated_by.as_str()), (1, 1, "ann"));
    for (expected, wanted) in [(Expected::Absent, 0), (Expected::At(7), 7)] {
        let error = store.put(Put::new("a", "x").expecting(expected)).await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Mismatch { key: "a".into(), expected: wanted, actual: 1 });
    }
    let error = store.put(Put::new("b", "x").expecting(Expected::At(3))).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Mismatch { key: "b".into(), expected: 3, actual: 0 });
    let second = store.put(Put::new("a", "2").by("bob").expecting(Expected::At(1))).await.unwrap();
    assert_eq!((second.revision, second.create_revision), (2, 1));
    assert_eq!(second.created_at, first.created_at);
    assert_eq!(store.get("a").await.unwrap().unwrap(), second);
    assert_eq!(store.get("b").await.unwrap(), None);
}

#[tokio::test]
async fn deletion_is_idempotent_and_creation_after_it_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    store.put(Put::new("a", "1")).await.unwrap();
    let error = store.delete(Delete::new("a").expecting(Expected::At(9))).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Mismatch { key: "a".into(), expected: 9, actual: 1 });
    assert_eq!(store.delete(Delete::new("a").expecting(Expected::At(1))).await.unwrap(), Some(2));
    assert_eq!(store.delete(Delete::new("a")).await.unwrap(), None);
    assert_eq!(store.state().await.unwrap().revision, 2);
    let again = store.put(Put::new("a", "1").expecting(Expected::Absent)).await.unwrap();
    assert_eq!((again.revision, again.create_revision), (3, 3));
}

#[tokio::test]
async fn pages_are_in_key_order_and_prefixes_are_exact() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    for key in ["b/2", "a/1", "b/10", "b", "c", "b/\u{ffff}", "b/%", "b0"] {
        store.put(Put::new(key, key)).await.unwrap();
    }
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(ListQuery { prefix: "b/".into(), after, limit: 3 }).await.unwrap();
        assert_eq!(page.revision, 8);
        keys.extend(page.resources.iter().map(|resource| resource.key.clone()));
        after = keys.last().cloned();
        if !page.more {
            break;
        }
        assert_eq!(page.resources.len(), 3);
    }
    assert_eq!(keys, ["b/%", "b/10", "b/2", "b/\u{ffff}"]);
}

#[tokio::test]
async fn bounds_are_refused_before_the_database_sees_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = StoreConfig::new(dir.path().join("store.sqlite"));
    config.max_value_bytes = 10;
    let store = Store::open(config).await.unwrap();
    let long = "k".repeat(513);
    for put in [
        Put::new("", "v"),
        Put::new(long.as_str(), "v"),
        Put::new("a\0b", "v"),
        Put::new("a\nb", "v"),
        Put::new("a\u{10FFFF}", "v"),
        Put::new("a", "12345678901"),
        Put::new("a", "v").by(long.as_str()),
    ] {
        let error = store.put(put).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Invalid { .. }), "{error}");
    }
    for limit in [0, 1001] {
        let query = ListQuery { prefix: String::new(), after: None, limit };
        assert!(matches!(store.list(query).await.unwrap_err().kind(), ErrorKind::Invalid { .. }));
    }
    let quoted = "'; DROP TABLE resource; --\"%_";
    store.put(Put::new(quoted, "v").by(quoted)).await.unwrap();
    assert_eq!(store.get(quoted).await.unwrap().unwrap().updated_by, quoted);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_writers_make_dense_revisions_in_log_order() {
    const WRITERS: u64 = 64;
    const EACH: u64 = 20;
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut revisions = Vec::new();
                for round in 0..EACH {
                    let key = format!("k/{}", (writer + round) % 7);
                    revisions
                        .push(store.put(Put::new(key, format!("{writer}:{round}"))).await.unwrap().revision);
                }
                assert!(revisions.is_sorted(), "a later write of one caller has a later revision");
                revisions
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (1..=WRITERS * EACH).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_compare_and_swaps_one_wins_each_round() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    let mut revision = store.put(Put::new("a", "0")).await.unwrap().revision;
    for _ in 0..10 {
        let tasks: Vec<_> = (0..16)
            .map(|i: u32| {
                let store = store.clone();
                let put = Put::new("a", i.to_string()).expecting(Expected::At(revision));
                tokio::spawn(async move { store.put(put).await })
            })
            .collect();
        let mut won = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(resource) => won.push(resource.revision),
                Err(error) => assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }), "{error}"),
            }
        }
        assert_eq!(won, [revision + 1]);
        revision += 1;
    }
}

#[tokio::test]
async fn a_second_process_and_foreign_or_newer_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.sqlite");
    let mut config = StoreConfig::new(&path);
    config.lock_wait = std::time::Duration::from_millis(100);
    let store = Store::open(config.clone()).await.unwrap();
    store.put(Put::new("a", "1")).await.unwrap();
    assert!(matches!(Store::open(config.clone()).await.unwrap_err().kind(), ErrorKind::InUse { .. }));
    store.close().await;
    assert!(matches!(store.put(Put::new("a", "2")).await.unwrap_err().kind(), ErrorKind::Closed { .. }));

    let again = Store::open(config.clone()).await.unwrap();
    assert_eq!(again.get("a").await.unwrap().unwrap().revision, 1);
    again.close().await;

    set_pragma(&path, "PRAGMA user_version = 99").await;
    let error = Store::open(config.clone()).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Incompatible { .. }) && error.to_string().contains("99"),
        "{error}"
    );
    set_pragma(&path, "PRAGMA application_id = 7").await;
    assert!(matches!(Store::open(config.clone()).await.unwrap_err().kind(), ErrorKind::Incompatible { .. }));

    std::fs::write(&path, vec![b'x'; 8192]).unwrap();
    let error = Store::open(config).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Corrupt { .. }), "{error}");
}

async fn set_pragma(path: &std::path::Path, statement: &'static str) {
    use sqlx::ConnectOptions;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = options.connect().await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir).await;
    store.put(Put::new("a", "1")).await.unwrap();
    for name in ["store.sqlite", "store.sqlite-wal"] {
        let mode = std::fs::metadata(dir.path().join("data").join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}
