//! Good tokens that have been seen, so that a caller's next request need not verify a signature again.
//!
//! The cache can only say yes: a token that it does not hold byte for byte, or whose times do not hold now, is verified from the
//! start. It belongs to one verifier and its keys never change, so no entry outlives the key that it was verified with. Bounded:
//! the oldest entry of a shard makes room.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::claims::Times;
use super::super::identity::Identity;

/// The number of locks that the entries are spread over.
const SHARDS: usize = 16;
/// The most entries of a shard: 10,000 of all.
const PER_SHARD: usize = 625;
/// The longest token that is kept, in bytes; a longer one is verified each time.
const MAX_KEPT: usize = 2 << 10;

/// Identities by token.
pub(super) struct TokenCache {
    /// Keyed by chance, so that nobody can choose which tokens fall together.
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    /// By the hash of the token. Texts are compared only under an equal hash, which a caller cannot bring about, so the time of the
    /// comparison tells nothing about a token that is held.
    entries: HashMap<u64, Entry>,
    /// The hashes in the order of their coming.
    order: VecDeque<u64>,
}

struct Entry {
    token: Box<[u8]>,
    identity: Identity,
    times: Times,
}

impl TokenCache {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// The identity of exactly this token, if it is held. The caller judges the times.
    pub(super) fn get(&self, token: &[u8]) -> Option<(Identity, Times)> {
        let hash = self.hasher.hash_one(token);
        let shard = self.shard(hash);
        let entry = shard.entries.get(&hash).filter(|entry| *entry.token == *token)?;
        Some((entry.identity.clone(), entry.times))
    }

    /// Keeps a token that has just been verified.
    pub(super) fn insert(&self, token: &[u8], identity: &Identity, times: Times) {
        if token.len() > MAX_KEPT {
            return;
        }
        let hash = self.hasher.hash_one(token);
        let entry = Entry { token: Box::from(token), identity: identity.clone(), times };
        let mut shard = self.shard(hash);
        let Shard { entries, order } = &mut *shard;
        match entries.entry(hash) {
            Slot::Occupied(mut slot) => {
                slot.insert(entry);
            }
            Slot::Vacant(slot) => {
                slot.insert(entry);
                order.push_back(hash);
            }
        }
        if order.len() > PER_SHARD
            && let Some(oldest) = order.pop_front()
        {
            entries.remove(&oldest);
        }
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        // A panic cannot leave a half-made entry behind.
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().entries.len()).sum()
    }
}

/// Tokens are secrets; nothing of them is shown.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times() -> Times {
        Times { not_before: None, expiry: 1.0 }
    }

    #[test]
    fn the_number_of_entries_is_bounded() {
        let cache = TokenCache::new();
        let identity = Identity::for_tests("u-1", &[], &[]);
        let last = 3 * SHARDS * PER_SHARD;
        for number in 0..=last {
            cache.insert(number.to_string().as_bytes(), &identity, times());
        }
        assert!(cache.len() <= SHARDS * PER_SHARD, "{}", cache.len());
        assert!(cache.len() > SHARDS * PER_SHARD / 2, "{}", cache.len());
        assert!(cache.get(last.to_string().as_bytes()).is_some(), "the newest stays");
        assert!(cache.get(b"0").is_none(), "the oldest goes");
    }

    #[test]
    fn a_token_is_kept_once_and_long_ones_are_not() {
        let cache = TokenCache::new();
        for subject in ["u-1", "u-2"] {
            cache.insert(b"token", &Identity::for_tests(subject, &[], &[]), times());
        }
        assert_eq!(cache.len(), 1);
        assert_eq!(cache.get(b"token").unwrap().0.subject(), "u-2");
        assert!(cache.get(b"toke").is_none() && cache.get(b"tokens").is_none());
        cache.insert(&vec![b'x'; MAX_KEPT + 1], &Identity::for_tests("u-3", &[], &[]), times());
        assert_eq!(cache.len(), 1);
    }
}
