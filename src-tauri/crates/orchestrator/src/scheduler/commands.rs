//! What callers ask of the scheduler. Each answer is sent once its effect is written.

use std::collections::BTreeSet;

use dag::{RunState, RunType, TaskState};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use super::Scheduler;
use super::active::ActiveRun;
use super::runs::interval;
use crate::error::{OrchestratorError, Result};
use crate::orchestrator::{Clear, LogicalDate, Trigger};
use crate::records::{Run, RunKey, TaskKey};

type Reply<T> = oneshot::Sender<Result<T>>;

/// A request to change something.
pub(crate) enum Command {
    SetPaused {
        dag_id: String,
        paused: bool,
        reply: Reply<()>,
    },
    Trigger {
        trigger: Trigger,
        reply: Reply<Run>,
    },
    Stop {
        key: RunKey,
        reply: Reply<()>,
    },
    Clear {
        clear: Clear,
        reply: Reply<Vec<TaskKey>>,
    },
    /// Without a reply: the folder has changed.
    Reload {
        reply: Option<Reply<()>>,
    },
}

/// An answer held back until the step is written.
pub(super) enum Answer {
    Done(Reply<()>, Result<()>),
    Run(Reply<Run>, Result<Box<Run>>),
    Tasks(Reply<Vec<TaskKey>>, Result<Vec<TaskKey>>),
}

/// Airflow's `allowed_run_id_pattern`, and its length.
const RUN_ID_CHARS_MAX: usize = 250;

impl Scheduler {
    pub(super) async fn obey(&mut self, command: Command) {
        let now = self.clock.now();
        let answer = match command {
            Command::SetPaused { dag_id, paused, reply } => {
                Answer::Done(reply, self.set_paused(&dag_id, paused, now))
            }
            Command::Trigger { trigger, reply } => {
                Answer::Run(reply, self.trigger(trigger, now).await.map(Box::new))
            }
            Command::Stop { key, reply } => Answer::Done(reply, self.stop(&key, now).await),
            Command::Clear { clear, reply } => Answer::Tasks(reply, self.clear(&clear).await),
            Command::Reload { reply } => {
                let result = self.rescan().await;
                match (reply, result) {
                    (Some(reply), result) => Answer::Done(reply, result),
                    (None, Ok(())) => return,
                    (None, Err(error)) => {
                        tracing::warn!(%error, "dags folder not read");
                        return;
                    }
                }
            }
        };
        self.answers.push(answer);
    }

    pub(super) fn answer(&mut self) {
        for answer in self.answers.drain(..) {
            // A caller that has gone away needs no answer.
            match answer {
                Answer::Done(reply, result) => drop(reply.send(result)),
                Answer::Run(reply, result) => drop(reply.send(result.map(|run| *run))),
                Answer::Tasks(reply, result) => drop(reply.send(result)),
            }
        }
    }

    fn set_paused(&mut self, dag_id: &str, paused: bool, now: Timestamp) -> Result<()> {
        let slot = self.world.dags.get_mut(dag_id).ok_or_else(|| unknown(dag_id))?;
        if slot.record.paused == paused {
            return Ok(());
        }
        slot.record.paused = paused;
        if !paused {
            // Without catchup, what was missed meanwhile stays missed.
            slot.refresh_next(now);
        }
        let record = slot.record.clone();
        self.world.changes.push(crate::store::Change::Dag(record));
        self.world.dags_changed = true;
        self.world.touch_all_of(dag_id);
        tracing::info!(dag_id, paused, "dag paused or unpaused");
        Ok(())
    }

    async fn trigger(&mut self, trigger: Trigger, now: Timestamp) -> Result<Run> {
        let Trigger { dag_id, run_id, logical_date, conf, note } = trigger;
        let slot = self.world.dags.get(&dag_id).ok_or_else(|| unknown(&dag_id))?;
        if slot.record.stale {
            return Err(OrchestratorError::DagStale { dag_id });
        }
        let plan = slot.plan.clone();
        let conf = Value::Object(conf);
        dag::params::resolve(&plan.dag.params, Some(&conf)).map_err(|error| {
            OrchestratorError::ParamsInvalid { dag_id: dag_id.clone(), reason: error.to_string() }
        })?;
        let Value::Object(conf) = conf else { unreachable!("made an object above") };
        let logical_date = match logical_date {
            LogicalDate::Now => Some(now),
            LogicalDate::At(at) => Some(at),
            LogicalDate::None => None,
        };
        let run_id = match run_id {
            Some(run_id) => check_run_id(run_id)?,
            None => match logical_date {
                Some(at) => RunType::Manual.run_id(at),
                None => {
                    let nonce = uuid::Uuid::new_v4().simple().to_string();
                    format!("{}_{}", RunType::Manual.run_id(now), &nonce[..8])
                }
            },
        };
        let key = RunKey::new(&dag_id, run_id);
        if self.world.runs.contains_key(&key) || self.store.run(&key).await?.is_some() {
            let what = format!("\"{}\"", key.run_id);
            return Err(OrchestratorError::RunExists { dag_id, what });
        }
        if let Some(at) = logical_date
            && self.date_taken(&dag_id, at).await?
        {
            let what = format!("of the logical date {}", dag::time::iso(at));
            return Err(OrchestratorError::RunExists { dag_id, what });
        }
        let data_interval = match logical_date {
            Some(at) => Some(
                dag::timetable::manual_interval(&plan.dag, at)
                    .map_err(|error| OrchestratorError::Invalid(format!("DAG \"{dag_id}\": {error}")))?,
            ),
            None => None,
        };
        let run = Run {
            key,
            run_type: RunType::Manual,
            state: RunState::Queued,
            logical_date,
            data_interval: data_interval.map(interval),
            run_after: logical_date.map_or(now, |at| at.max(now)),
            queued_at: Some(now),
            started_at: None,
            ended_at: None,
            conf,
            note,
        };
        tracing::info!(dag_id, run_id = run.key.run_id, "run triggered");
        self.insert_run(ActiveRun::new(run.clone(), plan), false).await?;
        Ok(run)
    }

