//! Which scheduled task instances may be queued now: priorities and limits, pure.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::records::TaskKey;

/// A scheduled task instance that asks for a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub key: TaskKey,
    pub weight: i64,
    /// The run's logical date, or the moment of its trigger.
    pub date: Timestamp,
    /// Its place in the DAG: the last word on the order.
    pub position: usize,
    pub demand: Demand,
}

/// What an instance takes up while it is queued or running, and within which limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    pub pool: String,
    pub pool_slots: u32,
    /// The DAG's `max_active_tasks`, per run.
    pub max_active_tasks: u32,
    pub max_active_tis_per_dag: Option<u32>,
    pub max_active_tis_per_dagrun: Option<u32>,
}

/// What queued and running instances take up.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage {
    total: u32,
    pools: HashMap<String, u32>,
    runs: HashMap<(String, String), u32>,
    tasks: HashMap<(String, String), u32>,
    run_tasks: HashMap<(String, String, String), u32>,
}

/// The limits that hold for everything.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub parallelism: u32,
    pub pools: HashMap<String, u32>,
}

impl Usage {
    pub(super) fn add(&mut self, key: &TaskKey, demand: &Demand) {
        self.total += 1;
        *self.pools.entry(demand.pool.clone()).or_default() += demand.pool_slots;
        *self.runs.entry((key.dag_id.clone(), key.run_id.clone())).or_default() += 1;
        *self.tasks.entry((key.dag_id.clone(), key.task_id.clone())).or_default() += 1;
        *self.run_tasks.entry(run_task(key)).or_default() += 1;
    }

    /// What stands in the way, in one line.
    fn refuses(&self, candidate: &Candidate, limits: &Limits) -> Option<String> {
        let Candidate { key, demand, .. } = candidate;
        let full = |used: Option<&u32>, limit: u32| used.copied().unwrap_or(0) >= limit;
        if self.total >= limits.parallelism {
            return Some(format!("parallelism: {} tasks are running", limits.parallelism));
        }
        let Some(slots) = limits.pools.get(&demand.pool) else {
            return Some(format!("there is no pool \"{}\"", demand.pool));
        };
        let taken = self.pools.get(&demand.pool).copied().unwrap_or(0);
        if taken.saturating_add(demand.pool_slots) > *slots {
            return Some(format!(
                "pool \"{}\": {} of {slots} slots are free, {} needed",
                demand.pool,
                slots.saturating_sub(taken),
                demand.pool_slots
            ));
        }
        if full(self.runs.get(&(key.dag_id.clone(), key.run_id.clone())), demand.max_active_tasks) {
            return Some(format!(
                "max_active_tasks: {} tasks of this run are running",
                demand.max_active_tasks
            ));
        }
        let per_dag = demand.max_active_tis_per_dag;
        if let Some(limit) = per_dag
            && full(self.tasks.get(&(key.dag_id.clone(), key.task_id.clone())), limit)
        {
            return Some(format!("max_active_tis_per_dag: {limit} instances of this task are running"));
        }
        let per_run = demand.max_active_tis_per_dagrun;
        if let Some(limit) = per_run
            && full(self.run_tasks.get(&run_task(key)), limit)
        {
            return Some(format!("max_active_tis_per_dagrun: {limit} instances of this task are running"));
        }
        None
    }
}

fn run_task(key: &TaskKey) -> (String, String, String) {
    (key.dag_id.clone(), key.run_id.clone(), key.task_id.clone())
}

/// Who gets a place, and what each of the others waits for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Admission {
    pub queued: Vec<TaskKey>,
    pub waiting: Vec<(TaskKey, String)>,
}

/// Highest weight first, then the older date, then the order of the DAG.
pub(super) fn admit(mut candidates: Vec<Candidate>, mut usage: Usage, limits: &Limits) -> Admission {
    candidates.sort_by_key(|candidate| {
        (Reverse(candidate.weight), candidate.date, candidate.key.map_index, candidate.position)
    });
    let mut admission = Admission::default();
    for candidate in candidates {
        match usage.refuses(&candidate, limits) {
            Some(reason) => admission.waiting.push((candidate.key, reason)),
            None => {
                usage.add(&candidate.key, &candidate.demand);
                admission.queued.push(candidate.key);
            }
        }
    }
    admission
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand() -> Demand {
        Demand {
            pool: "default_pool".into(),
            pool_slots: 1,
            max_active_tasks: 16,
            max_active_tis_per_dag: None,
            max_active_tis_per_dagrun: None,
        }
    }

    fn candidate(run_id: &str, task_id: &str, weight: i64, demand: Demand) -> Candidate {
        let key =
            TaskKey { dag_id: "d".into(), run_id: run_id.into(), task_id: task_id.into(), map_index: -1 };
        Candidate { key, weight, date: Timestamp::UNIX_EPOCH, position: 0, demand }
    }

    fn check(parallelism: u32, candidates: Vec<Candidate>, queued: &[&str], reasons: &[&str]) {
        let limits = Limits { parallelism, pools: HashMap::from([("default_pool".into(), 4)]) };
        let admission = admit(candidates, Usage::default(), &limits);
        let ids: Vec<&str> = admission.queued.iter().map(|key| key.task_id.as_str()).collect();
        assert_eq!(ids, queued);
        let found: Vec<&str> = admission.waiting.iter().map(|(_, reason)| reason.as_str()).collect();
        assert_eq!(found, reasons);
    }

    #[test]
    fn weight_comes_first() {
        let list = vec![candidate("r", "low", 1, demand()), candidate("r", "high", 9, demand())];
        check(1, list, &["high"], &["parallelism: 1 tasks are running"]);
    }

    #[test]
    fn each_limit_says_its_name() {
        let run = Demand { max_active_tasks: 1, ..demand() };
        check(
            9,
            vec![candidate("r", "a", 1, run.clone()), candidate("r", "b", 1, run)],
            &["a"],
            &["max_active_tasks: 1 tasks of this run are running"],
        );
        let per_dag = Demand { max_active_tis_per_dag: Some(1), ..demand() };
        check(
            9,
            vec![candidate("r", "a", 1, per_dag.clone()), candidate("q", "a", 1, per_dag)],
            &["a"],
            &["max_active_tis_per_dag: 1 instances of this task are running"],
        );
        let big = Demand { pool_slots: 3, ..demand() };
        check(
            9,
            vec![
                candidate("r", "a", 2, big.clone()),
                candidate("r", "b", 1, big),
                candidate("r", "c", 0, demand()),
            ],
            &["a", "c"],
            &["pool \"default_pool\": 1 of 4 slots are free, 3 needed"],
        );
        let elsewhere = Demand { pool: "gpu".into(), ..demand() };
        check(9, vec![candidate("r", "a", 1, elsewhere)], &[], &["there is no pool \"gpu\""]);
    }
}
