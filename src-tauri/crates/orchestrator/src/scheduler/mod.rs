//! The scheduler: one task that owns all state and wakes when something happens.
//!
//! A step takes in events and commands, lets the pure parts decide
//! (`decide`, `admit`, [`dag::timetable`]), writes everything in one
//! transaction, and only then starts tasks and answers. It sleeps until the
//! next event or the next moment something is due; it never polls.

mod active;
mod admit;
mod commands;
mod decide;
mod events;
mod load;
mod plan;
mod retry;
mod runs;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use dag::{Dag, RunState, TaskState};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use crate::clock::Clock;
use crate::config::OrchestratorConfig;
use crate::dagbag::{DagBag, watch_folder};
use crate::error::Result;
use crate::executor::{Executor, Job, Services, TaskEvent};
use crate::records::{DagEntry, DagRecord, Run, TaskKey};
use crate::store::Store;

pub(crate) use commands::Command;

use admit::Limits;
use commands::Answer;
use decide::Step;
use world::World;

/// Events taken in one step; the rest follow in the next.
const EVENTS_PER_STEP: usize = 1_000;
/// How long after a failed write the next attempt follows.
const WRITE_RETRY: Duration = Duration::from_secs(1);
/// What running tasks get to finish in when the program ends.
const DRAIN: Duration = Duration::from_millis(500);

/// The DAGs as they are now, and a count of the scheduler's steps.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub step: u64,
    pub(crate) dags: Arc<BTreeMap<String, LiveDag>>,
}

/// A DAG as readers see it.
#[derive(Debug, Clone)]
pub(crate) struct LiveDag {
    pub(crate) record: DagRecord,
    pub(crate) dag: Arc<Dag>,
    next_run_at: Option<Timestamp>,
    schedule_error: Option<String>,
}

impl LiveDag {
    pub(crate) fn entry(&self, last_runs: Vec<Run>) -> DagEntry {
        DagEntry {
            record: self.record.clone(),
            dag: self.dag.clone(),
            next_run_at: self.next_run_at,
            schedule_error: self.schedule_error.clone(),
            last_runs,
        }
    }
}

pub(crate) struct Scheduler {
    store: Store,
    clock: Arc<dyn Clock>,
    bag: DagBag,
    executor: Executor,
    limits: Limits,
    paused_at_creation: bool,
    scheduled_runs: bool,
    world: World,
    /// Import errors by file.
    errors: HashMap<String, crate::records::ImportError>,
    inbox: mpsc::UnboundedReceiver<Command>,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::UnboundedReceiver<TaskEvent>,
    publish: watch::Sender<Arc<Snapshot>>,
    /// Decided but not yet written.
    unwritten: Vec<crate::store::Change>,
    answers: Vec<Answer>,
    jobs: Vec<TaskKey>,
}

impl Scheduler {
    /// Loads the state and the DAG files, and settles what an earlier process left.
    pub(crate) async fn open(
        config: &OrchestratorConfig,
        store: Store,
        services: Arc<Services>,
        clock: Arc<dyn Clock>,
        bag: DagBag,
        inbox: mpsc::UnboundedReceiver<Command>,
        commands: mpsc::UnboundedSender<Command>,
    ) -> Result<(Self, watch::Receiver<Arc<Snapshot>>)> {
        let (event_sender, events) = mpsc::unbounded_channel();
        let (publish, snapshot) = watch::channel(Arc::default());
        let mut scheduler = Self {
            store,
            clock,
            bag,
            executor: Executor::new(services, event_sender),
            limits: Limits {
                parallelism: config.parallelism.max(1),
                pools: HashMap::from([("default_pool".to_owned(), config.default_pool_slots)]),
            },
            paused_at_creation: config.dags_are_paused_at_creation,
            scheduled_runs: config.scheduled_runs,
            world: World::default(),
            errors: HashMap::new(),
            inbox,
            commands,
            events,
            publish,
            unwritten: Vec::new(),
            answers: Vec::new(),
            jobs: Vec::new(),
        };
        scheduler.load().await?;
        scheduler.rescan().await?;
        scheduler.recover().await?;
        scheduler.write().await?;
        scheduler.announce();
        Ok((scheduler, snapshot))
    }

