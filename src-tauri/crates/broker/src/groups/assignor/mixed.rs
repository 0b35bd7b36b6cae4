//! `uniform` where members read different topics: what they have stays, free partitions go to the subscriber
//! with the least, and then partitions move from the fullest to the emptiest subscriber of a topic, topic
//! after topic, until that helps no more.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use wire::Uuid;

use super::{Assignment, Spec};

/// Rounds over all topics: with overlapping subscriptions each about halves what is uneven.
const ROUNDS_MAX: usize = 16;

pub(super) fn assign(spec: &Spec<'_>) -> Vec<Assignment> {
    let mut work = Work::new(spec);
    work.keep_current();
    work.give_free();
    work.balance();
    work.assignments()
}

/// Kafka compares ids by two numbers with signs.
fn halves(id: Uuid) -> [i64; 2] {
    let id = u128::from_be_bytes(id.0);
    [(id >> 64) as i64, id as i64]
}

struct Work<'a> {
    spec: &'a Spec<'a>,
    /// Members that read a topic, by index.
    subscribers: BTreeMap<Uuid, Vec<usize>>,
    /// Who has each partition.
    owners: BTreeMap<Uuid, Vec<Option<usize>>>,
    /// How many partitions each member has.
    sizes: Vec<usize>,
}

impl<'a> Work<'a> {
    fn new(spec: &'a Spec<'a>) -> Self {
        let mut subscribers: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
        for (index, member) in spec.members.iter().enumerate() {
            for topic in member.topics {
                subscribers.entry(*topic).or_default().push(index);
            }
        }
        let owners = subscribers
            .keys()
            .map(|topic| (*topic, vec![None; usize::try_from(spec.count(*topic)).unwrap_or(0)]))
            .collect();
        Self { spec, subscribers, owners, sizes: vec![0; spec.members.len()] }
    }

    /// What a member still reads it keeps for now.
    fn keep_current(&mut self) {
        for (index, member) in self.spec.members.iter().enumerate() {
            for (topic, partitions) in
                member.current.iter().filter(|(topic, _)| member.topics.contains(topic))
            {
                let Some(owners) = self.owners.get_mut(topic) else { continue };
                for partition in partitions {
                    let slot = usize::try_from(*partition).ok().and_then(|at| owners.get_mut(at));
                    if let Some(slot @ None) = slot {
                        *slot = Some(index);
                        self.sizes[index] += 1;
                    }
                }
            }
        }
    }

    /// Topics with the most partitions per subscriber first, then those with few subscribers, then by id.
    fn by_density(&self, mut topics: Vec<Uuid>) -> Vec<Uuid> {
        let density =
            |topic: &Uuid| f64::from(self.spec.count(*topic)) / self.subscribers[topic].len() as f64;
        topics.sort_by(|a, b| {
            density(b)
                .partial_cmp(&density(a))
                .unwrap_or(Ordering::Equal)
                .then(self.subscribers[a].len().cmp(&self.subscribers[b].len()))
                .then(halves(*a).cmp(&halves(*b)))
        });
        topics
    }

    fn give_free(&mut self) {
        let with_free =
            self.owners.iter().filter(|(_, owners)| owners.contains(&None)).map(|(topic, _)| *topic);
        for topic in self.by_density(with_free.collect()) {
            let mut scale = Scale::new(&self.subscribers[&topic], &self.sizes);
            for partition in 0..self.owners[&topic].len() {
                if self.owners[&topic][partition].is_none() {
                    let least = scale.least(&self.sizes);
                    self.give(topic, partition, least);
                }
            }
        }
    }

    fn give(&mut self, topic: Uuid, partition: usize, to: usize) {
        let Some(owners) = self.owners.get_mut(&topic) else { return };
        if let Some(from) = owners[partition].replace(to) {
            self.sizes[from] -= 1;
        }
        self.sizes[to] += 1;
    }

    fn balance(&mut self) {
        let shared =
            self.subscribers.iter().filter(|(_, members)| members.len() >= 2).map(|(topic, _)| *topic);
        let topics = self.by_density(shared.collect());
        let mut last_moved = None;
        for _ in 0..ROUNDS_MAX {
            for (index, topic) in topics.iter().enumerate() {
                if last_moved == Some(index) {
                    return;
                }
                let moved = self.balance_topic(*topic);
                if moved || last_moved.is_none() {
                    last_moved = Some(index);
                }
            }
        }
    }

