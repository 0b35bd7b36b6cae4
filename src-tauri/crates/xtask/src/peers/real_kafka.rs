//! A real Apache Kafka from its jars, beside which Pumphouse is measured and compared.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::free_port::free_ports;
use super::scratch::Scratch;
use crate::sh;

/// How a Kafka is started.
#[derive(Clone)]
pub(crate) struct RealKafkaOptions {
    /// Each is broker and controller (KRaft).
    pub(crate) nodes: usize,
    /// None leaves the heap to Kafka's own start script's 1 GiB, and the compiler at full optimisation.
    pub(crate) heap_mib: Option<u32>,
    /// More of `server.properties`; wins over what is set here.
    pub(crate) properties: Vec<(String, String)>,
}

impl RealKafkaOptions {
    /// One node with a heap that leaves room for what runs beside it.
    pub(crate) fn small() -> Self {
        Self { nodes: 1, heap_mib: Some(512), properties: Vec::new() }
    }
}

/// A running cluster on free ports and an empty directory; ended when dropped.
pub(crate) struct RealKafka {
    nodes: Vec<Node>,
    // Dropped last: the processes write into it.
    scratch: Scratch,
}

struct Node {
    process: Child,
    address: String,
    log: PathBuf,
}

/// Starting takes about two seconds, and many times that on a machine that does much else.
const START_LIMIT: Duration = Duration::from_secs(120);
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Of a new cluster; nothing compares two of them.
const CLUSTER_ID: &str = "PumphousePeersKafka0AA";

impl RealKafka {
    /// Formats the storage, starts every node and waits until each knows all the others.
    pub(crate) fn start(jars: &Path, options: &RealKafkaOptions) -> anyhow::Result<Self> {
        let count = options.nodes.max(1);
        let scratch = Scratch::new("kafka")?;
        let ports = free_ports(count * 2)?;
        let (brokers, controllers) = ports.split_at(count);
        let mut cluster = Self { nodes: Vec::new(), scratch };
        for index in 0..count {
            let node = cluster.spawn(jars, options, index, brokers, controllers)?;
            cluster.nodes.push(node);
        }
        let started = Instant::now();
        for node in &mut cluster.nodes {
            node.wait_for(count, started)?;
        }
        Ok(cluster)
    }

    /// For `bootstrap.servers`.
    pub(crate) fn bootstrap(&self) -> String {
        self.nodes.iter().map(|node| node.address.as_str()).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn pids(&self) -> Vec<u32> {
        self.nodes.iter().map(|node| node.process.id()).collect()
    }

    /// Where the data and the logs of the processes are.
    pub(crate) fn dir(&self) -> &Path {
        self.scratch.path()
    }

    /// The folder of the first node's partitions' folders.
    pub(crate) fn logs(&self) -> PathBuf {
        self.scratch.path().join("node-1").join("data")
    }

    /// Whether every node still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.nodes.iter_mut().all(|node| matches!(node.process.try_wait(), Ok(None)))
    }

    /// Ends it in Kafka's own order, by force when that takes too long.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        for pid in self.pids() {
            sh::terminate(pid)?;
        }
        let asked = Instant::now();
        while self.nodes.iter_mut().any(|node| matches!(node.process.try_wait(), Ok(None))) {
            if asked.elapsed() > STOP_LIMIT {
                break; // Dropping ends what is left.
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn spawn(
        &self,
        jars: &Path,
        options: &RealKafkaOptions,
        index: usize,
        brokers: &[u16],
        controllers: &[u16],
    ) -> anyhow::Result<Node> {
        let id = index + 1;
        let home = self.scratch.path().join(format!("node-{id}"));
        std::fs::create_dir_all(&home)?;
        let properties = home.join("server.properties");
        std::fs::write(&properties, server_properties(&home, options, index, brokers, controllers))?;
        let format = ["format", "--cluster-id", CLUSTER_ID, "--config"];
        let mut tool = super::java::java(jars, None, 256, "kafka.tools.StorageTool");
        tool.args(format).arg(&properties);
        if brokers.len() == 1 {
            tool.arg("--standalone");
            // One node has nobody else to elect. The feature would fix min.insync.replicas for the cluster, which
            // then shows in every topic's configuration.
            tool.args(["--feature", "eligible.leader.replicas.version=0"]);
        }
        let said = tool.output().context("can't start java")?;
        if !said.status.success() {
            bail!("Kafka's storage was not formatted: {}", String::from_utf8_lossy(&said.stderr));
        }
        let log = home.join("kafka.log");
        let process = server(jars, options)
            .arg(&properties)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(home.join("stdout.log"))?)
            .stderr(std::fs::File::create(&log)?)
            .spawn()
            .context("can't start java")?;
        Ok(Node { process, address: format!("127.0.0.1:{}", brokers[index]), log })
    }
}

