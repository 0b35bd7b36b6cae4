//! Rows without a counterpart: how quickly Pumphouse starts, with how much data, and what many partitions cost.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;

use super::Args;
use super::clients::Clients;
use super::report::{Report, Target};
use super::subject::Who;
use crate::bench::measure::status_mib;
use crate::bench::serve::Served;
use crate::peers::{Scratch, free_ports};

const TOPIC: &str = "filled";
const GIB_RECORDS: u64 = 1 << 20;
const PARTITIONS: &str = "10000";
/// Long enough for the upkeep to have come by twice, as it has on a broker that runs.
const UPKEEP: Duration = Duration::from_secs(11);

pub(super) fn run(args: &Args, binary: &Path, clients: &Clients, report: &mut Report) -> anyhow::Result<()> {
    let mut bench = Alone { binary, clients, report };
    if args.wants("start") {
        for _ in 0..args.rounds() {
            let scratch = Scratch::new("bench-empty")?;
            let name = "first acknowledged record, empty directory";
            bench.first_ack(scratch.path(), name, 60.0)?.stop()?;
        }
    }
    if args.wants("start") || args.wants("kill") {
        bench.with_data(args)?;
    }
    if args.wants("partitions") {
        bench.partitions()?;
    }
    if args.wants("disk") {
        bench.disk()?;
    }
    Ok(())
}

struct Alone<'a> {
    binary: &'a Path,
    clients: &'a Clients,
    report: &'a mut Report,
}

impl Alone<'_> {
    fn add(&mut self, name: &str, unit: &'static str, target: Target, value: f64) {
        self.report.add(name, unit, target, Who::Pumphouse, value);
    }

    /// Starts it and notes when the first record was acknowledged.
    fn first_ack(&mut self, data_dir: &Path, name: &str, ms_max: f64) -> anyhow::Result<Served> {
        let port = free_ports(1)?[0];
        let client = self.clients.spawn_own(&["first-ack", &format!("127.0.0.1:{port}"), "first"])?;
        // The client tries by now; a moment more and it does so for certain.
        std::thread::sleep(Duration::from_millis(100));
        let spawned_us = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros() as f64;
        let served = Served::start(self.binary, data_dir, port)?;
        let said = client.wait_with_output()?;
        let said: serde_json::Value = serde_json::from_slice(&said.stdout).context("bench-client")?;
        let acked_us = said["at_us"].as_f64().context("a time")?;
        self.add(name, "ms", Target::Max(ms_max), (acked_us - spawned_us) / 1000.0);
        Ok(served)
    }

    fn with_data(&mut self, args: &Args) -> anyhow::Result<()> {
        let scratch = Scratch::new("bench-filled")?;
        let mut held_gib = 0;
        let mut served = Served::start(self.binary, scratch.path(), 0)?;
        self.clients.create(served.kafka(), TOPIC, &[])?;
        for gib in [1, 10] {
            let records = args.records((gib - held_gib) * GIB_RECORDS);
            self.clients.rdkafka_produce(served.kafka(), TOPIC, (records, 1024))?;
            held_gib = gib;
            if args.wants("kill") {
                for _ in 0..args.rounds().min(3) {
                    served.kill()?;
                    let name = format!("first acknowledged record after kill -9, {gib} GiB");
                    served = self.first_ack(scratch.path(), &name, 1000.0)?;
                }
            }
        }
        if args.wants("start") {
            for _ in 0..args.rounds().min(3) {
                served.stop()?;
                let name = "first acknowledged record, 10 GiB log";
                served = self.first_ack(scratch.path(), name, 500.0)?;
            }
        }
        Ok(())
    }

    fn partitions(&mut self) -> anyhow::Result<()> {
        let scratch = Scratch::new("bench-partitions")?;
        let mut served = Served::start(self.binary, scratch.path(), 0)?;
        let said = self.clients.own(&["create", served.kafka(), "many", PARTITIONS])?;
        let ms = said["ms"].as_f64().context("a time")?;
        self.add("10,000 partitions: create", "ms", Target::Max(5000.0), ms);
        std::thread::sleep(UPKEEP);
        let rss = status_mib(served.pid(), "VmRSS:")?;
        self.add("10,000 partitions: memory", "MiB", Target::Max(200.0), rss);
        served.stop()?;
        let name = "10,000 partitions: first acknowledged record after a stop";
        let mut served = self.first_ack(scratch.path(), name, 2000.0)?;
        served.kill()?;
        let name = "10,000 partitions: first acknowledged record after kill -9";
        self.first_ack(scratch.path(), name, 2000.0)?.stop()
    }

    /// What a topic nobody wrote to takes, by the blocks of its files and folder.
    fn disk(&mut self) -> anyhow::Result<()> {
        let scratch = Scratch::new("bench-disk")?;
        let mut served = Served::start(self.binary, scratch.path(), 0)?;
        self.clients.create(served.kafka(), "empty", &[])?;
        served.stop()?;
        let kib = disk_kib(&scratch.path().join("kafka").join("empty-0"))?;
        self.add("disk of an empty topic", "KiB", Target::Max(64.0), kib);
        Ok(())
    }
}

#[cfg(unix)]
fn disk_kib(dir: &Path) -> anyhow::Result<f64> {
    use std::os::unix::fs::MetadataExt;
    const BLOCK_BYTES: f64 = 512.0;
    let mut blocks = std::fs::metadata(dir)?.blocks();
    for entry in std::fs::read_dir(dir)? {
        blocks += entry?.metadata()?.blocks();
    }
    Ok(blocks as f64 * BLOCK_BYTES / 1024.0)
}

#[cfg(not(unix))]
fn disk_kib(dir: &Path) -> anyhow::Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes as f64 / 1024.0)
}
