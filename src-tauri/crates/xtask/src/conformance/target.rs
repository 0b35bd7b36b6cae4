//! What a suite runs against.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use crate::cache;
use crate::peers::{RealKafka, RealKafkaOptions, Scratch};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Pumphouse,
    Kafka,
}

impl TargetKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            TargetKind::Pumphouse => "Pumphouse",
            TargetKind::Kafka => "Apache Kafka",
        }
    }
}

/// A running broker on an empty directory and a free port; ended when dropped.
pub(crate) enum Target {
    Pumphouse(Pumphouse),
    Kafka(RealKafka),
}

impl Target {
    /// `properties` are Kafka's own names, given to either.
    pub(crate) fn start(kind: TargetKind, jars: &Path, properties: &[(&str, &str)]) -> anyhow::Result<Self> {
        match kind {
            TargetKind::Pumphouse => Ok(Target::Pumphouse(Pumphouse::start(properties)?)),
            TargetKind::Kafka => {
                let properties =
                    properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
                let options =
                    RealKafkaOptions { properties: properties.collect(), ..RealKafkaOptions::small() };
                Ok(Target::Kafka(RealKafka::start(jars, &options)?))
            }
        }
    }

    pub(crate) fn bootstrap(&self) -> String {
        match self {
            Target::Pumphouse(pumphouse) => pumphouse.kafka.clone(),
            Target::Kafka(kafka) => kafka.bootstrap(),
        }
    }

    /// The folder of its partitions' folders.
    pub(crate) fn logs(&self) -> PathBuf {
        match self {
            Target::Pumphouse(pumphouse) => pumphouse.scratch.path().join("data").join("kafka"),
            Target::Kafka(kafka) => kafka.dir().join("node-1").join("data"),
        }
    }

    /// Whether it still runs: a broker that has ended has failed its suite.
    pub(crate) fn is_running(&mut self) -> bool {
        match self {
            Target::Pumphouse(pumphouse) => matches!(pumphouse.process.try_wait(), Ok(None)),
            Target::Kafka(kafka) => kafka.is_running(),
        }
    }

    /// What it has complained about.
    pub(crate) fn log(&self) -> String {
        match self {
            Target::Pumphouse(pumphouse) => {
                std::fs::read_to_string(pumphouse.scratch.path().join("stderr.log")).unwrap_or_default()
            }
            Target::Kafka(_) => String::new(),
        }
    }
}

/// `pumphouse serve`.
pub(crate) struct Pumphouse {
    process: Child,
    kafka: String,
    scratch: Scratch,
}

impl Pumphouse {
    fn start(properties: &[(&str, &str)]) -> anyhow::Result<Self> {
        let scratch = Scratch::new("conformance")?;
        let data = scratch.path().join("data");
        std::fs::create_dir_all(&data)?;
        let lines = properties.iter().map(|(name, value)| format!("'{name}' = '{value}'\n"));
        std::fs::write(data.join("config.toml"), format!("[broker]\n{}", lines.collect::<String>()))?;
        let binary = cache::binary("debug");
        let mut process = Command::new(&binary)
            .args(["serve", "--kafka-port", "0", "--registry-port", "0", "--api-port", "0", "--data-dir"])
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(scratch.path().join("stderr.log"))?)
            .spawn()
            .with_context(|| format!("can't start {}", binary.display()))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
        let ready: serde_json::Value = serde_json::from_str(&line).with_context(|| {
            let log = std::fs::read_to_string(scratch.path().join("stderr.log")).unwrap_or_default();
            format!("pumphouse did not start: {line:?} {log}")
        })?;
        let kafka = ready["kafka"].as_str().context("an address")?.to_owned();
        Ok(Self { process, kafka, scratch })
    }
}

impl Drop for Pumphouse {
    fn drop(&mut self) {
        // Gone already if it has crashed: nothing to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::env::var_os("PUMPHOUSE_KEEP_TEMP").is_some() {
            let log = std::fs::read_to_string(self.scratch.path().join("stderr.log")).unwrap_or_default();
            eprintln!("the broker's log:\n{log}");
        }
    }
}
