//! Trigger rules: what becomes of a task, given the states before it.
//!
//! Pure and total: any combination of states has an answer. Tested against
//! what Airflow 3.3.2 answered (`tests/data/trigger_rules*.json`).

use std::collections::BTreeSet;

use crate::{
    graph::TaskGraph,
    state::{TaskState, named},
};

named!(
    /// When a task runs, by the states of its direct upstreams.
    TriggerRule, "trigger rule", {
        AllSuccess => "all_success",
        AllFailed => "all_failed",
        AllDone => "all_done",
        AllDoneMinOneSuccess => "all_done_min_one_success",
        /// A teardown's default.
        AllDoneSetupSuccess => "all_done_setup_success",
        OneSuccess => "one_success",
        OneFailed => "one_failed",
        OneDone => "one_done",
        NoneFailed => "none_failed",
        NoneFailedMinOneSuccess => "none_failed_min_one_success",
        NoneSkipped => "none_skipped",
        AllSkipped => "all_skipped",
        Always => "always",
    }
);

/// What a task's upstreams say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing before it holds it back.
    Run,
    /// Some upstream has to finish first.
    Wait,
    /// It takes this finished state without running.
    Become(TaskState),
}

/// How many upstream instances are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Upstreams {
    pub total: usize,
    pub success: usize,
    pub failed: usize,
    pub upstream_failed: usize,
    pub skipped: usize,
    pub removed: usize,
    pub setups: usize,
    pub setups_success: usize,
    pub setups_skipped: usize,
}

impl Upstreams {
    /// Counts one upstream instance; `None` where the run has no instance of it.
    pub fn add(&mut self, state: Option<TaskState>, is_setup: bool) {
        self.total += 1;
        self.setups += usize::from(is_setup);
        match state {
            Some(TaskState::Success) => {
                self.success += 1;
                self.setups_success += usize::from(is_setup);
            }
            Some(TaskState::Skipped) => {
                self.skipped += 1;
                self.setups_skipped += usize::from(is_setup);
            }
            Some(TaskState::Failed) => self.failed += 1,
            Some(TaskState::UpstreamFailed) => self.upstream_failed += 1,
            Some(TaskState::Removed) => self.removed += 1,
            _ => {}
        }
    }

    fn done(&self) -> usize {
        self.success + self.failed + self.upstream_failed + self.skipped + self.removed
    }

    fn any_failed(&self) -> bool {
        self.failed + self.upstream_failed > 0
    }
}

impl TriggerRule {
    /// What direct upstreams in these states make of a task with this rule.
    pub fn decide(self, up: &Upstreams) -> Decision {
        if up.total == 0 || self == Self::Always {
            return Decision::Run;
        }
        if let Some(state) = self.becomes(up) {
            Decision::Become(state)
        } else if self.passes(up) {
            Decision::Run
        } else {
            Decision::Wait
        }
    }

    /// The finished state it takes without running, if any.
    fn becomes(self, up: &Upstreams) -> Option<TaskState> {
        use TaskState::{Skipped, UpstreamFailed};
        let done = up.done() >= up.total;
        let pick = |rules: [(bool, TaskState); 2]| {
            rules.into_iter().find(|(holds, _)| *holds).map(|(_, state)| state)
        };
        let skip_if = |holds: bool| holds.then_some(Skipped);
        match self {
            Self::AllSuccess => pick([(up.any_failed(), UpstreamFailed), (up.skipped > 0, Skipped)]),
            Self::AllFailed => skip_if(up.success + up.skipped > 0),
            Self::AllDone | Self::Always => None,
            Self::AllDoneMinOneSuccess => {
                pick([(up.skipped > 0, Skipped), (done && up.success == 0, UpstreamFailed)])
            }
            Self::AllDoneSetupSuccess => pick([
                (done && up.setups > 0 && up.setups_skipped >= up.setups, Skipped),
                (done && up.setups > 0 && up.setups_success == 0, UpstreamFailed),
            ]),
            Self::OneSuccess => {
                pick([(done && up.skipped == up.total, Skipped), (done && up.success == 0, UpstreamFailed)])
            }
            Self::OneFailed => skip_if(done && !up.any_failed()),
            Self::OneDone => skip_if(done && up.success + up.failed == 0),
            Self::NoneFailed => up.any_failed().then_some(UpstreamFailed),
            Self::NoneFailedMinOneSuccess => {
                if up.any_failed() {
                    return Some(UpstreamFailed);
                }
                pick([(up.skipped == up.total, Skipped), (done && up.success == 0, UpstreamFailed)])
            }
            Self::NoneSkipped => skip_if(up.skipped > 0),
            Self::AllSkipped => skip_if(up.success + up.failed + up.upstream_failed > 0),
        }
    }

