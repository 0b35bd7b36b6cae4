//! Rows that need load: throughput, CPU, latency, memory. All brokers run at once, and are measured in turn.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use super::Args;
use super::clients::Clients;
use super::disk;
use super::report::{Report, Target};
use super::subject::{Subject, Who};
use crate::peers::{self, RealKafka, RealKafkaOptions, Scratch, Tansu};

const KIB_RECORDS: u64 = 1_000_000;
const SMALL_RECORDS: u64 = 3_000_000;
/// tansu keeps everything in memory.
const TANSU_RECORDS: u64 = 500_000;
const LATENCY_SECONDS: u64 = 8;
const DISK_BYTES: u64 = 1 << 30;
/// A deleted topic's files go soon, not in the midst of what is measured a minute later. Kafka looks as often as that.
const KAFKA_REMOVES: (&str, &str) = ("log.segment.delete.delay.ms", "1000");
const PUMPHOUSE_REMOVES: &str = "file.delete.delay.ms=0";
const SETTLE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Args, binary: &Path, clients: &Clients, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new("bench-load")?;
    let mut subjects = vec![Subject::start_pumphouse(binary, scratch.path())?];
    if !args.alone {
        let properties = vec![(KAFKA_REMOVES.0.into(), KAFKA_REMOVES.1.into())];
        let options = RealKafkaOptions { nodes: 1, heap_mib: None, properties };
        subjects.push(Subject::Kafka(RealKafka::start(clients.jars(), &options)?));
    }
    if args.wants("memory") {
        std::thread::sleep(SETTLE);
        for subject in &subjects {
            report.add("memory, idle", "MiB", Target::Max(40.0), subject.who(), subject.rss_mib()?);
        }
    }
    for number in 0..args.rounds() {
        eprintln!("round {} of {}", number + 1, args.rounds());
        let round = Round { args, clients, subjects: &subjects, scratch: scratch.path(), number };
        round.run(report)?;
    }
    if args.wants("memory") {
        for subject in &subjects {
            let (name, mib) = ("memory, most under this load", subject.peak_mib()?);
            report.add(name, "MiB", Target::Max(120.0), subject.who(), mib);
        }
    }
    drop(subjects);
    if args.wants("consume") && !args.alone {
        tansu(args, clients, report)?;
    }
    Ok(())
}

/// Every measurement once, on every broker in turn.
struct Round<'a> {
    args: &'a Args,
    clients: &'a Clients,
    subjects: &'a [Subject],
    scratch: &'a Path,
    number: usize,
}