    pub(crate) async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<()> {
        // Dropped at the end, which ends the watching.
        let _watcher = self.bag.watched().and_then(|dir| watch_folder(dir, self.commands.clone()));
        // What has changed since the folder was read and before it was watched.
        if self.bag.watched().is_some()
            && let Err(error) = self.rescan().await
        {
            tracing::warn!(%error, "dags folder not read");
        }
        let mut shutdown = std::pin::pin!(shutdown);
        let mut failed_writes = 0u32;
        loop {
            let wrote = self.step().await;
            let now = self.clock.now();
            let due = self.world.next_due(now, self.scheduled_runs);
            let mut events = Vec::new();
            let clock = self.clock.clone();
            let until_due = async {
                match due {
                    Some(at) => clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let write_again = async {
                match wrote {
                    Ok(()) => std::future::pending().await,
                    Err(_) => tokio::time::sleep(WRITE_RETRY).await,
                }
            };
            if let Err(error) = &wrote {
                failed_writes += 1;
                tracing::error!(%error, failed_writes, "scheduler step not written, trying again");
            }
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                count = self.events.recv_many(&mut events, EVENTS_PER_STEP) => debug_assert!(count > 0),
                Some(command) = self.inbox.recv() => self.obey(command).await,
                () = until_due => {}
                () = write_again => {}
            }
            for event in events {
                self.take_in(event);
            }
            while let Ok(command) = self.inbox.try_recv() {
                self.obey(command).await;
            }
        }
        self.shut_down().await
    }

    /// Decides, writes, then starts and answers.
    async fn step(&mut self) -> Result<()> {
        let now = self.clock.now();
        self.create_due_runs(now).await?;
        loop {
            self.start_queued_runs(now).await?;
            self.touch_due(now);
            if std::mem::take(&mut self.world.room_made) {
                self.create_due_runs(now).await?;
                continue;
            }
            if self.world.touched.is_empty() {
                break;
            }
            while let Some(key) = self.world.touched.pop_first() {
                self.decide_run(&key, now);
            }
        }
        self.admit(now);
        self.write().await?;
        self.start_jobs();
        self.announce();
        self.answer();
        Ok(())
    }

    /// One transaction; kept and tried again when it fails.
    async fn write(&mut self) -> Result<()> {
        let mut changes = self.world.take_changes();
        self.unwritten.append(&mut changes);
        self.store.apply(&self.unwritten).await?;
        self.unwritten.clear();
        self.world.drop_finished();
        Ok(())
    }

    fn touch_due(&mut self, now: Timestamp) {
        let due = self.world.runs.values().filter(|active| {
            active.run.state == RunState::Running
                && active.is_due(now)
                && self.world.is_live(&active.run.key.dag_id)
        });
        let due: Vec<_> = due.map(|active| active.run.key.clone()).collect();
        for key in due {
            if let Some(active) = self.world.runs.get_mut(&key) {
                active.looked_at = now;
            }
            self.world.touched.insert(key);
        }
    }

    fn decide_run(&mut self, key: &crate::records::RunKey, now: Timestamp) {
        self.world.refresh_past(key);
        let Some(active) =
            self.world.runs.get_mut(key).filter(|active| active.run.state == RunState::Running)
        else {
            return;
        };
        active.looked_at = now;
        let settled = active.instances().all(|task| task.state.is_finished());
        let live = self.world.is_live(&key.dag_id);
        // A paused DAG begins nothing new, but a run with nothing left to do may end.
        if !live && !settled {
            return;
        }
        let Some(active) = self.world.runs.get(key) else { return };
        for step in decide::decide(active, now) {
            self.apply(key, step, now);
        }
    }

    fn apply(&mut self, key: &crate::records::RunKey, step: Step, now: Timestamp) {
        match step {
            Step::Schedule { position } => {
                let Some(task) = self.task_key(key, position) else { return };
                self.world.update(&task, |instance| {
                    if instance.state != TaskState::UpForReschedule {
                        instance.try_number += 1;
                    }
                    instance.state = TaskState::Scheduled;
                    instance.retry_at = None;
                    instance.queued_at = None;
                    instance.started_at = None;
                    instance.ended_at = None;
                    instance.note = None;
                });
            }
            Step::Become { position, state, note } => {
                let Some(task) = self.task_key(key, position) else { return };
                let running = self.world.instance(&task).is_some_and(|instance| instance.state.is_active());
                if running {
                    self.executor.stop(&task);
                }
                self.world.update(&task, |instance| {
                    if instance.started_at.is_none() && state == TaskState::Success {
                        instance.started_at = Some(now);
                        instance.try_number = instance.try_number.max(1);
                    }
                    instance.state = state;
                    instance.ended_at = Some(now);
                    instance.retry_at = None;
                    instance.note = Some(note).filter(|note| !note.is_empty());
                });
            }
            Step::Finish { state, note } => self.finish_run(key, state, note, now),
        }
    }

    fn task_key(&self, key: &crate::records::RunKey, position: usize) -> Option<TaskKey> {
        Some(self.world.runs.get(key)?.tasks[position].as_ref()?.key.clone())
    }

    /// Queues what the limits allow, and notes on the others what they wait for.
    fn admit(&mut self, now: Timestamp) {
        let candidates = self.world.candidates();
        if candidates.is_empty() {
            return;
        }
        let admission = admit::admit(candidates, self.world.usage(), &self.limits);
        for key in admission.queued {
            // A stopped try of the same instance has to be gone first.
            if self.executor.is_running(&key) {
                continue;
            }
            self.world.update(&key, |instance| {
                instance.state = TaskState::Queued;
                instance.queued_at = Some(now);
                instance.note = None;
            });
            self.world.touched.remove(&key.run());
            self.jobs.push(key);
        }
        for (key, reason) in admission.waiting {
            self.world.annotate(&key, reason);
        }
    }

    fn start_jobs(&mut self) {
        for key in std::mem::take(&mut self.jobs) {
            if self.executor.is_running(&key) {
                continue;
            }
            let Some(active) = self.world.runs.get(&key.run()) else { continue };
            let Some(instance) = self.world.instance(&key).filter(|task| task.state == TaskState::Queued)
            else {
                continue;
            };
            self.executor.launch(Job {
                try_number: instance.try_number,
                max_tries: instance.max_tries,
                run: active.run.clone(),
                dag: active.plan.dag.clone(),
                key,
            });
        }
    }

    fn announce(&mut self) {
        let dags_changed = std::mem::take(&mut self.world.dags_changed);
        self.publish.send_modify(|snapshot| {
            let dags = match dags_changed {
                false => snapshot.dags.clone(),
                true => Arc::new(self.world.dags.iter().map(|(id, slot)| (id.clone(), live(slot))).collect()),
            };
            *snapshot = Arc::new(Snapshot { step: snapshot.step + 1, dags });
        });
    }

    /// Running tasks get a moment to finish; what is stopped runs again at the next start.
    async fn shut_down(mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + DRAIN;
        while self.executor.count() > 0 {
            match tokio::time::timeout_at(deadline, self.events.recv()).await {
                Ok(Some(event)) => self.take_in(event),
                Ok(None) | Err(_) => break,
            }
        }
        self.executor.shut_down().await;
        while let Ok(event) = self.events.try_recv() {
            self.take_in_at_end(event);
        }
        self.write().await?;
        self.store.close().await;
        Ok(())
    }
}

fn live(slot: &world::DagSlot) -> LiveDag {
    LiveDag {
        record: slot.record.clone(),
        dag: slot.dag().clone(),
        next_run_at: slot.next.map(|next| next.run_after),
        schedule_error: slot.schedule_error.clone(),
    }
}