    fn passes(self, up: &Upstreams) -> bool {
        let done = up.done() >= up.total;
        match self {
            Self::AllSuccess => up.success + up.removed == up.total,
            Self::AllFailed => up.failed + up.upstream_failed + up.removed == up.total,
            Self::AllDone | Self::AllDoneSetupSuccess => done,
            Self::AllDoneMinOneSuccess => done && up.skipped == 0 && up.success > 0,
            Self::OneSuccess => up.success > 0,
            Self::OneFailed => up.any_failed(),
            Self::OneDone => up.success + up.failed > 0,
            Self::NoneFailed => up.success + up.skipped + up.removed == up.total,
            Self::NoneFailedMinOneSuccess => {
                up.success + up.skipped + up.removed == up.total && up.success > 0
            }
            Self::NoneSkipped => done && up.skipped == 0,
            Self::AllSkipped => up.skipped == up.total,
            Self::Always => true,
        }
    }

    /// What it waits for, as an answer to 'why isn't it running?'.
    pub fn waits_for(self) -> &'static str {
        match self {
            Self::AllSuccess => "all upstream tasks to succeed",
            Self::AllFailed => "all upstream tasks to fail",
            Self::AllDone | Self::AllDoneSetupSuccess => "all upstream tasks to finish",
            Self::AllDoneMinOneSuccess => "all upstream tasks to finish, at least one of them with success",
            Self::OneSuccess => "one upstream task to succeed",
            Self::OneFailed => "one upstream task to fail",
            Self::OneDone => "one upstream task to succeed or fail",
            Self::NoneFailed => "all upstream tasks to finish without a failure",
            Self::NoneFailedMinOneSuccess => {
                "all upstream tasks to finish without a failure, at least one of them with success"
            }
            Self::NoneSkipped => "all upstream tasks to finish, none of them skipped",
            Self::AllSkipped => "all upstream tasks to be skipped",
            Self::Always => "nothing",
        }
    }
}

/// What the setups that are no direct upstreams make of a task, before its own rule is asked.
///
/// `None`: they leave it to the rule. [`Decision::Wait`]: the rule may still
/// end it, but it cannot run yet.
fn bound_by_setups(up: &Upstreams) -> Option<Decision> {
    if up.any_failed() {
        Some(Decision::Become(TaskState::UpstreamFailed))
    } else if up.skipped > 0 {
        Some(Decision::Become(TaskState::Skipped))
    } else if up.success < up.total {
        Some(Decision::Wait)
    } else {
        None
    }
}

