//! One worker process.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::super::outcome::tail;
use super::super::rest::{Answer, Rest};
use crate::peers;

/// A worker starts in about five seconds, and many times that on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);
/// Connect says nothing by itself: its state is asked for again and again.
const AGAIN: Duration = Duration::from_millis(100);

/// `ConnectDistributed`; ended when dropped.
pub(super) struct Worker {
    process: Child,
    rest: Rest,
    log: PathBuf,
}

impl Worker {
    /// Starts it and waits until it has joined its group.
    pub(super) fn start(jars: &Path, folder: &Path, bootstrap: &str) -> anyhow::Result<Self> {
        let rest = Rest::new(peers::free_ports(1)?[0]);
        let properties = folder.join("worker.properties");
        std::fs::write(&properties, settings(bootstrap, &rest.url()))?;
        let log = folder.join("worker.log");
        let output = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let class = "org.apache.kafka.connect.cli.ConnectDistributed";
        let process = peers::java(jars, None, 256, class)
            .arg(&properties)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .context("can't start java")?;
        let mut worker = Self { process, rest, log };
        worker.wait("the worker to be ready", |worker| {
            Ok(worker.send("GET", "/health", None).is_ok_and(|answer| answer.status == 200))
        })?;
        Ok(worker)
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    pub(super) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        self.rest.send(method, path, body)
    }

    /// Sends again while the worker rebalances (409), and wants success.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut last = None;
        self.wait(&format!("{method} {path}"), |worker| {
            let answer = worker.send(method, path, body)?;
            match answer.status {
                200..=299 => last = Some(answer.body),
                409 => return Ok(false),
                status => bail!("{method} {path}: {status} {}", answer.body),
            }
            Ok(true)
        })?;
        last.context("an answer")
    }

    /// Looks until something is so.
    pub(super) fn wait(
        &mut self,
        what: &str,
        mut is_so: impl FnMut(&Self) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        while !is_so(self)? {
            if let Some(status) = self.process.try_wait()? {
                bail!("the worker ended ({status}) before {what}\n{}", self.log());
            }
            if started.elapsed() > LIMIT {
                bail!("waited {} s for {what}\n{}", LIMIT.as_secs(), self.log());
            }
            std::thread::sleep(AGAIN);
        }
        Ok(())
    }

    fn log(&self) -> String {
        tail(&std::fs::read_to_string(&self.log).unwrap_or_default(), 40)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Gone already after a kill: nothing to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn settings(bootstrap: &str, url: &str) -> String {
    let converter = "org.apache.kafka.connect.storage.StringConverter";
    [
        format!("bootstrap.servers={bootstrap}"),
        format!("listeners={url}"),
        format!("key.converter={converter}"),
        format!("value.converter={converter}"),
        "group.id=connect".to_owned(),
        "offset.storage.topic=connect-offsets".to_owned(),
        "offset.storage.replication.factor=1".to_owned(),
        "config.storage.topic=connect-configs".to_owned(),
        "config.storage.replication.factor=1".to_owned(),
        "status.storage.topic=connect-status".to_owned(),
        "status.storage.replication.factor=1".to_owned(),
        "exactly.once.source.support=enabled".to_owned(),
        "offset.flush.interval.ms=500".to_owned(),
        // A killed worker's tasks go to the next one at once.
        "scheduled.rebalance.max.delay.ms=0".to_owned(),
        "session.timeout.ms=6000".to_owned(),
        "heartbeat.interval.ms=1000".to_owned(),
        // The connectors are on the class path; looking through every jar takes half a minute.
        "plugin.discovery=service_load".to_owned(),
    ]
    .join("\n")
}
