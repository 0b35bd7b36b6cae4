//! The start: what the store holds, what the files say, what was left running.

use std::collections::HashSet;
use std::sync::Arc;

use dag::timetable::DataInterval;
use dag::{Dag, TaskState};
use jiff::SignedDuration;

use super::Scheduler;
use super::active::ActiveRun;
use super::plan::Plan;
use super::retry;
use super::world::DagSlot;
use crate::dagbag::{Found, Scan};
use crate::error::{OrchestratorError, Result};
use crate::records::{DagRecord, TaskInstance, TaskTry};
use crate::store::Change;

/// What a try says that was running when the program was killed.
const LOST: &str = "the program ended while this try ran";

impl Scheduler {
    /// DAGs as last seen: their files may be broken or gone today.
    pub(super) async fn load(&mut self) -> Result<()> {
        for error in self.store.import_errors().await? {
            self.errors.insert(error.file.clone(), error);
        }
        for record in self.store.dags().await? {
            if let Some((dag, _)) = self.store.source(&record.dag_id).await? {
                self.insert_slot(record, Arc::new(dag)).await?;
            }
        }
        Ok(())
    }

    async fn insert_slot(&mut self, record: DagRecord, dag: Arc<Dag>) -> Result<()> {
        let last = self.store.last_scheduled_run(&record.dag_id).await?.and_then(|run| run.data_interval);
        let last = last.map(|interval| DataInterval { start: interval.start, end: interval.end });
        let mut slot =
            DagSlot { record, plan: Arc::new(Plan::new(dag)), last, next: None, schedule_error: None };
        slot.refresh_next(self.clock.now());
        self.world.dags.insert(slot.record.dag_id.clone(), slot);
        self.world.dags_changed = true;
        Ok(())
    }

    /// Reads the folder and takes in what is new, different or gone.
    pub(super) async fn rescan(&mut self) -> Result<()> {
        let bag = self.bag.clone();
        let scan = tokio::task::spawn_blocking(move || bag.scan())
            .await
            .map_err(|error| OrchestratorError::Invalid(format!("the DAGs folder: {error}")))?
            .map_err(OrchestratorError::io("the DAGs folder cannot be read"))?;
        self.take_in_scan(scan).await
    }

    async fn take_in_scan(&mut self, scan: Scan) -> Result<()> {
        let now = self.clock.now();
        let mut seen = HashSet::new();
        for found in scan.dags {
            seen.insert(found.dag.dag_id.clone());
            self.take_in_dag(found).await?;
        }
        let broken: HashSet<&str> = scan.errors.iter().map(|error| error.file.as_str()).collect();
        for slot in self.world.dags.values_mut() {
            // A file that does not parse keeps the DAGs it had.
            let gone = !seen.contains(&slot.record.dag_id) && !broken.contains(slot.record.file.as_str());
            if gone && !slot.record.stale {
                tracing::info!(dag_id = slot.record.dag_id, "dag gone from its file");
                slot.record.stale = true;
                self.world.changes.push(Change::Dag(slot.record.clone()));
                self.world.dags_changed = true;
            }
        }
        let gone: Vec<String> =
            self.errors.keys().filter(|file| !broken.contains(file.as_str())).cloned().collect();
        for file in gone {
            self.errors.remove(&file);
            self.world.changes.push(Change::ImportErrorGone { file });
        }
        for mut error in scan.errors {
            error.at = now;
            let known = self.errors.get(&error.file);
            if known.is_none_or(|known| known.message != error.message || known.line != error.line) {
                tracing::warn!(
                    file = error.file,
                    line = error.line,
                    message = error.message,
                    "dag file not understood"
                );
                self.world.changes.push(Change::ImportError(error.clone()));
                self.errors.insert(error.file.clone(), error);
            }
        }
        Ok(())
    }

