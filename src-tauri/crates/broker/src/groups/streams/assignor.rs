//! Who gets which tasks: sticky. Tasks stay with the member that had them, or go to one that has a copy of their
//! state, as long as shares stay even; what is left goes to the process with the least to do.
//!
//! Step by step as Kafka's, so that the same members get the same tasks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::configure::ConfiguredSubtopology;
use super::{TaskMap, Tasks};
use crate::groups::java::{PriorityQueue, hash_map_order};

/// A task: its subtopology and partition.
type TaskId<'a> = (&'a str, i32);

/// A member as the assignor sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpecMember<'a> {
    pub(super) id: &'a str,
    pub(super) process: &'a str,
    /// What it was to have until now.
    pub(super) current: &'a Tasks,
}

/// Divides the tasks among the members: one set for each, in their order.
pub(super) fn assign<'a>(
    members: &[SpecMember<'a>],
    topology: &'a BTreeMap<String, ConfiguredSubtopology>,
    standby_replicas: usize,
) -> Vec<Tasks> {
    let mut work = Work::new(members, topology, standby_replicas);
    work.assign_active();
    if standby_replicas > 0 {
        work.assign_standby();
    }
    work.assigned
}

/// A process: members that share a disk.
struct Process<'a> {
    members: Vec<usize>,
    /// Tasks any of its members has.
    tasks: BTreeSet<TaskId<'a>>,
    /// How many, copies of one counted apart.
    count: usize,
    /// Members by what they had to do when it was last looked at; gone once one was given a task by name.
    by_load: Option<PriorityQueue<(usize, usize)>>,
}

impl Process<'_> {
    fn load(&self) -> f64 {
        self.count as f64 / self.members.len() as f64
    }
}

/// A share that shrinks as members reach it, so that what is left is divided among the others.
struct Quota {
    tasks: usize,
    members: usize,
    share: usize,
}

impl Quota {
    fn new(tasks: usize, members: usize) -> Self {
        let share = if members == 0 { 0 } else { tasks.div_ceil(members) };
        Self { tasks, members, share }
    }

    fn reached(&mut self, count: usize) {
        if count == self.share {
            *self = Self::new(self.tasks.saturating_sub(count), self.members.saturating_sub(1));
        }
    }
}

struct Work<'a> {
    topology: &'a BTreeMap<String, ConfiguredSubtopology>,
    standby_replicas: usize,
    /// In the order in which they are asked.
    processes: Vec<Process<'a>>,
    /// The process of each member.
    process_of: Vec<usize>,
    /// How many tasks each member has.
    counts: Vec<usize>,
    active_before: HashMap<TaskId<'a>, usize>,
    standby_before: HashMap<TaskId<'a>, Vec<usize>>,
    active_quota: Quota,
    total_quota: Quota,
    assigned: Vec<Tasks>,
}

fn tasks_of(tasks: &TaskMap) -> impl Iterator<Item = TaskId<'_>> {
    tasks.iter().flat_map(|(id, partitions)| partitions.iter().map(|partition| (id.as_str(), *partition)))
}

impl<'a> Work<'a> {
    fn new(
        members: &[SpecMember<'a>],
        topology: &'a BTreeMap<String, ConfiguredSubtopology>,
        standby_replicas: usize,
    ) -> Self {
        let ids: Vec<&str> = members.iter().map(|member| member.id).collect();
        let mut names: Vec<&str> = Vec::new();
        let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut active_before = HashMap::new();
        let mut standby_before: HashMap<TaskId<'_>, Vec<usize>> = HashMap::new();
        for index in hash_map_order(&ids, None) {
            let member = &members[index];
            let mates = of.entry(member.process).or_default();
            if mates.is_empty() {
                names.push(member.process);
            }
            mates.push(index);
            active_before.extend(tasks_of(&member.current.active).map(|task| (task, index)));
            for task in tasks_of(&member.current.standby) {
                standby_before.entry(task).or_default().push(index);
            }
        }
        let mut process_of = vec![0; members.len()];
        let mut processes = Vec::new();
        for place in hash_map_order(&names, Some(members.len())) {
            let mates = of.remove(names[place]).unwrap_or_default();
            for member in &mates {
                process_of[*member] = processes.len();
            }
            let mate_ids: Vec<&str> = mates.iter().map(|member| ids[*member]).collect();
            let order = hash_map_order(&mate_ids, None);
            let in_order = order.into_iter().map(|place| mates[place]).collect();
            processes.push(Process { members: in_order, tasks: BTreeSet::new(), count: 0, by_load: None });
        }
        let count = |subtopology: &ConfiguredSubtopology| usize::try_from(subtopology.tasks).unwrap_or(0);
        let active: usize = topology.values().map(count).sum();
        let stateful: usize = topology.values().filter(|subtopology| subtopology.stateful).map(count).sum();
        Self {
            topology,
            standby_replicas,
            processes,
            process_of,
            counts: vec![0; members.len()],
            active_before,
            standby_before,
            active_quota: Quota::new(active, members.len()),
            total_quota: Quota::new(active + stateful * standby_replicas, members.len()),
            assigned: vec![Tasks::default(); members.len()],
        }
    }

    fn tasks(&self, stateful: bool) -> Vec<TaskId<'a>> {
        let wanted = self.topology.iter().filter(|(_, subtopology)| !stateful || subtopology.stateful);
        wanted
            .flat_map(|(id, subtopology)| (0..subtopology.tasks).map(|partition| (id.as_str(), partition)))
            .collect()
    }

