//! Which group waits for time to pass, the soonest first: a tick touches those alone that are due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use parking_lot::Mutex;

use crate::groups::Millis;

/// A queue of groups by deadline. An entry may be out of date (heartbeats put deadlines off all the time, and
/// moving an entry each time would cost more than one idle look): who takes it asks its group.
#[derive(Default)]
pub(super) struct Deadlines {
    queue: Mutex<BinaryHeap<Reverse<(Millis, String)>>>,
}

impl Deadlines {
    /// Queues a group; says whether it is the soonest now, so that the timer has to look again.
    pub(super) fn push(&self, at: Millis, group: &str) -> bool {
        let mut queue = self.queue.lock();
        let soonest = queue.peek().is_none_or(|Reverse((first, _))| at < *first);
        queue.push(Reverse((at, group.to_owned())));
        soonest
    }

    /// Takes a group that is due.
    pub(super) fn pop(&self, now: Millis) -> Option<(Millis, String)> {
        let mut queue = self.queue.lock();
        if queue.peek().is_some_and(|Reverse((at, _))| *at <= now) {
            queue.pop().map(|Reverse(entry)| entry)
        } else {
            None
        }
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Millis> {
        self.queue.lock().peek().map(|Reverse((at, _))| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_comes_first_and_only_when_due() {
        let deadlines = Deadlines::default();
        assert!(deadlines.push(20, "b"));
        assert!(deadlines.push(10, "a"));
        assert!(!deadlines.push(30, "c"));
        assert_eq!(deadlines.pop(9), None);
        assert_eq!(deadlines.pop(25), Some((10, "a".into())));
        assert_eq!(deadlines.pop(25), Some((20, "b".into())));
        assert_eq!((deadlines.pop(25), deadlines.next()), (None, Some(30)));
    }
}