impl Drop for RealKafka {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            // Gone already after a stop: nothing to do then.
            let _ = node.process.kill();
            let _ = node.process.wait();
        }
    }
}

impl Node {
    fn wait_for(&mut self, brokers: usize, started: Instant) -> anyhow::Result<()> {
        loop {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                bail!("Kafka ended at once: {status}\n{log}");
            }
            if brokers_known(&self.address).is_some_and(|known| known == brokers) {
                return Ok(());
            }
            if started.elapsed() > START_LIMIT {
                bail!("Kafka was not ready within {} s; see {}", START_LIMIT.as_secs(), self.log.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn server(jars: &Path, options: &RealKafkaOptions) -> Command {
    const CLASS: &str = "kafka.Kafka";
    let Some(heap_mib) = options.heap_mib else {
        // As kafka-server-start.sh and kafka-run-class.sh do.
        let mut command = Command::new("java");
        command
            .args(["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20"])
            .args(["-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"])
            .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=info")
            .arg("-cp")
            .arg(format!("{}/*", jars.display()))
            .arg(CLASS);
        return command;
    };
    super::java::java(jars, None, heap_mib, CLASS)
}

fn server_properties(
    home: &Path,
    options: &RealKafkaOptions,
    index: usize,
    brokers: &[u16],
    controllers: &[u16],
) -> String {
    let id = index + 1;
    let replicas = brokers.len().min(3);
    let voters: Vec<String> =
        controllers.iter().zip(1..).map(|(port, id)| format!("{id}@127.0.0.1:{port}")).collect();
    let mut lines = vec![
        "process.roles=broker,controller".to_owned(),
        format!("node.id={id}"),
        match controllers {
            [alone] => format!("controller.quorum.bootstrap.servers=127.0.0.1:{alone}"),
            _ => format!("controller.quorum.voters={}", voters.join(",")),
        },
        format!(
            "listeners=PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{}",
            brokers[index], controllers[index]
        ),
        "controller.listener.names=CONTROLLER".to_owned(),
        format!("log.dirs={}", home.join("data").display()),
        format!("offsets.topic.replication.factor={replicas}"),
        format!("transaction.state.log.replication.factor={replicas}"),
        "transaction.state.log.min.isr=1".to_owned(),
        format!("share.coordinator.state.topic.replication.factor={replicas}"),
        "share.coordinator.state.topic.min.isr=1".to_owned(),
        "group.initial.rebalance.delay.ms=0".to_owned(),
    ];
    // The last of two lines for a name counts.
    lines.extend(options.properties.iter().map(|(name, value)| format!("{name}={value}")));
    lines.join("\n") + "\n"
}

/// How many brokers the one at `address` knows: a Metadata request, version 1, for no topic.
fn brokers_known(address: &str) -> Option<usize> {
    const REQUEST: &[u8] = b"\0\0\0\x0e\0\x03\0\x01\0\0\0\x01\xff\xff\0\0\0\0";
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(REQUEST).ok()?;
    // Length, correlation id, number of brokers.
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    usize::try_from(u32::from_be_bytes([head[8], head[9], head[10], head[11]])).ok()
}
