//! Runs begin and end: created when due, started when there is room, finished once.

use dag::timetable::DataInterval;
use dag::{RunState, RunType, Schedule};
use jiff::Timestamp;
use serde_json::Map;

use super::Scheduler;
use super::active::{ActiveRun, Past};
use crate::error::Result;
use crate::records::{Interval, Run, RunKey};

impl Scheduler {
    /// Creates the scheduled runs whose time has come, as many as may be active.
    pub(super) async fn create_due_runs(&mut self, now: Timestamp) -> Result<()> {
        if !self.scheduled_runs {
            return Ok(());
        }
        let due: Vec<String> = self
            .world
            .dags
            .iter()
            .filter(|(_, slot)| slot.is_live() && slot.next.is_some_and(|next| next.run_after <= now))
            .map(|(dag_id, _)| dag_id.clone())
            .collect();
        for dag_id in due {
            self.create_due_runs_of(&dag_id, now).await?;
        }
        Ok(())
    }

    async fn create_due_runs_of(&mut self, dag_id: &str, now: Timestamp) -> Result<()> {
        loop {
            let Some(slot) = self.world.dags.get(dag_id) else { return Ok(()) };
            let Some(next) = slot.next.filter(|next| next.run_after <= now) else { return Ok(()) };
            if self.world.count_of(dag_id, None) >= slot.max_active_runs() {
                return Ok(());
            }
            let plan = slot.plan.clone();
            // A manual run may already stand for this date.
            let taken = self.date_taken(dag_id, next.logical_date).await?;
            if !taken {
                let key = RunKey::new(dag_id, RunType::Scheduled.run_id(next.logical_date));
                let run = Run {
                    key,
                    run_type: RunType::Scheduled,
                    state: RunState::Queued,
                    logical_date: Some(next.logical_date),
                    data_interval: Some(interval(next.data_interval)),
                    run_after: next.run_after,
                    queued_at: Some(now),
                    started_at: None,
                    ended_at: None,
                    conf: Map::new(),
                    note: None,
                };
                self.insert_run(ActiveRun::new(run, plan), false).await?;
            }
            let Some(slot) = self.world.dags.get_mut(dag_id) else { return Ok(()) };
            let before = slot.next;
            slot.last = Some(next.data_interval);
            slot.refresh_next(now);
            self.world.dags_changed = true;
            let Some(slot) = self.world.dags.get(dag_id) else { return Ok(()) };
            // `@continuous` only goes on when the run has ended.
            if slot.dag().schedule == Schedule::Continuous || slot.next == before {
                return Ok(());
            }
        }
    }

    pub(super) async fn date_taken(&self, dag_id: &str, date: Timestamp) -> Result<bool> {
        let in_memory = self.world.runs_of(dag_id).any(|active| active.run.logical_date == Some(date));
        Ok(in_memory || self.store.run_at(dag_id, date).await?.is_some())
    }

    /// Takes a run in, finding the run before it where a task asks.
    pub(super) async fn insert_run(&mut self, mut active: ActiveRun, stored: bool) -> Result<()> {
        if active.plan.looks_back
            && let Some(date) = active.run.logical_date
        {
            let dag_id = active.run.key.dag_id.clone();
            let in_memory = self
                .world
                .runs_of(&dag_id)
                .filter(|other| other.run.logical_date.is_some_and(|other| other < date))
                .max_by_key(|other| other.run.logical_date)
                .map(|other| (other.run.logical_date, other.run.key.clone()));
            let in_store =
                self.store.run_before(&dag_id, date, None).await?.map(|run| (run.logical_date, run.key));
            if let Some((_, previous)) = in_memory.max(in_store) {
                let instances = self.store.instances(&previous).await?;
                if !instances.is_empty() {
                    let states = instances.into_iter().map(|task| (task.key.task_id, task.state)).collect();
                    active.past = Past::Run(states);
                }
                active.previous = Some(previous);
            }
        }
        self.world.insert(active, stored);
        Ok(())
    }

    /// Oldest first, while the DAG has room.
    pub(super) async fn start_queued_runs(&mut self, now: Timestamp) -> Result<()> {
        let mut queued: Vec<(Timestamp, RunKey)> = self
            .world
            .runs
            .values()
            .filter(|active| active.run.state == RunState::Queued && active.run.run_after <= now)
            .map(|active| (active.run.run_after, active.run.key.clone()))
            .collect();
        queued.sort();
        for (_, key) in queued {
            if self.world.has_room(&key.dag_id) {
                self.world.update_run(&key, |run| {
                    run.state = RunState::Running;
                    run.started_at = Some(now);
                    run.ended_at = None;
                    run.note = None;
                });
                tracing::info!(dag_id = key.dag_id, run_id = key.run_id, "run started");
            } else {
                let note = self.why_queued(&key.dag_id);
                let changed =
                    self.world.runs.get(&key).is_some_and(|active| active.run.note.as_ref() != Some(&note));
                if changed {
                    self.world.update_run(&key, |run| run.note = Some(note));
                    self.world.touched.remove(&key);
                }
            }
        }
        Ok(())
    }

    fn why_queued(&self, dag_id: &str) -> String {
        match self.world.dags.get(dag_id) {
            Some(slot) if slot.record.stale => "the DAG's file is gone".into(),
            Some(slot) if slot.record.paused => "the DAG is paused".into(),
            Some(slot) => format!("max_active_runs: {} runs are running", slot.max_active_runs()),
            None => "the DAG is unknown".into(),
        }
    }

    pub(super) fn finish_run(&mut self, key: &RunKey, state: RunState, note: Option<String>, now: Timestamp) {
        tracing::info!(dag_id = key.dag_id, run_id = key.run_id, %state, "run finished");
        self.world.update_run(key, |run| {
            run.state = state;
            run.ended_at = Some(now);
            run.note = note;
        });
        self.world.touched.remove(key);
        if let Some(slot) = self.world.dags.get_mut(&key.dag_id)
            && slot.dag().schedule == Schedule::Continuous
        {
            slot.refresh_next(now);
            self.world.dags_changed = true;
        }
        // A run that has ended makes room for the next one that is due.
        self.world.room_made = true;
    }
}

pub(super) fn interval(interval: DataInterval) -> Interval {
    Interval { start: interval.start, end: interval.end }
}
