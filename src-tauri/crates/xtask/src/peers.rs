//! The real programs that tests run beside Pumphouse: Kafka's own tools, Python
//! and Node clients, PostgreSQL. Fetched once into the cache.

mod compared;
mod franz_go_tests;
mod free_port;
mod java;
mod kafka_python_tests;
mod librdkafka;
mod librdkafka_tests;
mod real_kafka;
mod scratch;
mod tansu;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

pub(crate) use compared::COMPARED;
pub(crate) use franz_go_tests::{FranzGoTests, franz_go_tests};
pub(crate) use free_port::free_ports;
pub(crate) use java::java;
pub(crate) use kafka_python_tests::{KafkaPythonTests, kafka_python_tests};
pub(crate) use librdkafka::performance as rdkafka_performance;
pub(crate) use librdkafka_tests::librdkafka_tests;
pub(crate) use real_kafka::{RealKafka, RealKafkaOptions};
pub(crate) use scratch::Scratch;
pub(crate) use tansu::{Tansu, binary as tansu};

use crate::cache::{self, Stamp};
use crate::sh;
use crate::summary::Summary;

/// Environment variables by which tests find the peers.
pub(crate) struct Peers(pub(crate) Vec<(&'static str, PathBuf)>);

const KAFKA: &str = "PUMPHOUSE_PEER_KAFKA";

impl Peers {
    /// The folder of Apache Kafka's jars.
    pub(crate) fn kafka(&self) -> Option<&Path> {
        self.0.iter().find(|(variable, _)| *variable == KAFKA).map(|(_, path)| path.as_path())
    }
}

/// Fetches all peers; one that can't be had is a named skip.
pub(crate) fn fetch(summary: &mut Summary) -> anyhow::Result<Peers> {
    let mut found = Vec::new();
    for (variable, what, get) in [
        (KAFKA, "Apache Kafka's tools (Maven Central)", kafka as fn() -> anyhow::Result<PathBuf>),
        ("PUMPHOUSE_PEER_PYTHON", "Python clients (PyPI)", python),
        ("PUMPHOUSE_PEER_NODE", "Node clients and data sets (npm)", node),
    ] {
        match get() {
            Ok(path) => found.push((variable, path)),
            Err(error) => summary.skip(&format!("{what}: {error:#}"))?,
        }
    }
    Ok(Peers(found))
}

#[derive(Args)]
pub(crate) struct PeersArgs {
    #[command(subcommand)]
    run: Option<Run>,
}

#[derive(Subcommand)]
enum Run {
    /// Start a real Apache Kafka (KRaft) on free ports and an empty directory, and print its address.
    ///
    /// It runs until it is interrupted; its data goes with it.
    Kafka {
        /// 1 or 3, each broker and controller.
        #[arg(long, default_value_t = 1)]
        nodes: usize,
        /// MiB of heap for each; 0 starts it with what Kafka's own scripts give it.
        #[arg(long, default_value_t = 512)]
        heap: u32,
        /// More of server.properties, as NAME=VALUE.
        #[arg(long = "property", value_name = "NAME=VALUE")]
        properties: Vec<String>,
    },
}

pub(crate) fn peers(args: &PeersArgs) -> anyhow::Result<()> {
    let Some(Run::Kafka { nodes, heap, properties }) = &args.run else {
        for (name, path) in [("kafka", kafka()?), ("python", python()?), ("node", node()?)] {
            println!("{name}: {}", path.display());
        }
        return Ok(());
    };
    let properties = properties
        .iter()
        .map(|line| {
            let (name, value) = line.split_once('=').with_context(|| format!("no = in {line}"))?;
            Ok((name.to_owned(), value.to_owned()))
        })
        .collect::<anyhow::Result<_>>()?;
    let (to, stopped) = std::sync::mpsc::channel();
    ctrlc::set_handler(move || {
        // The receiver is gone once it stops anyway.
        let _ = to.send(());
    })?;
    let options = RealKafkaOptions { nodes: *nodes, heap_mib: (*heap > 0).then_some(*heap), properties };
    let mut kafka = RealKafka::start(&self::kafka()?, &options)?;
    println!("{}", kafka.bootstrap());
    eprintln!("pids {:?}, data in {}; Ctrl-C ends it", kafka.pids(), kafka.dir().display());
    while matches!(stopped.recv_timeout(Duration::from_millis(500)), Err(RecvTimeoutError::Timeout)) {
        if !kafka.is_running() {
            bail!("Kafka ended on its own");
        }
    }
    kafka.stop()
}

fn sources() -> PathBuf {
    cache::root().join("tests").join("peers")
}

/// A folder of jars: `java -cp '<folder>/*' kafka.admin…`.
pub(crate) fn kafka() -> anyhow::Result<PathBuf> {
    let pom = sources().join("kafka.pom.xml");
    let home = cache::dir().join("peers").join("kafka");
    let stamp = Stamp::new(home.join(".stamp"), std::slice::from_ref(&pom))?;
    if !stamp.is_fresh() {
        sh::step(
            "fetch Apache Kafka",
            Command::new("mvn")
                .args(["--batch-mode", "--quiet", "--file"])
                .arg(&pom)
                .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
                .arg(format!("-DoutputDirectory={}", home.display())),
        )?;
        stamp.write()?;
    }
    Ok(home)
}

/// The interpreter of a virtual environment with the clients in it.
fn python() -> anyhow::Result<PathBuf> {
    let requirements = sources().join("requirements.txt");
    let home = cache::dir().join("peers").join("python");
    let interpreter = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = Stamp::new(home.join(".stamp"), std::slice::from_ref(&requirements))?;
    if !stamp.is_fresh() {
        let base = if cfg!(windows) { "python" } else { "python3" };
        sh::step("make a Python environment", Command::new(base).args(["-m", "venv", "--clear"]).arg(&home))?;
        sh::step(
            "install Python clients",
            Command::new(&interpreter)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
                .arg(&requirements),
        )?;
        stamp.write()?;
    }
    Ok(interpreter)
}

/// The folder that holds `node_modules`.
fn node() -> anyhow::Result<PathBuf> {
    let manifest = sources().join("package.json");
    let home = cache::dir().join("peers").join("node");
    let stamp = Stamp::new(home.join(".stamp"), std::slice::from_ref(&manifest))?;
    if !stamp.is_fresh() {
        std::fs::create_dir_all(&home)?;
        std::fs::copy(&manifest, home.join("package.json"))?;
        sh::step(
            "install Node clients",
            Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
                .args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"])
                .current_dir(&home),
        )?;
        stamp.write()?;
    }
    Ok(home)
}
