//! Whatever happens to a run, it ends, and its decisions keep their promises.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dag::{Dag, Edge, RunType, Task, TaskGraph, TriggerRule};
use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::records::{Run, RunKey};
use crate::scheduler::plan::Plan;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn active(dag: Dag) -> ActiveRun {
    let run = Run {
        key: RunKey::new("d", "r"),
        run_type: RunType::Manual,
        state: RunState::Running,
        logical_date: Some(NOW),
        data_interval: None,
        run_after: NOW,
        queued_at: Some(NOW),
        started_at: Some(NOW),
        ended_at: None,
        conf: Map::new(),
        note: None,
    };
    ActiveRun::new(run, Arc::new(Plan::new(Arc::new(dag))))
}

fn dag(tasks: Vec<Task>, edges: &[(usize, usize)]) -> Dag {
    let edges = edges.iter().map(|(from, to)| Edge::new(format!("t{from}"), format!("t{to}"))).collect();
    let mut dag = Dag::new("d");
    dag.graph = TaskGraph::new(tasks, edges).unwrap();
    dag
}

/// Does what the steps say; `true` when the run is over.
fn apply(active: &mut ActiveRun, steps: &[Step]) -> bool {
    let mut over = false;
    for step in steps {
        match step {
            Step::Schedule { position } => {
                let task = active.tasks[*position].as_mut().unwrap();
                assert!(task.state.is_schedulable(), "{} cannot be scheduled", task.state);
                task.state = TaskState::Scheduled;
                task.try_number += 1;
            }
            Step::Become { position, state, .. } => {
                let task = active.tasks[*position].as_mut().unwrap();
                assert!(state.is_finished());
                assert!(!task.state.is_finished(), "{} is decided twice", task.key.task_id);
                task.state = *state;
            }
            Step::Finish { state, .. } => {
                assert!(!over);
                active.run.state = *state;
                over = true;
            }
        }
    }
    over
}

fn rules() -> impl Strategy<Value = TriggerRule> {
    prop::sample::select(TriggerRule::ALL)
}

/// A graph whose edges lead from lower to higher positions, a rule for each task, setups among them.
fn graphs() -> impl Strategy<Value = Dag> {
    (1usize..9)
        .prop_flat_map(|count| {
            let edges = prop::collection::vec((0..count, 0..count), 0..count * 2);
            let rules = prop::collection::vec(rules(), count);
            let kinds = prop::collection::vec(0u8..12, count);
            (edges, rules, kinds, any::<bool>())
        })
        .prop_map(|(edges, rules, kinds, fail_fast)| {
            let tasks = rules.iter().zip(&kinds).enumerate().map(|(at, (rule, kind))| {
                let operator = if *kind == 0 { "EmptyOperator" } else { "BashOperator" };
                let mut task = Task::new(format!("t{at}"), operator);
                task.trigger_rule = *rule;
                task.is_setup = *kind == 1;
                task.is_teardown = *kind == 2;
                task
            });
            let edges: Vec<(usize, usize)> = edges.into_iter().filter(|(from, to)| from < to).collect();
            let mut dag = dag(tasks.collect(), &edges);
            dag.fail_fast = fail_fast;
            dag
        })
}

