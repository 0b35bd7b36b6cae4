//! The records of a share partition that are neither forgotten nor untouched: consecutive offsets in the same
//! state are one run, and runs follow each other without a hole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::groups::Millis;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// To be delivered (again).
    Available,
    /// A member holds it.
    Acquired { member: Arc<str>, until: Millis },
    /// Accepted by a member.
    Acknowledged,
    /// Rejected, delivered too often, or gone.
    Archived,
    /// No record was ever found here.
    Missing,
}

impl State {
    /// Nothing will happen to it any more.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, State::Acknowledged | State::Archived)
    }

    /// The number by which `__share_group_state` knows it. What is held is available there: a restart ends
    /// every hold.
    pub(crate) fn number(&self) -> i8 {
        match self {
            State::Available | State::Acquired { .. } => 0,
            State::Acknowledged => 2,
            State::Archived | State::Missing => 4,
        }
    }
}

/// Consecutive offsets in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) state: State,
    /// How often they were delivered, the present delivery included.
    pub(crate) deliveries: i16,
}

/// The last offset of a run, its state, its deliveries.
type Rest = (i64, State, i16);

/// Runs from `start` up to `end`, which is the first offset not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runs {
    start: i64,
    end: i64,
    runs: BTreeMap<i64, Rest>,
}

fn run((first, (last, state, deliveries)): (&i64, &Rest)) -> Run {
    Run { first: *first, last: *last, state: state.clone(), deliveries: *deliveries }
}

/// What is left of a run without some ranges.
fn without(run: Run, except: &[(i64, i64)]) -> Vec<Run> {
    except.iter().fold(vec![run], |left, (first, last)| {
        let parts = left.into_iter().flat_map(|run| {
            let (before, behind) = (run.last.min(first - 1), run.first.max(last + 1));
            [Run { last: before, ..run.clone() }, Run { first: behind, ..run }]
        });
        parts.filter(|run| run.first <= run.last).collect()
    })
}

impl Runs {
    pub(crate) fn new(start: i64) -> Self {
        Self { start, end: start, runs: BTreeMap::new() }
    }

    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    pub(crate) fn end(&self) -> i64 {
        self.end
    }

    /// The run that holds an offset.
    pub(crate) fn at(&self, offset: i64) -> Option<Run> {
        self.runs.range(..=offset).next_back().map(run).filter(|run| run.last >= offset)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Run> + '_ {
        self.runs.iter().map(run)
    }

    /// The first offset to be delivered among the runs.
    pub(crate) fn first_available(&self, except: &[(i64, i64)]) -> Option<i64> {
        let runs = self.runs.iter().map(run).filter(|run| run.state == State::Available);
        runs.flat_map(|run| without(run, except)).map(|run| run.first).next()
    }

    /// What can be delivered of `first..=last`, in order.
    pub(crate) fn available(&self, first: i64, last: i64, except: &[(i64, i64)]) -> Vec<Run> {
        let runs = self.within(first, last).filter(|run| run.state == State::Available);
        runs.flat_map(|run| without(run, except)).collect()
    }

