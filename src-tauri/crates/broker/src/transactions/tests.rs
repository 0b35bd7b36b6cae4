use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use wire::ErrorCode;

use super::coordinator::{Coordinator, Journal};
use super::transaction::OWN_EPOCH;
use super::*;

/// A marker: when the end was decided, for whom, and whether it was a commit.
type Marked = (i64, Identity, bool);

/// A log in memory, whose writes and markers can be made to fail.
#[derive(Default)]
struct Memory {
    now_ms: Cell<i64>,
    /// Every look at the clock is a millisecond.
    ticks: Cell<bool>,
    next_id: Cell<i64>,
    /// Every state written down, in order.
    written: RefCell<Vec<(String, Option<Transaction>)>>,
    marked: RefCell<HashMap<TopicPartition, Vec<Marked>>>,
    refuses_writes: Cell<bool>,
    refuses_markers: Cell<bool>,
}

impl Journal for Memory {
    fn write(&self, id: &str, transaction: Option<&Transaction>) -> Result<(), ErrorCode> {
        if self.refuses_writes.get() {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        let value = transaction.map(records::value);
        let (read, back) = records::load(Some(&records::key(id)), value.as_deref()).expect("reads");
        assert_eq!(read, id);
        self.written.borrow_mut().push((read, back));
        Ok(())
    }

    fn mark(&self, at: &TopicPartition, prepared: &Transaction) -> Result<(), ErrorCode> {
        if self.refuses_markers.get() {
            return Err(ErrorCode::KafkaStorageError);
        }
        let mut marked = self.marked.borrow_mut();
        let committed = super::coordinator::is_commit(prepared);
        marked.entry(at.clone()).or_default().push((prepared.updated_ms, prepared.producer, committed));
        Ok(())
    }

    fn fresh_id(&self) -> Result<i64, ErrorCode> {
        self.next_id.set(self.next_id.get() + 1);
        Ok(self.next_id.get())
    }

    fn now_ms(&self) -> i64 {
        self.now_ms.set(self.now_ms.get() + i64::from(self.ticks.get()));
        self.now_ms.get()
    }
}

fn at(partition: i32) -> TopicPartition {
    ("t".to_owned(), partition)
}

fn identity(id: i64, epoch: i16) -> Identity {
    Identity { id, epoch }
}

#[test]
fn epochs_that_run_out_give_way_to_a_new_id() {
    let journal = Memory::default();
    let coordinator = Coordinator::default();
    let first = coordinator.initialize(&journal, "a", 1000, None).expect("initialized");
    assert_eq!(first, identity(1, 0));
    let last =
        Transaction { producer: identity(1, i16::MAX - 1), ..coordinator.describe("a").expect("known") };
    coordinator.load("a".into(), Some(last.clone()));
    assert_eq!(coordinator.initialize(&journal, "a", 1000, None), Ok(identity(2, 0)));

    // The same for whoever says who it is, even twice.
    coordinator.load("a".into(), Some(last.clone()));
    let expected = Some(last.producer);
    assert_eq!(coordinator.initialize(&journal, "a", 1000, expected), Ok(identity(3, 0)));
    assert_eq!(coordinator.initialize(&journal, "a", 1000, expected), Ok(identity(3, 0)));

    // And at the end of a transaction: its marker has the largest epoch, which nobody was given.
    coordinator.load("a".into(), Some(last.clone()));
    coordinator.add(&journal, "a", last.producer, &[at(0)], OWN_EPOCH).expect("added");
    let ended = coordinator.end(&journal, "a", last.producer, true, OWN_EPOCH);
    assert_eq!(ended, Ok(identity(4, 0)));
    assert_eq!(journal.marked.borrow()[&at(0)], [(0, identity(1, i16::MAX), true)]);
    let again = coordinator.end(&journal, "a", last.producer, true, OWN_EPOCH);
    assert_eq!(again, Ok(identity(4, 0)), "the answer was lost");
}

#[test]
fn what_cannot_be_written_down_did_not_happen() {
    let journal = Memory::default();
    let coordinator = Coordinator::default();
    let producer = coordinator.initialize(&journal, "a", 1000, None).expect("initialized");
    journal.refuses_writes.set(true);
    let refused = coordinator.add(&journal, "a", producer, &[at(0)], 0);
    assert_eq!(refused, Err(ErrorCode::CoordinatorNotAvailable));
    assert_eq!(coordinator.describe("a").expect("known").state, State::Empty);
    journal.refuses_writes.set(false);
    coordinator.add(&journal, "a", producer, &[at(0)], 0).expect("added");
    journal.refuses_writes.set(true);
    assert_eq!(coordinator.end(&journal, "a", producer, true, 0), Err(ErrorCode::CoordinatorNotAvailable));
    assert!(journal.marked.borrow().is_empty());
}

#[test]
fn markers_that_fail_are_written_later_and_only_once() {
    let journal = Memory::default();
    let coordinator = Coordinator::default();
    let producer = coordinator.initialize(&journal, "a", 1000, None).expect("initialized");
    coordinator.add(&journal, "a", producer, &[at(0), at(1)], 0).expect("added");
    journal.refuses_markers.set(true);
    assert_eq!(coordinator.end(&journal, "a", producer, true, 0), Ok(producer), "it is decided");
    let busy = Err(ErrorCode::ConcurrentTransactions);
    assert_eq!(coordinator.end(&journal, "a", producer, true, 0), busy);
    assert_eq!(coordinator.add(&journal, "a", producer, &[at(0)], 0), busy.map(drop));
    assert_eq!(coordinator.initialize(&journal, "a", 1000, None), busy);
    journal.refuses_markers.set(false);
    coordinator.finish_prepared(&journal);
    coordinator.finish_prepared(&journal);
    assert_eq!(journal.marked.borrow()[&at(0)], [(0, producer, true)]);
    assert_eq!(journal.marked.borrow()[&at(1)], [(0, producer, true)]);
    assert_eq!(coordinator.describe("a").expect("known").state, State::CompleteCommit);
}

#[test]
fn overdue_transactions_are_aborted_and_unused_ids_forgotten() {
    let journal = Memory::default();
    let coordinator = Coordinator::default();
    let producer = coordinator.initialize(&journal, "a", 1000, None).expect("initialized");
    coordinator.add(&journal, "a", producer, &[at(0)], OWN_EPOCH).expect("added");
    journal.now_ms.set(1000);
    coordinator.abort_overdue(&journal);
    assert_eq!(coordinator.describe("a").expect("known").state, State::Ongoing);
    coordinator.expire(&journal, 0);
    journal.now_ms.set(1001);
    coordinator.abort_overdue(&journal);
    assert_eq!(journal.marked.borrow()[&at(0)], [(1001, identity(1, 1), false)]);
    assert_eq!(coordinator.end(&journal, "a", producer, true, 0), Err(ErrorCode::ProducerFenced));
    // Whoever was too slow may go on with the epoch it was fenced by.
    assert_eq!(coordinator.initialize(&journal, "a", 1000, Some(producer)), Ok(identity(1, 1)));

    journal.now_ms.set(2001);
    coordinator.expire(&journal, 1000);
    assert_eq!(coordinator.describe("a"), None);
    assert_eq!(journal.written.borrow().last(), Some(&("a".to_owned(), None)));
    assert_eq!(
        coordinator.add(&journal, "a", producer, &[at(0)], 0),
        Err(ErrorCode::InvalidProducerIdMapping)
    );
}

/// What a client, time or a stop may do.
#[derive(Debug, Clone)]
enum Step {
    Init { who: usize, expects: bool },
    Add { who: usize, partition: i32, own_epoch: bool },
    End { who: usize, commit: bool, own_epoch: bool },
    Pass { ms: i64 },
    Markers { refused: bool },
    Writes { refused: bool },
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..2usize;
    let step = prop_oneof![
        2 => (who.clone(), any::<bool>()).prop_map(|(who, expects)| Step::Init { who, expects }),
        6 => (who.clone(), 0..3i32, any::<bool>())
            .prop_map(|(who, partition, own_epoch)| Step::Add { who, partition, own_epoch }),
        6 => (who, any::<bool>(), any::<bool>())
            .prop_map(|(who, commit, own_epoch)| Step::End { who, commit, own_epoch }),
        1 => (0..800i64).prop_map(|ms| Step::Pass { ms }),
        1 => any::<bool>().prop_map(|refused| Step::Markers { refused }),
        1 => any::<bool>().prop_map(|refused| Step::Writes { refused }),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 0..60)
}

/// What `__transaction_state` says, read again.
fn reload(journal: &Memory) -> Coordinator {
    let coordinator = Coordinator::default();
    for (id, transaction) in journal.written.borrow().iter() {
        coordinator.load(id.clone(), transaction.clone());
    }
    coordinator.finish_prepared(journal);
    coordinator
}

proptest! {
    /// Two clients share one transactional id, in any order of requests, failures and stops: epochs only grow,
    /// states follow each other as allowed, and every partition that joined a transaction gets that
    /// transaction's one outcome.
    #[test]
    fn every_partition_learns_the_one_outcome(steps in steps()) {
        let journal = Memory::default();
        journal.ticks.set(true);
        let mut coordinator = Coordinator::default();
        let mut clients = [identity(-1, -1); 2];
        // Partitions of the open transaction, as acknowledged.
        let mut joined: BTreeSet<i32> = BTreeSet::new();
        let mut outcomes: Vec<(BTreeSet<i32>, bool)> = Vec::new();
        for step in steps {
            let before = coordinator.describe("a");
            match step {
                Step::Init { who, expects } => {
                    let expected = Some(clients[who]).filter(|known| expects && known.id >= 0);
                    if let Ok(producer) = coordinator.initialize(&journal, "a", 1000, expected) {
                        clients[who] = producer;
                    }
                }
                Step::Add { who, partition, own_epoch } => {
                    let version = coordinator::client_version(own_epoch);
                    if coordinator.add(&journal, "a", clients[who], &[at(partition)], version).is_ok() {
                        joined.insert(partition);
                    }
                }
                Step::End { who, commit, own_epoch } => {
                    let version = coordinator::client_version(own_epoch);
                    if let Ok(producer) = coordinator.end(&journal, "a", clients[who], commit, version) {
                        clients[who] = producer;
                    }
                }
                Step::Pass { ms } => {
                    journal.now_ms.set(journal.now_ms.get() + ms);
                    coordinator.finish_prepared(&journal);
                    coordinator.abort_overdue(&journal);
                }
                Step::Markers { refused } => journal.refuses_markers.set(refused),
                Step::Writes { refused } => journal.refuses_writes.set(refused),
                Step::Restart => {
                    journal.refuses_writes.set(false);
                    journal.refuses_markers.set(false);
                    coordinator = reload(&journal);
                }
            }
            let after = coordinator.describe("a");
            if let (Some(before), Some(after)) = (&before, &after) {
                let newer = (after.producer.id, after.producer.epoch) >= (before.producer.id, before.producer.epoch);
                prop_assert!(newer, "{before:?} then {after:?}");
            }
            if let Some(after) = &after {
                let decided = after.state.is_prepared()
                    || matches!(after.state, State::CompleteCommit | State::CompleteAbort);
                if decided && !joined.is_empty() {
                    let committed = matches!(after.state, State::PrepareCommit | State::CompleteCommit);
                    outcomes.push((std::mem::take(&mut joined), committed));
                }
                if after.state == State::Ongoing {
                    let open: BTreeSet<i32> = after.partitions.iter().map(|(_, partition)| *partition).collect();
                    prop_assert_eq!(&open, &joined);
                }
            }
        }
        journal.refuses_writes.set(false);
        journal.refuses_markers.set(false);
        let coordinator = reload(&journal);
        let settled = coordinator.describe("a");
        prop_assert!(settled.as_ref().is_none_or(|settled| !settled.state.is_prepared()));

        // States as they were written down follow each other as allowed.
        let written = journal.written.borrow();
        for pair in written.windows(2) {
            if let [(_, Some(before)), (_, Some(after))] = pair {
                prop_assert!(before.state.may_become(after.state), "{:?} to {:?}", before.state, after.state);
            }
        }
        // Every partition was told its transactions' outcomes, in order. A stop may have had a marker written
        // twice, never two outcomes.
        let mut expected: BTreeMap<i32, Vec<bool>> = BTreeMap::new();
        for (partitions, committed) in &outcomes {
            for partition in partitions {
                expected.entry(*partition).or_default().push(*committed);
            }
        }
        if settled.is_some_and(|settled| settled.state == State::Ongoing) {
            joined.clear();
        }
        prop_assert!(joined.is_empty());
        for (partition, expected) in expected {
            let mut told = journal.marked.borrow().get(&at(partition)).cloned().unwrap_or_default();
            told.dedup();
            let told: Vec<bool> = told.into_iter().map(|(_, _, committed)| committed).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
