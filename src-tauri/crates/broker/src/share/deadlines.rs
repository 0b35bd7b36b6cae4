//! When each group and each share partition next wants the time. Pure.

use std::collections::{BTreeSet, HashMap};

use super::state_records::ShareKey;
use crate::groups::Millis;

/// Who waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Due {
    Group(String),
    Partition(ShareKey),
}

/// Who waits until when.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    by_time: BTreeSet<(Millis, Due)>,
    known: HashMap<Due, Millis>,
}

impl Deadlines {
    /// Somebody waits until then, at most. True: nobody waits for less.
    pub(crate) fn note(&mut self, due: Due, at: Millis) -> bool {
        match self.known.get(&due) {
            Some(known) if *known <= at => return false,
            Some(known) => {
                self.by_time.remove(&(*known, due.clone()));
            }
            None => {}
        }
        self.known.insert(due.clone(), at);
        self.by_time.insert((at, due));
        self.next() == Some(at)
    }

    /// Whose time has come; they wait no longer.
    pub(crate) fn pop(&mut self, now: Millis) -> Vec<Due> {
        let mut come = Vec::new();
        while self.next().is_some_and(|at| at <= now)
            && let Some((_, due)) = self.by_time.pop_first()
        {
            self.known.remove(&due);
            come.push(due);
        }
        come
    }

    /// When the next time comes.
    pub(crate) fn next(&self) -> Option<Millis> {
        self.by_time.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_comes_first_and_each_once() {
        let due = |name: &str| Due::Group(name.into());
        let mut deadlines = Deadlines::default();
        assert!(deadlines.note(due("a"), 9));
        assert!(!deadlines.note(due("b"), 20));
        assert!(!deadlines.note(due("a"), 12));
        assert!(deadlines.note(due("b"), 5));
        assert_eq!(deadlines.next(), Some(5));
        assert_eq!(deadlines.pop(9), [due("b"), due("a")]);
        assert_eq!(deadlines.pop(99), []);
    }
}
