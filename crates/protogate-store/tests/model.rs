//! Random operations against a model: a map and a list of changes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use futures_util::StreamExt;
use proptest::prelude::*;
use protogate_store::{
    Delete, ErrorKind, Expected, ListQuery, Put, Store, StoreConfig, WatchEvent, WatchFrom,
};

#[derive(Debug, Clone)]
enum Op {
    Put { key: u8, value: Vec<u8>, expected: Condition },
    Delete { key: u8, expected: Condition },
    Compact { back: u64 },
    Reopen,
}

#[derive(Debug, Clone, Copy)]
enum Condition {
    Any,
    Absent,
    Current,
    Stale,
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => Just(Condition::Any),
        1 => Just(Condition::Absent),
        2 => Just(Condition::Current),
        1 => Just(Condition::Stale)
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..5_u8, proptest::collection::vec(any::<u8>(), 0..6), condition())
            .prop_map(|(key, value, expected)| Op::Put { key, value, expected }),
        3 => (0..5_u8, condition()).prop_map(|(key, expected)| Op::Delete { key, expected }),
        1 => (0..20_u64).prop_map(|back| Op::Compact { back }),
        1 => Just(Op::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    resources: BTreeMap<String, (Vec<u8>, u64)>,
    log: Vec<(String, Option<Vec<u8>>)>,
    compacted: u64,
}

impl Model {
    fn revision(&self) -> u64 {
        self.log.len() as u64
    }

    fn at(&self, key: &str) -> u64 {
        self.resources.get(key).map_or(0, |(_, revision)| *revision)
    }

    /// The condition for the store, and whether it holds.
    fn expected(&self, key: &str, condition: Condition) -> (Expected, bool) {
        let at = self.at(key);
        match condition {
            Condition::Any => (Expected::Any, true),
            Condition::Absent => (Expected::Absent, at == 0),
            Condition::Current => (Expected::from(Some(at)), true),
            Condition::Stale => (Expected::At(at + 1), false),
        }
    }
}

async fn run(ops: Vec<Op>) {
    let dir = tempfile::tempdir().unwrap();
    let mut config = StoreConfig::new(dir.path().join("store.sqlite"));
    config.window_changes = 4;
    let mut store = Store::open(config.clone()).await.unwrap();
    let mut model = Model::default();
    for op in ops {
        match op {
            Op::Put { key, value, expected } => {
                let key = format!("k{key}");
                let (expected, holds) = model.expected(&key, expected);
                let result = store.put(Put::new(key.as_str(), value.clone()).expecting(expected)).await;
                if holds {
                    model.log.push((key.clone(), Some(value.clone())));
                    assert_eq!(result.unwrap().revision, model.revision());
                    model.resources.insert(key, (value, model.log.len() as u64));
                } else {
                    assert!(matches!(result.unwrap_err().kind(), ErrorKind::Mismatch { .. }));
                }
            }
            Op::Delete { key, expected } => {
                let key = format!("k{key}");
                let (expected, holds) = model.expected(&key, expected);
                let result = store.delete(Delete::new(key.as_str()).expecting(expected)).await;
                if !holds {
                    assert!(matches!(result.unwrap_err().kind(), ErrorKind::Mismatch { .. }));
                } else if model.resources.remove(&key).is_some() {
                    model.log.push((key, None));
                    assert_eq!(result.unwrap(), Some(model.revision()));
                } else {
                    assert_eq!(result.unwrap(), None);
                }
            }
            Op::Compact { back } => {
                let target = model.revision().saturating_sub(back);
                model.compacted = model.compacted.max(target);
                assert_eq!(store.compact(target).await.unwrap().compacted, model.compacted);
            }
            Op::Reopen => {
                store.close().await;
                store = Store::open(config.clone()).await.unwrap();
            }
        }
    }
    let page = store.list(ListQuery { prefix: String::new(), after: None, limit: 100 }).await.unwrap();
    let listed: BTreeMap<_, _> = page
        .resources
        .into_iter()
        .map(|resource| (resource.key, (resource.value, resource.revision)))
        .collect();
    assert_eq!(listed, model.resources);
    for from in 0..=model.revision() {
        let watch = store.watch(WatchFrom::After(from), "").await;
        if from < model.compacted {
            assert!(matches!(watch.unwrap_err().kind(), ErrorKind::Compacted { .. }));
            continue;
        }
        let mut watch = watch.unwrap();
        for revision in from + 1..=model.revision() {
            let Some(Ok(WatchEvent::Change(change))) = watch.next().await else { panic!("a change") };
            let (key, value) = &model.log[usize::try_from(revision - 1).unwrap()];
            assert_eq!((change.revision, &change.key, &change.value), (revision, key, value));
        }
    }
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_agrees_with_the_model(ops in proptest::collection::vec(op(), 1..40)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run(ops));
    }
}