    /// Moves partitions of one topic between its subscribers; says whether any moved.
    fn balance_topic(&mut self, topic: Uuid) -> bool {
        let mut scale = Scale::new(&self.subscribers[&topic], &self.sizes);
        if scale.is_even(&self.sizes) {
            return false;
        }
        // What each member can give up, its last partition first.
        let mut givable: HashMap<usize, Vec<usize>> = HashMap::new();
        for (partition, owner) in self.owners[&topic].iter().enumerate() {
            if let Some(owner) = owner {
                givable.entry(*owner).or_default().push(partition);
            }
        }
        let mut moved = false;
        loop {
            let partition = loop {
                let Some(most) = scale.most(&self.sizes) else { return moved };
                match givable.get_mut(&most).and_then(Vec::pop) {
                    Some(partition) => break partition,
                    None => scale.exclude_most(),
                }
            };
            let least = scale.least(&self.sizes);
            if scale.is_level() {
                return moved;
            }
            self.give(topic, partition, least);
            moved = true;
        }
    }

    fn assignments(self) -> Vec<Assignment> {
        let mut assignments = vec![Assignment::new(); self.spec.members.len()];
        for (topic, owners) in self.owners {
            for (partition, owner) in owners.into_iter().enumerate() {
                if let (Some(owner), Ok(partition)) = (owner, i32::try_from(partition)) {
                    assignments[owner].entry(topic).or_default().insert(partition);
                }
            }
        }
        assignments
    }
}

/// The subscribers of a topic from the emptiest to the fullest, with the range of equally empty ones that
/// grows from the left, and the range of equally full ones that grows from the right.
struct Scale {
    sorted: Vec<usize>,
    least_end: usize,
    least_level: i64,
    next_least: usize,
    most_start: usize,
    most_end: usize,
    most_level: i64,
    /// One more than the index of the next one to take from.
    next_most: usize,
}

impl Scale {
    fn new(members: &[usize], sizes: &[usize]) -> Self {
        let mut sorted = members.to_vec();
        sorted.sort_by_key(|member| (sizes[*member], *member));
        let level = |index: usize| sizes[sorted[index]] as i64;
        let (first, last) = (level(0), level(sorted.len() - 1));
        let len = sorted.len();
        Self {
            sorted,
            least_end: 0,
            least_level: first - 1,
            next_least: 0,
            most_start: len,
            most_end: len,
            most_level: last + 1,
            next_most: len,
        }
    }

    fn is_even(&self, sizes: &[usize]) -> bool {
        let size = |index: usize| sizes[self.sorted[index]];
        size(self.sorted.len() - 1) - size(0) <= 1
    }

    /// Whether the two ranges came within one of each other.
    fn is_level(&self) -> bool {
        self.most_level - self.least_level <= 1
    }

    /// The emptiest, taken to get one more.
    fn least(&mut self, sizes: &[usize]) -> usize {
        if self.next_least >= self.least_end {
            self.least_level += 1;
            while self.least_end < self.sorted.len()
                && sizes[self.sorted[self.least_end]] as i64 == self.least_level
            {
                self.least_end += 1;
            }
            self.next_least = 0;
        }
        let member = self.sorted[self.next_least];
        self.next_least += 1;
        member
    }

    /// The fullest, taken to give one up.
    fn most(&mut self, sizes: &[usize]) -> Option<usize> {
        if self.next_most <= self.most_start {
            if self.most_end <= self.most_start && self.most_start > 0 {
                // Everyone in the range was excluded: go on where the next fullest are.
                self.most_level = sizes[self.sorted[self.most_start - 1]] as i64;
            } else {
                self.most_level -= 1;
            }
            while self.most_start > 0 && sizes[self.sorted[self.most_start - 1]] as i64 == self.most_level {
                self.most_start -= 1;
            }
            self.next_most = self.most_end;
        }
        self.next_most = self.next_most.checked_sub(1)?;
        Some(self.sorted[self.next_most])
    }

    /// The one just taken has nothing to give.
    fn exclude_most(&mut self) {
        self.sorted.swap(self.next_most, self.most_end - 1);
        self.most_end -= 1;
    }
}
