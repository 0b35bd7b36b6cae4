//! The process that is killed.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

/// `pumphouse serve` on one directory and one port, whatever happens.
pub(crate) struct Server {
    binary: PathBuf,
    data_dir: PathBuf,
    port: u16,
    address: String,
    child: Child,
}

impl Server {
    pub(crate) fn start(binary: &Path, data_dir: &Path) -> anyhow::Result<Self> {
        // Free until somebody else takes it: the clients must find it again after each restart.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = spawn(binary, data_dir, port)?;
        let address = format!("127.0.0.1:{port}");
        Ok(Self { binary: binary.into(), data_dir: data_dir.into(), port, address, child })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn restart(&mut self) -> anyhow::Result<()> {
        self.child = spawn(&self.binary, &self.data_dir, self.port)?;
        Ok(())
    }

    /// A topic with segments so small that they are rolled while the test runs.
    pub(crate) fn create(&self, topic: &str, partitions: i32) -> anyhow::Result<()> {
        let client: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.address).create()?;
        let wanted =
            NewTopic::new(topic, partitions, TopicReplication::Fixed(1)).set("segment.bytes", "1048576");
        let made = futures::executor::block_on(client.create_topics([&wanted], &AdminOptions::new()))?;
        match made.into_iter().next() {
            Some(Ok(_)) => Ok(()),
            other => bail!("{topic} was not made: {other:?}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already when the test failed between kill and restart.
        let _ = self.kill();
    }
}

fn spawn(binary: &Path, data_dir: &Path, port: u16) -> anyhow::Result<Child> {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(data_dir.join("stderr.log"))?;
    let mut child = Command::new(binary)
        .args(["serve", "--kafka-port", &port.to_string(), "--registry-port", "0", "--api-port", "0"])
        .arg("--data-dir")
        .arg(data_dir)
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .with_context(|| format!("can't start {}", binary.display()))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
    if !line.contains("\"kafka\"") {
        bail!("it did not start: {line:?}; see stderr.log");
    }
    Ok(child)
}
