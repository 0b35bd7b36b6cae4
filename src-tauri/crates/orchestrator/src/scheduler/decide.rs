//! What happens next in one run: the scheduler's decisions as a pure function.
//!
//! [`decide`] looks at a run's states and the clock and returns what changes;
//! it never writes, waits or asks anything else. The loop around it applies
//! the answer and asks again until there is nothing left to decide.

use dag::trigger_rule::{Upstreams, evaluate};
use dag::{Decision, RunState, TaskState};
use jiff::Timestamp;

use super::active::{ActiveRun, Past};

/// One consequence, in the order they have to be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A new try may be queued.
    Schedule { position: usize },
    /// The task takes a finished state without running.
    Become { position: usize, state: TaskState, note: String },
    /// The run is over.
    Finish { state: RunState, note: Option<String> },
}

/// What a running run needs now. Empty: only an event or time moves it.
pub(super) fn decide(active: &ActiveRun, now: Timestamp) -> Vec<Step> {
    let mut states: Vec<Option<TaskState>> = (0..active.tasks.len()).map(|at| active.state(at)).collect();
    if let Some(timeout) = overdue(active, now) {
        return ended_early(&states, &format!("dagrun_timeout: the run was not finished after {timeout:?}"));
    }
    let mut steps = Vec::new();
    if active.plan.dag.fail_fast {
        steps.extend(fail_fast(active, &mut states));
    }
    for &position in &active.plan.order {
        if !states[position].is_some_and(TaskState::is_schedulable) {
            continue;
        }
        match by_upstreams(active, position, &states) {
            Decision::Wait => {}
            Decision::Become(state) => {
                let note = why(active, position, &states, state);
                states[position] = Some(state);
                steps.push(Step::Become { position, state, note });
            }
            Decision::Run => {
                if blocked(active, position, now).is_some() {
                    continue;
                }
                if active.plan.task(position).operator == "EmptyOperator" {
                    states[position] = Some(TaskState::Success);
                    steps.push(Step::Become { position, state: TaskState::Success, note: String::new() });
                } else {
                    states[position] = Some(TaskState::Scheduled);
                    steps.push(Step::Schedule { position });
                }
            }
        }
    }
    if let Some(finish) = outcome(active, &states, now) {
        steps.push(finish);
    }
    steps
}

fn overdue(active: &ActiveRun, now: Timestamp) -> Option<std::time::Duration> {
    let timeout = active.plan.dag.dagrun_timeout?;
    let deadline = active.run.started_at?.checked_add(timeout).ok()?;
    (deadline <= now).then_some(timeout)
}

/// Unfinished tasks are skipped and the run has failed.
pub(super) fn ended_early(states: &[Option<TaskState>], note: &str) -> Vec<Step> {
    let unfinished = states.iter().enumerate().filter_map(|(position, state)| {
        let open = state.is_some_and(|state| !state.is_finished());
        open.then(|| Step::Become { position, state: TaskState::Skipped, note: note.to_owned() })
    });
    unfinished.chain([Step::Finish { state: RunState::Failed, note: Some(note.to_owned()) }]).collect()
}

/// After the first failure nothing new begins; running tasks are stopped. Teardowns still run.
fn fail_fast(active: &ActiveRun, states: &mut [Option<TaskState>]) -> Vec<Step> {
    let Some(failed) = states.iter().position(|state| *state == Some(TaskState::Failed)) else {
        return Vec::new();
    };
    let note = format!("fail_fast: task \"{}\" has failed", active.plan.task(failed).task_id);
    let mut steps = Vec::new();
    for (position, slot) in states.iter_mut().enumerate() {
        let open = slot.is_some_and(|state| !state.is_finished());
        if !open || active.plan.task(position).is_teardown {
            continue;
        }
        let running = slot.is_some_and(TaskState::is_active);
        let state = if running { TaskState::Failed } else { TaskState::Skipped };
        *slot = Some(state);
        steps.push(Step::Become { position, state, note: note.clone() });
    }
    steps
}

fn by_upstreams(active: &ActiveRun, position: usize, states: &[Option<TaskState>]) -> Decision {
    let plan = &active.plan;
    if plan.has_setups {
        return evaluate(&plan.dag.graph, position, |at| states[at]);
    }
    let mut up = Upstreams::default();
    for &upstream in &plan.upstream[position] {
        up.add(states[upstream], false);
    }
    plan.task(position).trigger_rule.decide(&up)
}

