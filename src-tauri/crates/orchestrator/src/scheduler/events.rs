//! What running tries report.

use dag::TaskState;
use jiff::SignedDuration;

use super::Scheduler;
use super::retry;
use crate::executor::{Ended, Outcome, TaskEvent, state_after};
use crate::records::{TaskKey, TaskTry};
use crate::store::Change;

impl Scheduler {
    pub(super) fn take_in(&mut self, event: TaskEvent) {
        match event {
            TaskEvent::Started { key, try_number, at } => {
                let waiting = self.world.instance(&key).is_some_and(|instance| {
                    instance.state == TaskState::Queued && instance.try_number == try_number
                });
                if !waiting {
                    return;
                }
                self.world.update(&key, |instance| {
                    instance.state = TaskState::Running;
                    instance.started_at = Some(at);
                });
                // Nothing is decided by a start.
                self.world.touched.remove(&key.run());
                self.world.changes.push(Change::XcomsCleared(key.clone()));
                self.world.changes.push(Change::Try(TaskTry {
                    key,
                    try_number,
                    state: TaskState::Running,
                    started_at: Some(at),
                    ended_at: None,
                    note: None,
                }));
            }
            TaskEvent::Ended(ended) => self.end_try(*ended, false),
        }
    }

    /// As [`take_in`](Self::take_in) while the program ends: a stopped try does not count.
    pub(super) fn take_in_at_end(&mut self, event: TaskEvent) {
        match event {
            TaskEvent::Ended(ended) => self.end_try(*ended, true),
            started @ TaskEvent::Started { .. } => self.take_in(started),
        }
    }

    fn end_try(&mut self, ended: Ended, program_ends: bool) {
        let Ended { key, try_number, started_at, at, outcome, xcoms, rendered } = ended;
        self.executor.forget(&key, try_number);
        let instance = self.world.instance(&key).filter(|instance| instance.try_number == try_number);
        let current =
            instance.is_some_and(|instance| matches!(instance.state, TaskState::Queued | TaskState::Running));
        let restarting = instance.is_some_and(|instance| instance.state == TaskState::Restarting);
        let max_tries = instance.map_or(0, |instance| instance.max_tries);
        let note = match &outcome {
            Outcome::Success => None,
            Outcome::Skipped(why) => Some(one_line(why)),
            Outcome::Failed { message, .. } => Some(one_line(message)),
            Outcome::Stopped if restarting => Some("cleared while it ran".to_owned()),
            Outcome::Stopped => Some("stopped".to_owned()),
        };
        let state = state_after(&outcome, try_number, max_tries);
        self.world.changes.push(Change::Try(TaskTry {
            key: key.clone(),
            try_number,
            state: if state == TaskState::UpForRetry { TaskState::Failed } else { state },
            started_at: Some(started_at),
            ended_at: Some(at),
            note: note.clone(),
        }));
        if !rendered.is_empty() {
            self.world.changes.push(Change::Rendered { key: key.clone(), try_number, fields: rendered });
        }
        if restarting || (program_ends && outcome == Outcome::Stopped) {
            self.run_again(&key, restarting);
            return;
        }
        if !current {
            // Decided already: by a stop, a time limit of the run, or fail_fast.
            self.world.touched.insert(key.run());
            return;
        }
        for (name, value) in xcoms {
            self.world.changes.push(Change::Xcom { key: key.clone(), name, value, at });
        }
        let retry_at = (state == TaskState::UpForRetry).then(|| {
            let delay = self.world.runs.get(&key.run()).and_then(|active| {
                let task = active.plan.dag.task(&key.task_id)?;
                Some(retry::delay(task, &key, active.run.logical_date, try_number))
            });
            let delay = SignedDuration::try_from(delay.unwrap_or_default()).unwrap_or(SignedDuration::MAX);
            at.saturating_add(delay).unwrap_or(jiff::Timestamp::MAX)
        });
        tracing::debug!(dag_id = key.dag_id, run_id = key.run_id, task_id = key.task_id, try_number, %state, "try ended");
        self.world.update(&key, |instance| {
            instance.state = state;
            instance.ended_at = Some(at);
            instance.retry_at = retry_at;
            instance.note = note;
        });
    }

    /// As if it had never been tried this time.
    pub(super) fn run_again(&mut self, key: &TaskKey, cleared: bool) {
        self.world.update(key, |instance| {
            if !cleared {
                // A clear has already given it more tries; an ending program must not take one.
                instance.max_tries += 1;
            }
            instance.state = TaskState::None;
            instance.started_at = None;
            instance.ended_at = None;
            instance.queued_at = None;
            instance.note = None;
        });
    }
}

/// The first line, at most a few hundred characters: a note stands in a table.
pub(super) fn one_line(text: &str) -> String {
    const BYTES_MAX: usize = 400;
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    match line.len() > BYTES_MAX {
        true => format!("{}…", &line[..line.floor_char_boundary(BYTES_MAX)]),
        false => line.to_owned(),
    }
}
