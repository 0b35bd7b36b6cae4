//! The programs that put load on a broker, and what they say.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::check::cargo;
use crate::{cache, peers, sh};

/// Where they are.
pub(super) struct Clients {
    jars: PathBuf,
    rdkafka: PathBuf,
    own: PathBuf,
}

impl Clients {
    pub(super) fn build(profile: &str) -> anyhow::Result<Self> {
        let example = ["--package", "pumphouse", "--no-default-features", "--example", "bench-client"];
        sh::step(
            &format!("build the client ({profile})"),
            cargo(&["build", "--profile", profile]).args(example),
        )?;
        let folder = if profile == "dev" { "debug" } else { profile };
        Ok(Self {
            jars: peers::kafka()?,
            rdkafka: peers::rdkafka_performance()?,
            own: cache::target().join(folder).join("examples").join("bench-client"),
        })
    }

    pub(super) fn jars(&self) -> &Path {
        &self.jars
    }

    /// `kafka-producer-perf-test`: records per second.
    pub(super) fn java_produce(
        &self,
        address: &str,
        topic: &str,
        (records, size): (u64, u64),
        acks: &str,
    ) -> anyhow::Result<f64> {
        let text = output(
            self.java("org.apache.kafka.tools.ProducerPerformance")
                .args(["--bootstrap-server", address, "--topic", topic, "--throughput", "-1"])
                .args(["--num-records", &records.to_string(), "--record-size", &size.to_string()])
                .args(["--command-property", &format!("acks={acks}")]),
        )?;
        // The last line that says it sums all up.
        let line = text.lines().rev().find(|line| line.contains("records/sec")).context("no records/sec")?;
        let (before, _) = line.split_once(" records/sec").context("records/sec")?;
        number(before.rsplit([' ', ',']).next().unwrap_or_default())
    }

    /// `kafka-consumer-perf-test`: MB (10⁶ bytes) per second while it fetched.
    pub(super) fn java_consume(
        &self,
        address: &str,
        topic: &str,
        (records, size): (u64, u64),
    ) -> anyhow::Result<f64> {
        let text = output(
            self.java("org.apache.kafka.tools.ConsumerPerformance")
                .args(["--bootstrap-server", address, "--topic", topic, "--hide-header"])
                .args(["--num-records", &records.to_string(), "--timeout", "60000"]),
        )?;
        // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
        let line = text.lines().rev().find(|line| line.matches(", ").count() == 9).context("no figures")?;
        let records_per_s = number(line.rsplit(", ").next().unwrap_or_default())?;
        Ok(records_per_s * size as f64 / 1e6)
    }

    /// `rdkafka_performance -P`, one partition: MB per second.
    pub(super) fn rdkafka_produce(
        &self,
        address: &str,
        topic: &str,
        (records, size): (u64, u64),
    ) -> anyhow::Result<f64> {
        let text = output(
            Command::new(&self.rdkafka).args(["-P", "-t", topic, "-p", "0", "-a", "1", "-b"]).args([
                address,
                "-c",
                &records.to_string(),
                "-s",
                &size.to_string(),
            ]),
        )?;
        mb_per_s(&text)
    }

    /// `rdkafka_performance -C` from the beginning of one partition: MB per second.
    pub(super) fn rdkafka_consume(&self, address: &str, topic: &str, records: u64) -> anyhow::Result<f64> {
        let text = output(
            Command::new(&self.rdkafka).args(["-C", "-t", topic, "-p", "0", "-o", "beginning"]).args([
                "-b",
                address,
                "-c",
                &records.to_string(),
            ]),
        )?;
        mb_per_s(&text)
    }

    /// A command of `bench-client`, and its line of JSON.
    pub(super) fn own(&self, args: &[&str]) -> anyhow::Result<Value> {
        let text = output(Command::new(&self.own).args(args))?;
        serde_json::from_str(text.lines().last().unwrap_or_default())
            .with_context(|| format!("not JSON: {text:?}"))
    }

    /// The same, begun now and waited for later.
    pub(super) fn spawn_own(&self, args: &[&str]) -> anyhow::Result<std::process::Child> {
        Command::new(&self.own)
            .args(args)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .context("can't start bench-client")
    }

    /// Makes a topic of one partition.
    pub(super) fn create(&self, address: &str, topic: &str, configs: &[&str]) -> anyhow::Result<()> {
        self.own(&[&["create", address, topic, "1"], configs].concat()).map(|_| ())
    }

    /// What it holds is not needed any more.
    pub(super) fn delete(&self, address: &str, topic: &str) -> anyhow::Result<()> {
        self.own(&["delete", address, topic]).map(|_| ())
    }

    fn java(&self, class: &str) -> Command {
        let mut command = Command::new("java");
        // As Kafka's own scripts start its tools.
        command
            .args(["-Xmx512M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"])
            .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
            .arg("-cp")
            .arg(format!("{}/*", self.jars.display()))
            .arg(class);
        command
    }
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let said = command.output().with_context(|| format!("can't start {}", sh::describe(command)))?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let errors = String::from_utf8_lossy(&said.stderr).into_owned();
    if !said.status.success() {
        bail!("{} failed: {errors}{text}", sh::describe(command));
    }
    Ok(text + &errors)
}

/// `…: 123456 msgs/s and 126.42 MB/s, …` of the last such line.
fn mb_per_s(text: &str) -> anyhow::Result<f64> {
    let line = text.lines().rev().find(|line| line.contains(" MB/s")).context("no MB/s")?;
    let (before, _) = line.rsplit_once(" MB/s").context("MB/s")?;
    number(before.rsplit([' ', '(']).next().unwrap_or_default())
}

fn number(text: &str) -> anyhow::Result<f64> {
    text.trim().parse().with_context(|| format!("not a number: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_found() {
        let said = "% 500000 messages produced (512000000 bytes), 0 timestamp 0 in 2100ms: 238095 msgs/s and 243.81 MB/s, 0 produce failures";
        assert_eq!(mb_per_s(said).ok(), Some(243.81));
        assert!(mb_per_s("nothing").is_err());
    }
}