/// What besides its upstreams holds a task back, in one line.
pub(super) fn blocked(active: &ActiveRun, position: usize, now: Timestamp) -> Option<String> {
    let instance = active.tasks[position].as_ref()?;
    if instance.state == TaskState::UpForRetry
        && let Some(at) = instance.retry_at.filter(|at| *at > now)
    {
        return Some(format!("the next try is due at {}", dag::time::iso(at)));
    }
    let Past::Run(past) = &active.past else { return None };
    let task = active.plan.task(position);
    if !task.depends_on_past && !task.wait_for_downstream {
        return None;
    }
    let held = |task_id: &str| {
        // A task the previous run does not have yet holds nobody back.
        let state = past.get(task_id)?;
        let passed = matches!(state, TaskState::Success | TaskState::Skipped | TaskState::Removed);
        (!passed).then(|| format!("depends on the previous run, where \"{task_id}\" is {state}"))
    };
    held(&task.task_id).or_else(|| {
        let downstream = &active.plan.downstream[position];
        let ids = downstream.iter().map(|at| active.plan.task(*at).task_id.as_str());
        task.wait_for_downstream.then(|| ids.filter_map(held).next()).flatten()
    })
}

fn why(active: &ActiveRun, position: usize, states: &[Option<TaskState>], state: TaskState) -> String {
    let cause = |wanted: &[TaskState]| {
        active.plan.upstream[position]
            .iter()
            .find(|at| states[**at].is_some_and(|state| wanted.contains(&state)))
            .map(|at| active.plan.task(*at).task_id.as_str())
    };
    let rule = active.plan.task(position).trigger_rule;
    let found = match state {
        TaskState::UpstreamFailed => cause(&[TaskState::Failed, TaskState::UpstreamFailed]),
        _ => cause(&[TaskState::Skipped]).or_else(|| cause(&[TaskState::Success, TaskState::Failed])),
    };
    match found {
        Some(task_id) => {
            let at = active.plan.position(task_id);
            let upstream = at.and_then(|at| states[at]).map_or("none", TaskState::as_str);
            format!("trigger rule {rule}: upstream \"{task_id}\" is {upstream}")
        }
        None => format!("trigger rule {rule}"),
    }
}

/// Has the run ended, and how?
fn outcome(active: &ActiveRun, states: &[Option<TaskState>], now: Timestamp) -> Option<Step> {
    let open = |state: &Option<TaskState>| state.is_some_and(|state| !state.is_finished());
    // A task the DAG has lost may still be running.
    let lost = active.removed.iter().any(|instance| !instance.state.is_finished());
    if lost {
        return None;
    }
    if !states.iter().any(open) {
        let leaves = leaves(active, states);
        let failed: Vec<&str> = leaves
            .iter()
            .filter(|at| matches!(states[**at], Some(TaskState::Failed | TaskState::UpstreamFailed)))
            .map(|at| active.plan.task(*at).task_id.as_str())
            .collect();
        return Some(match failed.first() {
            None => Step::Finish { state: RunState::Success, note: None },
            Some(first) => {
                let more = match failed.len() {
                    1 => String::new(),
                    count => format!(" and {} more", count - 1),
                };
                Step::Finish {
                    state: RunState::Failed,
                    note: Some(format!("\"{first}\"{more} did not succeed")),
                }
            }
        });
    }
    let moving = states.iter().enumerate().any(|(position, state)| match state {
        Some(TaskState::None | TaskState::UpForReschedule) => blocked(active, position, now).is_some(),
        Some(state) => !state.is_finished(),
        None => false,
    });
    // Blocked only by the past counts as moving: the previous run may yet be cleared.
    (!moving).then(|| Step::Finish {
        state: RunState::Failed,
        note: Some("deadlock: no task can run any more, though some have not run".into()),
    })
}

/// The tasks that speak for the run: leaves, and before teardowns what they clean up after.
fn leaves(active: &ActiveRun, states: &[Option<TaskState>]) -> Vec<usize> {
    let plan = &active.plan;
    let silent = |at: usize| {
        let task = plan.task(at);
        task.is_teardown && !task.on_failure_fail_dagrun
    };
    (0..states.len())
        .filter(|at| states[*at].is_some_and(|state| state != TaskState::Removed) && !silent(*at))
        .filter(|at| plan.downstream[*at].iter().all(|next| states[*next].is_none() || silent(*next)))
        .collect()
}

#[cfg(test)]
mod tests;
