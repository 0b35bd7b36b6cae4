//! `pumphouse serve` as a process to measure.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use crate::check::cargo;
use crate::system::{self, Need};
use crate::{cache, sh};

/// Builds the services without the window and says where the binary is.
pub(crate) fn build(profile: &str) -> anyhow::Result<PathBuf> {
    system::ensure(Need::Serve)?;
    sh::step(
        &format!("build ({profile}, without the window)"),
        &mut cargo(&["build", "--profile", profile, "--package", "pumphouse", "--no-default-features"]),
    )?;
    Ok(cache::binary(if profile == "dev" { "debug" } else { profile }))
}

/// A running `pumphouse serve`, killed when dropped.
pub(crate) struct Served {
    child: Child,
    /// From spawning the process until its first line on stdout, which it prints once every service accepts
    /// connections.
    pub(crate) ready_ms: f64,
    /// Where the services listen: `kafka`, `registry`, `api`.
    pub(crate) ready: serde_json::Value,
}

impl Served {
    /// Starts the services; the Kafka port is the system's choice when it is 0, the others always are.
    pub(crate) fn start(binary: &Path, data_dir: &Path, kafka_port: u16) -> anyhow::Result<Self> {
        let started = Instant::now();
        let child = Command::new(binary)
            .args(["serve", "--kafka-port", &kafka_port.to_string()])
            .args(["--registry-port", "0", "--api-port", "0", "--data-dir"])
            .arg(data_dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("can't start {}", binary.display()))?;
        let mut served = Self { child, ready_ms: 0.0, ready: serde_json::Value::Null };
        let mut line = String::new();
        BufReader::new(served.child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
        served.ready_ms = started.elapsed().as_secs_f64() * 1000.0;
        served.ready =
            serde_json::from_str(&line).with_context(|| format!("not a line of JSON: {line:?}"))?;
        if !served.ready["kafka"].is_string() {
            bail!("no address in {line}");
        }
        Ok(served)
    }

    /// Where the broker listens.
    pub(crate) fn kafka(&self) -> &str {
        self.ready["kafka"].as_str().unwrap_or_default()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// SIGTERM, and waits until it is gone.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        sh::terminate(self.pid())?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Gone already after `stop`: nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
