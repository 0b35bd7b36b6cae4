//! How a run ends, when a failed task is tried again, and what clearing does.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use crate::{
    graph::TaskGraph,
    state::{RunState, TaskState},
    task::Task,
    time::iso,
};

/// How a run has ended, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    Success,
    /// These tasks, the run's effective leaves, did not succeed.
    Failed {
        positions: Vec<usize>,
    },
    /// Tasks are left, and none can run any more.
    Deadlock,
}

impl Ending {
    pub fn state(&self) -> RunState {
        match self {
            Self::Success => RunState::Success,
            Self::Failed { .. } | Self::Deadlock => RunState::Failed,
        }
    }
}

/// The tasks whose states are the run's: those nothing waits for, teardowns aside.
///
/// A teardown counts only if its failure fails the run. Where a DAG has
/// nothing but teardowns, its plain leaves count.
pub fn effective_leaves(graph: &TaskGraph) -> Vec<usize> {
    let tasks = graph.tasks();
    let silent = |position: &usize| tasks[*position].is_teardown && !tasks[*position].on_failure_fail_dagrun;
    let leaves: Vec<usize> = (0..tasks.len())
        .filter(|position| !silent(position) && graph.downstream_of(*position).iter().all(silent))
        .collect();
    if !leaves.is_empty() {
        return leaves;
    }
    (0..tasks.len()).filter(|position| graph.downstream_of(*position).is_empty()).collect()
}

/// Whether the run has ended, and how; none while it goes on.
///
/// `state` answers for a task's position, `None` where the run has no instance
/// of it. `can_move`: some unfinished task is on its way, or may yet start.
pub fn ending(
    graph: &TaskGraph,
    state: impl Fn(usize) -> Option<TaskState>,
    can_move: bool,
) -> Option<Ending> {
    let unfinished = (0..graph.tasks().len()).filter_map(&state).any(|state| !state.is_finished());
    if unfinished {
        return (!can_move).then_some(Ending::Deadlock);
    }
    let has_failed =
        |position: &usize| matches!(state(*position), Some(TaskState::Failed | TaskState::UpstreamFailed));
    let positions: Vec<usize> = effective_leaves(graph).into_iter().filter(has_failed).collect();
    Some(if positions.is_empty() { Ending::Success } else { Ending::Failed { positions } })
}

/// Airflow's longest delay, where a task names none.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait after try `try_number`, from 1.
///
/// With backoff the delay grows by its factor each time, and a hash of the
/// instance and the try adds up to as much again, so that equal tasks do not
/// all come back at once.
pub fn retry_delay(task: &Task, dag_id: &str, logical_date: Option<Timestamp>, try_number: u32) -> Duration {
    let factor = task.retry_exponential_backoff;
    if factor <= 0.0 || factor == 1.0 {
        return task.retry_delay;
    }
    let limit = task.max_retry_delay.unwrap_or(RETRY_DELAY_MAX);
    let exponent = i32::try_from(try_number.saturating_sub(1)).unwrap_or(i32::MAX);
    let grown = (task.retry_delay.as_secs_f64() * factor.powi(exponent)).ceil().max(1.0);
    // Also where the factor has grown beyond all numbers.
    if grown.is_nan() || grown >= limit.as_secs_f64() {
        return limit;
    }
    let grown = grown as u64;
    let date = logical_date.map(iso).unwrap_or_default();
    let name = format!("{dag_id}#{}#{date}#{try_number}", task.task_id);
    Duration::from_secs(grown + fnv1a(name.as_bytes()) % grown).min(limit)
}

/// FNV-1a: small, and the same in every process.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What clearing makes of a task instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    pub state: TaskState,
    /// Tries beyond this are not retried.
    pub max_tries: u32,
}

/// Clears an instance: a running one is stopped and comes back by itself, any
/// other starts anew with its task's retries on top of the tries it has had.
pub fn clear(state: TaskState, try_number: u32, max_tries: u32, retries: u32) -> Cleared {
    if state == TaskState::Running {
        return Cleared { state: TaskState::Restarting, max_tries };
    }
    Cleared { state: TaskState::None, max_tries: try_number.saturating_add(retries) }
}

/// What clearing makes of a run: a finished one goes back to the queue.
pub fn clear_run(state: RunState) -> RunState {
    if state.is_finished() { RunState::Queued } else { state }
}