proptest! {
    /// Tasks end in any order with any result: the run ends, every task with it, and nothing is decided twice.
    #[test]
    fn every_run_ends(dag in graphs(), choices in prop::collection::vec((0usize..64, 0u8..3), 32)) {
        let mut active = active(dag);
        let mut choices = choices.into_iter().cycle();
        for _ in 0..200 {
            let steps = decide(&active, NOW);
            if apply(&mut active, &steps) {
                let open = active.tasks.iter().flatten().filter(|task| !task.state.is_finished()).count();
                // Only a deadlock leaves tasks that never ran, and none of them running.
                prop_assert!(open == 0 || active.run.state == RunState::Failed);
                prop_assert!(active.tasks.iter().flatten().all(|task| !task.state.is_active()));
                return Ok(());
            }
            let again = decide(&active, NOW);
            prop_assert!(again.is_empty(), "asked twice it decides more: {again:?}");
            let ready: Vec<usize> = (0..active.tasks.len())
                .filter(|at| active.state(*at) == Some(TaskState::Scheduled))
                .collect();
            prop_assert!(!ready.is_empty(), "nothing moves: {:?}", active.tasks);
            let (pick, result) = choices.next().unwrap();
            let state = [TaskState::Success, TaskState::Failed, TaskState::Skipped][result as usize];
            active.tasks[ready[pick % ready.len()]].as_mut().unwrap().state = state;
        }
        prop_assert!(false, "the run did not end");
    }

    /// With the default rule, a task only runs after all its upstreams have succeeded.
    #[test]
    fn all_success_means_all(dag in graphs(), states in prop::collection::vec(prop::sample::select(TaskState::ALL), 9)) {
        let mut active = active(dag);
        for (task, state) in active.tasks.iter_mut().flatten().zip(states) {
            task.state = state;
        }
        for step in decide(&active, NOW) {
            if let Step::Schedule { position } = step
                && active.plan.task(position).trigger_rule == TriggerRule::AllSuccess
            {
                for upstream in &active.plan.upstream[position] {
                    let fine = matches!(active.state(*upstream), Some(TaskState::Success | TaskState::Removed | TaskState::None | TaskState::UpForRetry | TaskState::UpForReschedule));
                    prop_assert!(fine, "{:?}", active.state(*upstream));
                }
            }
        }
    }
}

fn chain() -> ActiveRun {
    let tasks = (0..3).map(|at| Task::new(format!("t{at}"), "BashOperator")).collect();
    active(dag(tasks, &[(0, 1), (1, 2)]))
}

fn check(active: &ActiveRun, now: Timestamp, expected: &[&str]) {
    let shown: Vec<String> = decide(active, now)
        .into_iter()
        .map(|step| match step {
            Step::Schedule { position } => format!("schedule {position}"),
            Step::Become { position, state, .. } => format!("{position} becomes {state}"),
            Step::Finish { state, note } => format!("run {state}: {}", note.unwrap_or_default()),
        })
        .collect();
    assert_eq!(shown, expected);
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn a_failure_runs_down_the_chain_at_once() {
    let mut active = chain();
    check(&active, NOW, &["schedule 0"]);
    active.tasks[0].as_mut().unwrap().state = TaskState::Failed;
    let expected =
        ["1 becomes upstream_failed", "2 becomes upstream_failed", "run failed: \"t2\" did not succeed"];
    check(&active, NOW, &expected);
}

#[test]
fn a_retry_is_due_at_its_time() {
    let mut active = chain();
    let task = active.tasks[0].as_mut().unwrap();
    task.state = TaskState::UpForRetry;
    task.retry_at = Some(at(60));
    check(&active, at(59), &[]);
    assert_eq!(active.next_due(at(59)), Some(at(60)));
    check(&active, at(60), &["schedule 0"]);
}

#[test]
fn an_overdue_run_fails() {
    let mut dag = dag(vec![Task::new("t0", "BashOperator"), Task::new("t1", "BashOperator")], &[]);
    dag.dagrun_timeout = Some(Duration::from_secs(10));
    let mut active = active(dag);
    active.tasks[0].as_mut().unwrap().state = TaskState::Success;
    check(&active, at(9), &["schedule 1"]);
    let expected = ["1 becomes skipped", "run failed: dagrun_timeout: the run was not finished after 10s"];
    check(&active, at(10), &expected);
}

#[test]
fn what_can_never_run_is_a_deadlock() {
    let mut task = Task::new("t1", "BashOperator");
    task.trigger_rule = TriggerRule::AllSkipped;
    let mut active = active(dag(vec![Task::new("t0", "BashOperator"), task], &[(0, 1)]));
    active.tasks[0].as_mut().unwrap().state = TaskState::Removed;
    check(&active, NOW, &["run failed: deadlock: no task can run any more, though some have not run"]);
}

#[test]
fn the_past_holds_a_task_back() {
    let mut task = Task::new("t0", "BashOperator");
    task.depends_on_past = true;
    let mut active = active(dag(vec![task], &[]));
    check(&active, NOW, &["schedule 0"]);
    let past = |state| Past::Run(HashMap::from([("t0".to_owned(), state)]));
    active.past = past(TaskState::Failed);
    check(&active, NOW, &[]);
    let reason = blocked(&active, 0, NOW).unwrap();
    assert_eq!(reason, "depends on the previous run, where \"t0\" is failed");
    active.past = past(TaskState::Skipped);
    check(&active, NOW, &["schedule 0"]);
}