    async fn stop(&mut self, key: &RunKey, now: Timestamp) -> Result<()> {
        if !self.world.runs.contains_key(key) {
            return match self.store.run(key).await? {
                // It has ended by itself already, which is what was asked for.
                Some(_) => Ok(()),
                None => Err(OrchestratorError::RunNotFound {
                    dag_id: key.dag_id.clone(),
                    run_id: key.run_id.clone(),
                }),
            };
        }
        let open: Vec<(TaskKey, bool)> = self
            .world
            .runs
            .get(key)
            .into_iter()
            .flat_map(ActiveRun::instances)
            .filter(|task| !task.state.is_finished())
            .map(|task| (task.key.clone(), task.state.is_active()))
            .collect();
        for (task, running) in open {
            if running {
                self.executor.stop(&task);
            }
            self.world.update(&task, |instance| {
                instance.state = if running { TaskState::Failed } else { TaskState::Skipped };
                instance.ended_at = Some(now);
                instance.retry_at = None;
                instance.note = Some("the run was stopped".into());
            });
        }
        self.finish_run(key, RunState::Failed, Some("stopped".into()), now);
        Ok(())
    }

    async fn clear(&mut self, clear: &Clear) -> Result<Vec<TaskKey>> {
        let key = RunKey::new(&clear.dag_id, &clear.run_id);
        self.bring_back(&key).await?;
        let Some(active) = self.world.runs.get(&key) else { return Ok(Vec::new()) };
        let plan = active.plan.clone();
        let mut wanted: BTreeSet<usize> = match clear.task_ids.is_empty() {
            true => (0..active.tasks.len()).collect(),
            false => BTreeSet::new(),
        };
        for task_id in &clear.task_ids {
            let position = plan.position(task_id).ok_or_else(|| OrchestratorError::TaskNotFound {
                dag_id: clear.dag_id.clone(),
                task_id: task_id.clone(),
            })?;
            wanted.insert(position);
            if clear.downstream {
                wanted.extend(plan.dag.graph.descendants(position));
            }
        }
        let chosen: Vec<(TaskKey, u32)> = wanted
            .into_iter()
            .filter_map(|position| {
                let task = active.tasks[position].as_ref()?;
                let failed = matches!(task.state, TaskState::Failed | TaskState::UpstreamFailed);
                (!clear.only_failed || failed).then(|| (task.key.clone(), plan.task(position).retries))
            })
            .collect();
        for (task, retries) in &chosen {
            let running = self.executor.is_running(task);
            if running {
                self.executor.stop(task);
            }
            self.world.update(task, |instance| {
                instance.state = match instance.state {
                    TaskState::Running | TaskState::Queued | TaskState::Restarting if running => {
                        TaskState::Restarting
                    }
                    _ => TaskState::None,
                };
                instance.max_tries = instance.try_number + retries;
                instance.retry_at = None;
                instance.note = None;
                if instance.state == TaskState::None {
                    instance.queued_at = None;
                    instance.started_at = None;
                    instance.ended_at = None;
                }
            });
        }
        if !chosen.is_empty()
            && self.world.runs.get(&key).is_some_and(|active| active.run.state.is_finished())
        {
            let now = self.clock.now();
            self.world.update_run(&key, |run| {
                run.state = RunState::Queued;
                run.queued_at = Some(now);
                run.started_at = None;
                run.ended_at = None;
                run.note = None;
            });
        }
        Ok(chosen.into_iter().map(|(task, _)| task).collect())
    }

    /// Loads a finished run, so it can go on.
    async fn bring_back(&mut self, key: &RunKey) -> Result<()> {
        if self.world.runs.contains_key(key) {
            return Ok(());
        }
        let run = self.store.run(key).await?.ok_or_else(|| OrchestratorError::RunNotFound {
            dag_id: key.dag_id.clone(),
            run_id: key.run_id.clone(),
        })?;
        let slot = self.world.dags.get(&key.dag_id).filter(|slot| !slot.record.stale);
        let plan = slot.map(|slot| slot.plan.clone());
        let plan = plan.ok_or_else(|| OrchestratorError::DagStale { dag_id: key.dag_id.clone() })?;
        let stored = self.store.instances(key).await?;
        let (active, changed) = ActiveRun::restore(run, plan, stored);
        self.world.changes.extend(changed.into_iter().map(crate::store::Change::Instance));
        self.insert_run(active, true).await
    }
}

fn unknown(dag_id: &str) -> OrchestratorError {
    OrchestratorError::DagNotFound { dag_id: dag_id.to_owned() }
}

fn check_run_id(run_id: String) -> Result<String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.~:+-".contains(c);
    if run_id.is_empty() || run_id.len() > RUN_ID_CHARS_MAX || !run_id.chars().all(fits) {
        return Err(OrchestratorError::Invalid(format!(
            "\"{run_id}\" cannot be a run id: 1 to {RUN_ID_CHARS_MAX} letters, digits and _.~:+- are allowed"
        )));
    }
    Ok(run_id)
}