/// What becomes of the task at `position`: its trigger rule and the setups that bind it.
///
/// `state` answers for a task's position; `None` where the run has no
/// instance of that task, which then never counts as finished.
pub fn evaluate(graph: &TaskGraph, position: usize, state: impl Fn(usize) -> Option<TaskState>) -> Decision {
    let task = &graph.tasks()[position];
    let direct = graph.upstream_of(position);
    if direct.is_empty() || task.trigger_rule == TriggerRule::Always {
        return Decision::Run;
    }
    let count = |positions: &[usize]| {
        let mut up = Upstreams::default();
        for found in positions {
            up.add(state(*found), graph.tasks()[*found].is_setup);
        }
        up
    };
    let bound = if task.is_teardown {
        None
    } else {
        let indirect: Vec<usize> =
            graph.relevant_setups(position).into_iter().filter(|setup| !direct.contains(setup)).collect();
        bound_by_setups(&count(&indirect))
    };
    if let Some(decided @ Decision::Become(_)) = bound {
        return decided;
    }
    let is_finished = |found: &usize| state(*found).is_some_and(TaskState::is_finished);
    match task.trigger_rule.decide(&count(&direct)) {
        Decision::Run if bound.is_some() => Decision::Wait,
        Decision::Run if task.is_teardown && !teardown_scope(graph, position).iter().all(is_finished) => {
            Decision::Wait
        }
        decided => decided,
    }
}

/// What stands between a teardown's setups and itself without being its direct upstream.
///
/// The teardown waits for these as well: it must not take away what they still use.
pub fn teardown_scope(graph: &TaskGraph, position: usize) -> Vec<usize> {
    let direct = graph.upstream_of(position);
    let mut indirect = graph.ancestors(position);
    indirect.retain(|found| !direct.contains(found));
    if indirect.is_empty() {
        return Vec::new();
    }
    let mut scope = BTreeSet::new();
    for setup in direct.into_iter().filter(|found| graph.tasks()[*found].is_setup) {
        scope.extend(graph.descendants(setup).intersection(&indirect).copied());
    }
    scope.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Edge, Task};

    #[test]
    fn a_teardown_waits_for_all_that_uses_its_setup() {
        let mut tasks = ["setup", "a", "b", "other", "drop"].map(|id| Task::new(id, "EmptyOperator"));
        tasks[0].is_setup = true;
        tasks[4].is_teardown = true;
        tasks[4].trigger_rule = TriggerRule::AllDoneSetupSuccess;
        let edges = [("setup", "a"), ("a", "b"), ("setup", "drop"), ("b", "drop"), ("other", "b")];
        let graph = TaskGraph::new(tasks.to_vec(), edges.map(|(from, to)| Edge::new(from, to)).to_vec());
        let graph = graph.expect("a DAG");
        assert_eq!(teardown_scope(&graph, 4), [1]);
        let check = |a: TaskState, expected: Decision| {
            let states = [TaskState::Success, a, TaskState::Success, TaskState::Running];
            assert_eq!(evaluate(&graph, 4, |at| states.get(at).copied()), expected);
        };
        check(TaskState::Running, Decision::Wait);
        check(TaskState::Failed, Decision::Run);
    }

    fn rule() -> impl Strategy<Value = TriggerRule> {
        prop::sample::select(TriggerRule::ALL)
    }

    fn states(of: &'static [TaskState]) -> impl Strategy<Value = Vec<TaskState>> {
        prop::collection::vec(prop::sample::select(of), 0..8)
    }

    fn count(states: &[TaskState]) -> Upstreams {
        let mut up = Upstreams::default();
        for state in states {
            up.add(Some(*state), false);
        }
        up
    }

    proptest! {
        #[test]
        fn whatever_is_finished_is_decided(rule in rule(), states in states(TaskState::ALL)) {
            let decision = rule.decide(&count(&states));
            if states.iter().all(|state| state.is_finished() && *state != TaskState::Removed) {
                prop_assert_ne!(decision, Decision::Wait);
            }
            if let Decision::Become(state) = decision {
                prop_assert!(matches!(state, TaskState::Skipped | TaskState::UpstreamFailed));
            }
        }

        #[test]
        fn the_order_of_upstreams_is_no_matter(rule in rule(), mut states in states(TaskState::ALL)) {
            let before = rule.decide(&count(&states));
            states.reverse();
            prop_assert_eq!(before, rule.decide(&count(&states)));
        }
    }
}