    /// The runs of `first..=last`, cut to it.
    pub(crate) fn within(&self, first: i64, last: i64) -> impl Iterator<Item = Run> + '_ {
        let before = self.runs.range(..first).next_back();
        let from = before.filter(|(_, rest)| rest.0 >= first).map_or(first, |(first, _)| *first);
        let cut =
            move |found: Run| Run { first: found.first.max(first), last: found.last.min(last), ..found };
        let runs = self.runs.range(from..).take_while(move |(first, _)| **first <= last);
        runs.map(run).map(cut).filter(|found| found.first <= found.last)
    }

    /// How many offsets are in a final state.
    pub(crate) fn finals(&self) -> i64 {
        let counts = self.runs.iter().map(
            |(first, (last, state, _))| {
                if state.is_final() { last - first + 1 } else { 0 }
            },
        );
        counts.sum()
    }

    /// Nothing was found from the end up to `first`.
    pub(crate) fn miss_up_to(&mut self, first: i64) {
        if first > self.end {
            self.place(self.end, first - 1, State::Missing, 0);
        }
    }

    /// Puts `first..=last` into a state. What lies before the start is left out, a hole up to `first` is filled
    /// with what is available.
    pub(crate) fn set(&mut self, first: i64, last: i64, state: State, deliveries: i16) {
        let first = first.max(self.start);
        if first > last {
            return;
        }
        if first > self.end {
            let hole = self.end;
            self.place(hole, first - 1, State::Available, 0);
        }
        self.cut(first);
        self.cut(last + 1);
        let within: Vec<i64> = self.runs.range(first..=last).map(|(first, _)| *first).collect();
        for first in within {
            self.runs.remove(&first);
        }
        self.place(first, last, state, deliveries);
    }

    /// Inserts where nothing is, and joins what is alike.
    fn place(&mut self, mut first: i64, mut last: i64, state: State, deliveries: i16) {
        self.end = self.end.max(last + 1);
        let alike = |rest: &Rest| rest.1 == state && rest.2 == deliveries;
        if let Some((before, rest)) = self.runs.range(..first).next_back()
            && rest.0 + 1 == first
            && alike(rest)
        {
            first = *before;
        }
        if let Some(rest) = self.runs.get(&(last + 1))
            && alike(rest)
        {
            let behind = last + 1;
            last = rest.0;
            self.runs.remove(&behind);
        }
        self.runs.insert(first, (last, state, deliveries));
    }

    /// Makes a run begin at an offset, if one holds it.
    fn cut(&mut self, offset: i64) {
        let Some((first, rest)) = self.runs.range_mut(..offset).next_back() else { return };
        if rest.0 < offset || *first == offset {
            return;
        }
        let tail = (rest.0, rest.1.clone(), rest.2);
        rest.0 = offset - 1;
        self.runs.insert(offset, tail);
    }

    /// Forgets everything before an offset, if that is ahead.
    pub(crate) fn move_start(&mut self, start: i64) {
        if start <= self.start {
            return;
        }
        self.cut(start);
        self.runs = self.runs.split_off(&start);
        self.start = start;
        self.end = self.end.max(start);
    }

    /// Forgets what is final at the start.
    pub(crate) fn advance(&mut self) {
        self.forget_while(|state| state.is_final() || *state == State::Missing);
    }

    /// Forgets what was never there at the start.
    pub(crate) fn pass_missing(&mut self) {
        self.forget_while(|state| *state == State::Missing);
    }

    fn forget_while(&mut self, over: impl Fn(&State) -> bool) {
        while let Some(entry) = self.runs.first_entry()
            && over(&entry.get().1)
        {
            self.start = entry.get().0 + 1;
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(runs: &Runs, expected: &[(i64, i64, State, i16)]) {
        let found: Vec<_> = runs.iter().map(|run| (run.first, run.last, run.state, run.deliveries)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn runs_are_cut_joined_and_forgotten() {
        let mut runs = Runs::new(10);
        runs.set(12, 14, State::Acknowledged, 1);
        check(&runs, &[(10, 11, State::Available, 0), (12, 14, State::Acknowledged, 1)]);
        runs.set(11, 12, State::Archived, 2);
        let archived = (11, 12, State::Archived, 2);
        check(&runs, &[(10, 10, State::Available, 0), archived, (13, 14, State::Acknowledged, 1)]);
        assert_eq!((runs.finals(), runs.first_available(&[])), (4, Some(10)));
        runs.set(15, 15, State::Acknowledged, 1);
        runs.set(10, 10, State::Archived, 2);
        check(&runs, &[(10, 12, State::Archived, 2), (13, 15, State::Acknowledged, 1)]);
        runs.advance();
        assert_eq!((runs.start(), runs.end()), (16, 16));
        runs.set(3, 15, State::Available, 0);
        check(&runs, &[]);
        runs.set(16, 19, State::Available, 1);
        runs.move_start(18);
        check(&runs, &[(18, 19, State::Available, 1)]);
        runs.move_start(30);
        assert_eq!((runs.start(), runs.end()), (30, 30));
        assert_eq!(runs.at(30), None);
    }
}
