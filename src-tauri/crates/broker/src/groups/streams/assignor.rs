//! Who gets which tasks: sticky. Tasks stay with the member that had them, or go to one that has a copy of their
//! state, as long as shares stay even; what is left goes to the process with the least to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::configure::ConfiguredSubtopology;
use super::{TaskMap, Tasks};

/// A task: its subtopology and partition.
type TaskId<'a> = (&'a str, i32);

/// A member as the assignor sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpecMember<'a> {
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
#[derive(Default)]
struct Process {
    members: Vec<usize>,
    /// Tasks any of its members has.
    tasks: BTreeSet<(String, i32)>,
}

/// A share that shrinks as members reach it, so that what is left is divided among the others.
struct Quota {
    tasks: usize,
    members: usize,
}

impl Quota {
    fn share(&self) -> usize {
        self.tasks.div_ceil(self.members.max(1))
    }

    fn reached(&mut self, count: usize) {
        if self.members > 0 && count == self.share() {
            self.members -= 1;
            self.tasks = self.tasks.saturating_sub(count);
        }
    }
}

struct Work<'a, 'b> {
    members: &'b [SpecMember<'a>],
    topology: &'a BTreeMap<String, ConfiguredSubtopology>,
    standby_replicas: usize,
    processes: BTreeMap<&'a str, Process>,
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

impl<'a, 'b> Work<'a, 'b> {
    fn new(
        members: &'b [SpecMember<'a>],
        topology: &'a BTreeMap<String, ConfiguredSubtopology>,
        standby_replicas: usize,
    ) -> Self {
        let mut processes: BTreeMap<&str, Process> = BTreeMap::new();
        let mut active_before = HashMap::new();
        let mut standby_before: HashMap<TaskId<'_>, Vec<usize>> = HashMap::new();
        for (index, member) in members.iter().enumerate() {
            processes.entry(member.process).or_default().members.push(index);
            active_before.extend(tasks_of(&member.current.active).map(|task| (task, index)));
            for task in tasks_of(&member.current.standby) {
                standby_before.entry(task).or_default().push(index);
            }
        }
        let count = |subtopology: &ConfiguredSubtopology| usize::try_from(subtopology.tasks).unwrap_or(0);
        let active: usize = topology.values().map(count).sum();
        let stateful: usize = topology.values().filter(|subtopology| subtopology.stateful).map(count).sum();
        Self {
            members,
            topology,
            standby_replicas,
            processes,
            counts: vec![0; members.len()],
            active_before,
            standby_before,
            active_quota: Quota { tasks: active, members: members.len() },
            total_quota: Quota { tasks: active + stateful * standby_replicas, members: members.len() },
            assigned: vec![Tasks::default(); members.len()],
        }
    }

    fn tasks(&self, stateful: bool) -> Vec<TaskId<'a>> {
        let wanted = self.topology.iter().filter(|(_, subtopology)| !stateful || subtopology.stateful);
        wanted
            .flat_map(|(id, subtopology)| (0..subtopology.tasks).map(|partition| (id.as_str(), partition)))
            .collect()
    }

    fn load(&self, process: &str) -> f64 {
        let Some(process) = self.processes.get(process) else { return f64::MAX };
        let tasks: usize = process.members.iter().map(|member| self.counts[*member]).sum();
        tasks as f64 / process.members.len().max(1) as f64
    }

    fn process_has(&self, member: usize, task: TaskId<'_>) -> bool {
        let process = self.processes.get(self.members[member].process);
        process.is_some_and(|process| process.tasks.contains(&(task.0.to_owned(), task.1)))
    }

    fn give(&mut self, member: usize, task: TaskId<'_>, active: bool) {
        let tasks = &mut self.assigned[member];
        let role = if active { &mut tasks.active } else { &mut tasks.standby };
        role.entry(task.0.to_owned()).or_default().insert(task.1);
        if let Some(process) = self.processes.get_mut(self.members[member].process) {
            process.tasks.insert((task.0.to_owned(), task.1));
        }
        self.counts[member] += 1;
        let count = self.counts[member];
        if active {
            self.active_quota.reached(count);
        }
        self.total_quota.reached(count);
    }

    /// The one with the least to do among members that have a copy. `task`: not where its process has it already.
    fn least_loaded(&self, members: &[usize], task: Option<TaskId<'_>>) -> Option<usize> {
        let free =
            members.iter().copied().filter(|member| task.is_none_or(|task| !self.process_has(*member, task)));
        free.min_by(|a, b| {
            let load = |member: usize| self.load(self.members[member].process);
            load(*a).total_cmp(&load(*b)).then(self.counts[*a].cmp(&self.counts[*b]))
        })
    }

    /// Processes from the one with the least to do on.
    fn by_load(&self) -> Vec<&'a str> {
        let mut processes: Vec<&str> = self.processes.keys().copied().collect();
        processes.sort_by(|a, b| self.load(a).total_cmp(&self.load(b)));
        processes
    }

    fn least_member(&self, process: &str) -> Option<usize> {
        self.processes.get(process)?.members.iter().copied().min_by_key(|member| self.counts[*member])
    }

    fn assign_active(&mut self) {
        let mut tasks = self.tasks(false);
        tasks.sort_by_key(|(id, partition)| (*partition, *id));
        let has_room = |work: &Self, member: usize| work.counts[member] < work.active_quota.share();
        tasks.retain(|task| match self.active_before.get(task).copied() {
            Some(member) if has_room(self, member) => {
                self.give(member, *task, true);
                false
            }
            _ => true,
        });
        tasks.retain(|task| {
            let copies = self.standby_before.get(task);
            match copies.and_then(|members| self.least_loaded(members, None)) {
                Some(member) if has_room(self, member) => {
                    self.give(member, *task, true);
                    false
                }
                _ => true,
            }
        });
        tasks.sort();
        for task in tasks {
            let least = self.by_load().first().and_then(|process| self.least_member(process));
            if let Some(member) = least {
                self.give(member, task, true);
            }
        }
    }

    fn assign_standby(&mut self) {
        let mut tasks = self.tasks(true);
        tasks.sort_by_key(|(id, partition)| std::cmp::Reverse((*partition, *id)));
        let mut left: Vec<(TaskId<'a>, usize)> = Vec::new();
        for task in tasks {
            for replica in 0..self.standby_replicas {
                let has_room = |member: &usize| self.counts[*member] < self.total_quota.share();
                // Whoever worked on it has its state.
                let before = self.active_before.get(&task).copied();
                let before = before.filter(|member| !self.process_has(*member, task)).filter(has_room);
                let copy = || {
                    let copies = self.standby_before.get(&task)?;
                    self.least_loaded(copies, Some(task)).filter(has_room)
                };
                match before.or_else(copy) {
                    Some(member) => self.give(member, task, false),
                    None => {
                        left.push((task, self.standby_replicas - replica));
                        break;
                    }
                }
            }
        }
        left.sort_by(|a, b| b.0.cmp(&a.0));
        for (task, replicas) in left {
            for _ in 0..replicas {
                let without = |process: &&&str| {
                    let known = self.processes.get(**process);
                    known.is_some_and(|known| !known.tasks.contains(&(task.0.to_owned(), task.1)))
                };
                let by_load = self.by_load();
                let found = by_load.iter().find(without).and_then(|process| self.least_member(process));
                // No process is left that does not have it: fewer copies than asked for.
                let Some(member) = found else { break };
                self.give(member, task, false);
            }
        }
    }
}
