//! Runs the parts of a walk on all processors; what comes out does not depend on how many there are.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::finding::{Finding, Findings};
use crate::rule::Rule;

/// Elements of one part of a walk: enough that a part costs more than fetching it.
const PART: usize = 1024;

/// The numbers below `count` in parts.
pub(crate) fn ranges(count: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).step_by(PART).map(move |start| start..count.min(start + PART))
}

/// The elements of one part.
pub(crate) fn within<T>(all: impl Iterator<Item = T>, range: &Range<usize>) -> impl Iterator<Item = T> {
    all.skip(range.start).take(range.len())
}

/// Runs all parts and joins what they find, in the order of the parts. `first` is any rule; each part says which one it runs.
pub(crate) fn run<T: Sync>(
    parts: &[T],
    first: &'static Rule,
    work: impl Fn(&T, &mut Findings) + Sync,
) -> Vec<Finding> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(parts.len() / 8);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Finding>)>> = Mutex::default();
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(index) else { break };
            let mut out = Findings::new(first);
            work(part, &mut out);
            if !out.list.is_empty() {
                done.lock().unwrap_or_else(PoisonError::into_inner).push((index, out.list));
            }
        }
    };
    if workers < 2 {
        worker();
    } else {
        // A panic of a rule is passed on by the scope.
        thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(worker))));
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, list)| list).collect()
}