/// The tasks a clear is about, ascending: those named, or all if none is, with what surrounds them.
pub fn clear_selection(
    graph: &TaskGraph,
    positions: &[usize],
    upstream: bool,
    downstream: bool,
) -> BTreeSet<usize> {
    if positions.is_empty() {
        return (0..graph.tasks().len()).collect();
    }
    let mut found: BTreeSet<usize> = positions.iter().copied().collect();
    for position in positions {
        if upstream {
            found.extend(graph.ancestors(*position));
        }
        if downstream {
            found.extend(graph.descendants(*position));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Edge, state::TaskState as S};

    fn chain(ids: &[&str]) -> TaskGraph {
        let tasks = ids
            .iter()
            .map(|id| Task { is_teardown: id.starts_with("drop"), ..Task::new(*id, "EmptyOperator") })
            .collect();
        let edges = ids.windows(2).map(|pair| Edge::new(pair[0], pair[1])).collect();
        TaskGraph::new(tasks, edges).expect("a DAG")
    }

    fn check(ids: &[&str], states: &[S], can_move: bool, expected: Option<Ending>) {
        let graph = chain(ids);
        assert_eq!(ending(&graph, |at| states.get(at).copied(), can_move), expected, "{states:?}");
    }

    #[test]
    fn leaves_decide() {
        check(&["a", "b"], &[S::Success, S::Success], false, Some(Ending::Success));
        check(&["a", "b"], &[S::Failed, S::Success], false, Some(Ending::Success));
        check(&["a", "b"], &[S::Success, S::Skipped], false, Some(Ending::Success));
        check(
            &["a", "b"],
            &[S::Failed, S::UpstreamFailed],
            false,
            Some(Ending::Failed { positions: vec![1] }),
        );
        check(&["a", "b"], &[S::Success, S::Running], true, None);
        check(&["a", "b"], &[S::Success, S::None], false, Some(Ending::Deadlock));
        check(&["a", "b"], &[], false, Some(Ending::Success));
        check(&[], &[], false, Some(Ending::Success));
    }

    #[test]
    fn teardowns_do_not_unless_told() {
        check(&["a", "drop"], &[S::Failed, S::Success], false, Some(Ending::Failed { positions: vec![0] }));
        check(&["a", "drop"], &[S::Success, S::Failed], false, Some(Ending::Success));
        check(&["a", "drop"], &[S::Success, S::Running], true, None);
        check(&["drop"], &[S::Failed], false, Some(Ending::Failed { positions: vec![0] }));
    }

    #[test]
    fn delays_grow_within_their_limit() {
        let check =
            |delay_s: u64, factor: f64, max_s: Option<u64>, try_number: u32, from_s: u64, to_s: u64| {
                let task = Task {
                    retry_delay: Duration::from_secs(delay_s),
                    retry_exponential_backoff: factor,
                    max_retry_delay: max_s.map(Duration::from_secs),
                    ..Task::new("t", "BashOperator")
                };
                let found = retry_delay(&task, "d", None, try_number).as_secs();
                assert!((from_s..=to_s).contains(&found), "{found} is not within {from_s}..={to_s}");
            };
        check(300, 0.0, None, 3, 300, 300);
        check(300, 1.0, None, 3, 300, 300);
        check(10, 2.0, None, 1, 10, 19);
        check(10, 2.0, None, 3, 40, 79);
        check(10, 2.0, Some(50), 3, 40, 50);
        check(0, 2.0, None, 1, 1, 1);
        check(300, 2.0, None, u32::MAX, 86_400, 86_400);
    }

    #[test]
    fn clearing() {
        assert_eq!(clear(S::Failed, 2, 1, 3), Cleared { state: S::None, max_tries: 5 });
        assert_eq!(clear(S::Running, 2, 1, 3), Cleared { state: S::Restarting, max_tries: 1 });
        assert_eq!(clear_run(RunState::Failed), RunState::Queued);
        assert_eq!(clear_run(RunState::Running), RunState::Running);
        let graph = chain(&["a", "b", "c"]);
        assert_eq!(clear_selection(&graph, &[1], false, true), BTreeSet::from([1, 2]));
        assert_eq!(clear_selection(&graph, &[1], true, false), BTreeSet::from([0, 1]));
        assert_eq!(clear_selection(&graph, &[], false, false).len(), 3);
    }
}