    async fn take_in_dag(&mut self, found: Found) -> Result<()> {
        let Found { dag, file, source } = found;
        let now = self.clock.now();
        let dag_id = dag.dag_id.clone();
        let Some(slot) = self.world.dags.get_mut(&dag_id) else {
            let paused = dag.is_paused_upon_creation.unwrap_or(self.paused_at_creation);
            let record = DagRecord { dag_id, file, paused, stale: false, parsed_at: now };
            self.world.changes.push(Change::Dag(record.clone()));
            self.world.changes.push(Change::Source { dag: dag.clone(), source });
            return self.insert_slot(record, dag).await;
        };
        let same = **slot.dag() == *dag;
        if same && slot.record.file == file && !slot.record.stale && self.bag.is_unchanged(&file) {
            return Ok(());
        }
        slot.record.file = file;
        slot.record.stale = false;
        slot.record.parsed_at = now;
        self.world.changes.push(Change::Dag(slot.record.clone()));
        self.world.changes.push(Change::Source { dag: dag.clone(), source });
        self.world.dags_changed = true;
        if same {
            self.world.touch_all_of(&dag_id);
            return Ok(());
        }
        let plan = Arc::new(Plan::new(dag));
        let rescheduled = slot.dag().schedule != plan.dag.schedule
            || slot.dag().start_date != plan.dag.start_date
            || slot.dag().catchup != plan.dag.catchup
            || slot.dag().end_date != plan.dag.end_date
            || slot.dag().timezone != plan.dag.timezone;
        slot.plan = plan.clone();
        if rescheduled || slot.next.is_none() {
            slot.refresh_next(now);
        }
        self.world.replan(&plan);
        Ok(())
    }

    /// Goes on with unfinished runs. What ran when the program ended is retried or has failed.
    pub(super) async fn recover(&mut self) -> Result<()> {
        for run in self.store.unfinished_runs().await? {
            let Some(slot) = self.world.dags.get(&run.key.dag_id) else {
                tracing::warn!(
                    dag_id = run.key.dag_id,
                    run_id = run.key.run_id,
                    "unfinished run of an unknown dag"
                );
                continue;
            };
            let plan = slot.plan.clone();
            let stored = self.store.instances(&run.key).await?;
            let (mut active, changed) = ActiveRun::restore(run, plan, stored);
            self.world.changes.extend(changed.into_iter().map(Change::Instance));
            let interrupted: Vec<TaskInstance> =
                active.instances().filter(|task| task.state.is_active()).cloned().collect();
            for task in interrupted {
                let settled = self.settle(&active, task);
                if let Some(slot) = active.instance_mut(&settled.key.task_id) {
                    *slot = settled.clone();
                }
                self.world.changes.push(Change::Instance(settled));
            }
            self.insert_run(active, true).await?;
        }
        Ok(())
    }

    fn settle(&mut self, active: &ActiveRun, mut task: TaskInstance) -> TaskInstance {
        let now = self.clock.now();
        match task.state {
            TaskState::Queued => task.state = TaskState::Scheduled,
            TaskState::Restarting => task.state = TaskState::None,
            _ => {
                self.world.changes.push(Change::Try(TaskTry {
                    key: task.key.clone(),
                    try_number: task.try_number,
                    state: TaskState::Failed,
                    started_at: task.started_at,
                    ended_at: Some(now),
                    note: Some(LOST.into()),
                }));
                let known = active.plan.dag.task(&task.key.task_id);
                match known.filter(|_| task.try_number <= task.max_tries) {
                    Some(known) => {
                        let delay = retry::delay(known, &task.key, active.run.logical_date, task.try_number);
                        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
                        task.state = TaskState::UpForRetry;
                        task.retry_at = Some(now.saturating_add(delay).unwrap_or(jiff::Timestamp::MAX));
                    }
                    None => task.state = TaskState::Failed,
                }
                task.ended_at = Some(now);
                task.note = Some(LOST.into());
                tracing::warn!(
                    dag_id = task.key.dag_id, run_id = task.key.run_id, task_id = task.key.task_id,
                    state = %task.state, "task was running when the program ended"
                );
            }
        }
        task
    }
}