    fn process(&self, member: usize) -> &Process<'a> {
        &self.processes[self.process_of[member]]
    }

    /// Gives a task to a member that was chosen by what it had.
    fn give_back(&mut self, member: usize, task: TaskId<'a>, active: bool) {
        self.give(member, task, active);
        self.processes[self.process_of[member]].by_load = None;
    }

    fn give(&mut self, member: usize, task: TaskId<'a>, active: bool) {
        let tasks = &mut self.assigned[member];
        let role = if active { &mut tasks.active } else { &mut tasks.standby };
        role.entry(task.0.to_owned()).or_default().insert(task.1);
        let process = &mut self.processes[self.process_of[member]];
        process.tasks.insert(task);
        process.count += 1;
        self.counts[member] += 1;
        let count = self.counts[member];
        if active {
            self.active_quota.reached(count);
        }
        self.total_quota.reached(count);
    }

    /// Gives a task to the member of a process that has the least to do.
    fn give_least(&mut self, process: usize, task: TaskId<'a>, active: bool) {
        let by_count = |a: &(usize, usize), b: &(usize, usize)| a.1.cmp(&b.1);
        if let [only] = self.processes[process].members[..] {
            return self.give(only, task, active);
        }
        let mut queue = self.processes[process].by_load.take().unwrap_or_else(|| {
            let mut queue = PriorityQueue::new();
            for member in &self.processes[process].members {
                queue.push((*member, self.counts[*member]), by_count);
            }
            queue
        });
        if let Some((member, _)) = queue.pop(by_count) {
            self.give(member, task, active);
            queue.push((member, self.counts[member]), by_count);
        }
        self.processes[process].by_load = Some(queue);
    }

    /// The one with the least to do among members that have a copy. `task`: not where its process has it already.
    fn least_loaded(&self, members: &[usize], task: Option<TaskId<'a>>) -> Option<usize> {
        let has = |member: usize| task.is_some_and(|task| self.process(member).tasks.contains(&task));
        let first = *members.first()?;
        let mut least = first;
        for member in members.iter().copied().skip(1) {
            let less = self.process(member).load() < self.process(least).load()
                && !has(member)
                && self.counts[member] < self.counts[least];
            if less {
                least = member;
            }
        }
        // As Kafka, which asks this of the first one only.
        (!has(first)).then_some(least)
    }

    fn queue_of_processes(&self) -> PriorityQueue<usize> {
        let mut queue = PriorityQueue::new();
        for process in 0..self.processes.len() {
            queue.push(process, self.by_load());
        }
        queue
    }

    fn by_load(&self) -> impl Fn(&usize, &usize) -> std::cmp::Ordering {
        |a, b| self.processes[*a].load().total_cmp(&self.processes[*b].load())
    }

    fn assign_active(&mut self) {
        let mut tasks = self.tasks(false);
        tasks.sort_by_key(|(id, partition)| (*partition, *id));
        let has_room = |work: &Self, member: usize| work.counts[member] < work.active_quota.share;
        tasks.retain(|task| match self.active_before.get(task).copied() {
            Some(member) if has_room(self, member) => {
                self.give_back(member, *task, true);
                false
            }
            _ => true,
        });
        tasks.retain(|task| {
            let copies = self.standby_before.get(task);
            match copies.and_then(|members| self.least_loaded(members, None)) {
                Some(member) if has_room(self, member) => {
                    self.give_back(member, *task, true);
                    false
                }
                _ => true,
            }
        });
        tasks.sort();
        let mut queue = self.queue_of_processes();
        for task in tasks {
            let Some(least) = queue.pop(self.by_load()) else { break };
            self.give_least(least, task, true);
            queue.push(least, self.by_load());
        }
    }

    fn assign_standby(&mut self) {
        let mut tasks = self.tasks(true);
        tasks.sort_by_key(|(id, partition)| std::cmp::Reverse((*partition, *id)));
        let mut left: Vec<(TaskId<'a>, usize)> = Vec::new();
        for task in tasks {
            for replica in 0..self.standby_replicas {
                let has_room = |member: &usize| self.counts[*member] < self.total_quota.share;
                // Whoever worked on it has its state.
                let before = self.active_before.get(&task).copied();
                let before =
                    before.filter(|member| !self.process(*member).tasks.contains(&task)).filter(has_room);
                let copy = || {
                    let copies = self.standby_before.get(&task)?;
                    self.least_loaded(copies, Some(task)).filter(has_room)
                };
                match before.or_else(copy) {
                    Some(member) => self.give_back(member, task, false),
                    None => {
                        left.push((task, self.standby_replicas - replica));
                        break;
                    }
                }
            }
        }
        left.sort_by(|a, b| b.0.cmp(&a.0));
        let mut queue = self.queue_of_processes();
        for (task, replicas) in left {
            for _ in 0..replicas {
                // No process is left that does not have it: fewer copies than asked for.
                if !self.give_copy(&mut queue, task) {
                    break;
                }
            }
        }
    }

    /// Gives a copy to the process with the least to do that does not have the task.
    fn give_copy(&mut self, queue: &mut PriorityQueue<usize>, task: TaskId<'a>) -> bool {
        let mut passed = Vec::new();
        let mut found = false;
        while let Some(process) = queue.pop(self.by_load()) {
            passed.push(process);
            if !self.processes[process].tasks.contains(&task) {
                self.give_least(process, task, false);
                found = true;
                break;
            }
        }
        // The last one taken out goes back first.
        for process in passed.into_iter().rev() {
            queue.push(process, self.by_load());
        }
        found
    }
}
