//! Rows that need load: throughput, CPU, latency, memory. All brokers run at once, and are measured in turn.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context;

use super::Args;
use super::clients::Clients;
use super::report::{Report, Target};
use super::subject::{Subject, Who};
use crate::peers::{self, RealKafka, RealKafkaOptions, Scratch, Tansu};

const KIB_RECORDS: u64 = 1_000_000;
const SMALL_RECORDS: u64 = 3_000_000;
/// tansu keeps everything in memory.
const TANSU_RECORDS: u64 = 500_000;
const LATENCY_SECONDS: &str = "8";
const DISK_BYTES: u64 = 1 << 30;
const SETTLE: Duration = Duration::from_secs(5);

pub(super) fn run(args: &Args, binary: &Path, clients: &Clients, report: &mut Report) -> anyhow::Result<()> {
    let scratch = Scratch::new("bench-load")?;
    let mut subjects = vec![Subject::start_pumphouse(binary, &scratch.path().join("data"))?];
    if !args.alone {
        let options = RealKafkaOptions { nodes: 1, heap_mib: None, properties: Vec::new() };
        subjects.push(Subject::Kafka(RealKafka::start(clients.jars(), &options)?));
    }
    if args.wants("memory") {
        std::thread::sleep(SETTLE);
        for subject in &subjects {
            report.add(
                "memory, idle",
                "MiB",
                memory_target(subject, 40.0),
                subject.who(),
                subject.rss_mib()?,
            );
        }
    }
    for round in 0..args.rounds() {
        eprintln!("round {} of {}", round + 1, args.rounds());
        if args.wants("produce") {
            disk_alone(scratch.path(), args, report)?;
            java_produce(args, clients, &subjects, round, report)?;
        }
        if args.wants("produce") || args.wants("consume") {
            rdkafka(args, clients, &subjects, round, report)?;
        }
        if args.wants("latency") {
            latency(args, clients, &subjects, round, &[], report)?;
        }
        if args.wants("fsync") {
            latency(args, clients, &subjects, round, &["flush.messages=1"], report)?;
        }
    }
    if args.wants("memory") {
        for subject in &subjects {
            let name = "memory, most under this load";
            report.add(name, "MiB", memory_target(subject, 120.0), subject.who(), subject.peak_mib()?);
        }
    }
    drop(subjects);
    if args.wants("consume") && !args.alone {
        tansu(args, clients, report)?;
    }
    Ok(())
}

fn memory_target(_: &Subject, mib_max: f64) -> Target {
    Target::Max(mib_max)
}

/// What was written before is on disk and does not disturb what comes next.
fn settle() -> anyhow::Result<()> {
    Command::new("sync").status().context("can't start sync")?;
    Ok(())
}

fn java_produce(
    args: &Args,
    clients: &Clients,
    subjects: &[Subject],
    round: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (size, label, records) in [(1024, "1 KiB", KIB_RECORDS), (100, "100 B", SMALL_RECORDS)] {
        for acks in ["1", "all"] {
            let load = (args.records(records), size);
            for subject in subjects {
                settle()?;
                let topic = format!("java-{size}-{acks}-{round}");
                clients.create(&subject.address(), &topic, &[])?;
                let rate = clients.java_produce(&subject.address(), &topic, load, acks)?;
                let name = format!("produce {label}, acks={acks} (Java)");
                report.add(&name, "records/s", Target::RatioMin(1.5), subject.who(), rate);
                if size == 1024 && acks == "1" && args.wants("consume") {
                    let rate = clients.java_consume(&subject.address(), &topic, load)?;
                    report.add("consume 1 KiB (Java)", "MB/s", Target::RatioMin(1.5), subject.who(), rate);
                }
            }
        }
    }
    Ok(())
}

fn rdkafka(
    args: &Args,
    clients: &Clients,
    subjects: &[Subject],
    round: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (records, size) = (args.records(KIB_RECORDS), 1024);
    for subject in subjects {
        settle()?;
        let (who, address, topic) = (subject.who(), subject.address(), format!("rdkafka-{round}"));
        clients.create(&address, &topic, &[])?;
        let before = subject.cpu_s();
        let rate = clients.rdkafka_produce(&address, &topic, (records, size))?;
        report.add("produce 1 KiB, acks=1 (rdkafka)", "MB/s", Target::RatioMin(1.5), who, rate);
        let between = subject.cpu_s();
        let rate = clients.rdkafka_consume(&address, &topic, records)?;
        report.add("consume 1 KiB (rdkafka)", "MB/s", Target::RatioMin(1.5), who, rate);
        let after = subject.cpu_s();
        let gb = records as f64 * size as f64 / 1e9;
        report.add("broker CPU to produce", "s/GB", Target::None, who, (between - before) / gb);
        report.add("broker CPU to fetch", "s/GB", Target::None, who, (after - between) / gb);
        let name = "broker CPU, produced + fetched";
        report.add(name, "s/GB", Target::RatioMax(0.3), who, (after - before) / gb);
    }
    Ok(())
}

fn latency(
    args: &Args,
    clients: &Clients,
    subjects: &[Subject],
    round: usize,
    configs: &[&str],
    report: &mut Report,
) -> anyhow::Result<()> {
    let seconds = if args.quick { "2" } else { LATENCY_SECONDS };
    let synced = !configs.is_empty();
    let kind = if synced { "fsync before each acknowledgement" } else { "latency" };
    for subject in subjects {
        settle()?;
        let (who, address) = (subject.who(), subject.address());
        let topic = format!("latency-{}-{round}", if synced { "synced" } else { "plain" });
        clients.create(&address, &topic, configs)?;
        let said = clients.own(&["latency", &address, &topic, "--rate", "10000", "--seconds", seconds])?;
        let p99_target = if synced { Target::Max(5.0) } else { Target::RatioMax(0.5) };
        for (percentile, target) in [("p50", Target::None), ("p99", p99_target)] {
            let ms = said[format!("{percentile}_ms")].as_f64().context("a percentile")?;
            report.add(&format!("{kind}, 10,000 records/s, {percentile}"), "ms", target, who, ms);
        }
    }
    Ok(())
}

/// What the disk takes without a broker.
fn disk_alone(dir: &Path, args: &Args, report: &mut Report) -> anyhow::Result<()> {
    settle()?;
    let path = dir.join("disk-alone");
    let piece = vec![0x5a; 1 << 20];
    let started = Instant::now();
    let mut file = File::create(&path)?;
    let pieces = args.records(DISK_BYTES / piece.len() as u64);
    for _ in 0..pieces {
        file.write_all(&piece)?;
    }
    file.sync_data()?;
    let rate = pieces as f64 * piece.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    report.add("disk alone, written and synced", "MB/s", Target::None, Who::Pumphouse, rate);
    Ok(())
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