impl Round<'_> {
    fn run(&self, report: &mut Report) -> anyhow::Result<()> {
        let args = self.args;
        if args.wants("produce") {
            self.disk_alone(report)?;
        }
        if args.wants("produce") || args.wants("consume") {
            self.java(report)?;
            self.rdkafka(report)?;
        }
        if args.wants("latency") {
            self.latency(false, report)?;
        }
        if args.wants("fsync") {
            self.sync_alone(report)?;
            self.latency(true, report)?;
        }
        Ok(())
    }

    fn java(&self, report: &mut Report) -> anyhow::Result<()> {
        let clients = self.clients;
        for (size, label, records) in [(1024, "1 KiB", KIB_RECORDS), (100, "100 B", SMALL_RECORDS)] {
            for acks in ["1", "all"] {
                let load = (self.args.records(records), size);
                let gb = load.0 as f64 * size as f64 / 1e9;
                for subject in self.subjects {
                    self.settle()?;
                    let (who, address) = (subject.who(), subject.address());
                    let topic = format!("java-{size}-{acks}-{}", self.number);
                    clients.create(&address, &topic, &[PUMPHOUSE_REMOVES])?;
                    let before = subject.cpu_s();
                    let rate = clients.java_produce(&address, &topic, load, acks)?;
                    let name = format!("produce {label}, acks={acks} (Java)");
                    report.add(&name, "records/s", Target::RatioMin(1.5), who, rate);
                    let between = subject.cpu_s();
                    if acks == "1" {
                        let name = format!("broker CPU, produce {label} (Java)");
                        report.add(&name, "s/GB", Target::None, who, (between - before) / gb);
                        let rate = clients.java_consume(&address, &topic, load)?;
                        let name = format!("consume {label} (Java)");
                        report.add(&name, "MB/s", Target::RatioMin(1.5), who, rate);
                        let name = format!("broker CPU, consume {label} (Java)");
                        report.add(&name, "s/GB", Target::None, who, (subject.cpu_s() - between) / gb);
                    }
                    clients.delete(&address, &topic)?;
                }
            }
        }
        Ok(())
    }

    fn rdkafka(&self, report: &mut Report) -> anyhow::Result<()> {
        let (records, size) = (self.args.records(KIB_RECORDS), 1024);
        let (clients, gb) = (self.clients, records as f64 * size as f64 / 1e9);
        for subject in self.subjects {
            self.settle()?;
            let (who, address, topic) =
                (subject.who(), subject.address(), format!("rdkafka-{}", self.number));
            clients.create(&address, &topic, &[PUMPHOUSE_REMOVES])?;
            let before = subject.cpu_s();
            let rate = clients.rdkafka_produce(&address, &topic, (records, size))?;
            report.add("produce 1 KiB, acks=1 (rdkafka)", "MB/s", Target::RatioMin(1.5), who, rate);
            let between = subject.cpu_s();
            let rate = clients.rdkafka_consume(&address, &topic, records)?;
            report.add("consume 1 KiB (rdkafka)", "MB/s", Target::RatioMin(1.5), who, rate);
            let after = subject.cpu_s();
            report.add("broker CPU to produce", "s/GB", Target::None, who, (between - before) / gb);
            report.add("broker CPU to fetch", "s/GB", Target::None, who, (after - between) / gb);
            let name = "broker CPU, produced + fetched";
            report.add(name, "s/GB", Target::RatioMax(0.3), who, (after - before) / gb);
            clients.delete(&address, &topic)?;
        }
        Ok(())
    }

    fn latency(&self, synced: bool, report: &mut Report) -> anyhow::Result<()> {
        let seconds = self.latency_seconds().to_string();
        let configs: &[&str] =
            if synced { &[PUMPHOUSE_REMOVES, "flush.messages=1"] } else { &[PUMPHOUSE_REMOVES] };
        let kind = if synced { "fsync before each ack" } else { "latency" };
        for subject in self.subjects {
            self.settle()?;
            let (who, address) = (subject.who(), subject.address());
            let topic = format!("latency-{}-{}", if synced { "synced" } else { "plain" }, self.number);
            self.clients.create(&address, &topic, configs)?;
            let said =
                self.clients.own(&["latency", &address, &topic, "--rate", "10000", "--seconds", &seconds])?;
            let p99_target = if synced { Target::Max(5.0) } else { Target::RatioMax(0.5) };
            for (percentile, target) in [("p50", Target::None), ("p99", p99_target)] {
                let ms = said[format!("{percentile}_ms")].as_f64().context("a percentile")?;
                report.add(&format!("{kind}, 10,000 records/s, {percentile}"), "ms", target, who, ms);
            }
            self.clients.delete(&address, &topic)?;
        }
        Ok(())
    }

    /// What the disk takes without a broker.
    fn disk_alone(&self, report: &mut Report) -> anyhow::Result<()> {
        self.settle()?;
        let rate = disk::write_rate(self.scratch, self.args.records(DISK_BYTES))?;
        report.add("disk alone, written and synced", "MB/s", Target::None, Who::Pumphouse, rate);
        Ok(())
    }

    /// How long it takes the disk to make records durable that come at the latency's rate.
    fn sync_alone(&self, report: &mut Report) -> anyhow::Result<()> {
        self.settle()?;
        let ms = disk::sync_p99_ms(self.scratch, self.latency_seconds())?;
        report.add("disk alone, 10,000 records/s synced, p99", "ms", Target::None, Who::Pumphouse, ms);
        Ok(())
    }

    fn latency_seconds(&self) -> u64 {
        if self.args.quick { 2 } else { LATENCY_SECONDS }
    }

    fn settle(&self) -> anyhow::Result<()> {
        let logs: Vec<_> = self.subjects.iter().filter_map(|subject| subject.logs(self.scratch)).collect();
        disk::settle(self.scratch, logs.iter().map(|path| path.as_path()))
    }
}

/// Another broker in Rust, which never writes to disk: what the client itself can take.
fn tansu(args: &Args, clients: &Clients, report: &mut Report) -> anyhow::Result<()> {
    let binary = match peers::tansu() {
        Ok(binary) => binary,
        Err(error) => {
            eprintln!("tansu is left out: {error:#}");
            return Ok(());
        }
    };
    for round in 0..args.rounds() {
        let subject = Subject::Tansu(Tansu::start(&binary)?);
        let (address, topic, records) = (subject.address(), format!("t{round}"), args.records(TANSU_RECORDS));
        clients.create(&address, &topic, &[])?;
        let rate = clients.rdkafka_produce(&address, &topic, (records, 1024))?;
        report.add("produce 1 KiB, acks=1 (rdkafka)", "MB/s", Target::RatioMin(1.5), Who::Tansu, rate);
        let rate = clients.rdkafka_consume(&address, &topic, records)?;
        report.add("consume 1 KiB (rdkafka)", "MB/s", Target::RatioMin(1.5), Who::Tansu, rate);
    }
    Ok(())
}
