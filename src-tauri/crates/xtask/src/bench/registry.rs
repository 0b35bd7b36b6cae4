//! The schema registry over HTTP, stored in the broker's topic.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use super::http::Connection;
use super::measure::{cpu_s, median, status_mib};
use super::serve::{Served, build};
use crate::cache;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Schemas registered before anything is measured.
    #[arg(long, default_value_t = 10_000)]
    schemas: usize,
    /// Connections that look schemas up at once.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds of looking up.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Registrations that are timed.
    #[arg(long, default_value_t = 2_000)]
    registrations: usize,
    /// Starts on the registered schemas; the median counts.
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Cargo's profile: `release`, or `quick` while working.
    #[arg(long, default_value = "release")]
    profile: String,
}

const LOOKUPS_A_SECOND: f64 = 20_000.0;
const REGISTER_P99_MS: f64 = 5.0;
const START_MS: f64 = 300.0;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let binary = build(&args.profile)?;
    let scratch = cache::root().join("target").join("bench-registry");
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch)?;
    }
    let mut served = Served::start(&binary, &scratch, 0)?;
    let empty_ms = served.ready_ms;
    let url = registry(&served)?;
    let started = Instant::now();
    let mut connection = Connection::open(&url)?;
    for n in 0..args.schemas {
        register(&mut connection, &format!("topic-{n}-value"), n)?;
    }
    let filled_s = started.elapsed().as_secs_f64();

    let before = cpu_s(served.pid());
    let mut lookups = look_up(&url, args)?;
    let seconds = args.seconds.max(1) as f64;
    let cpu = (cpu_s(served.pid()) - before) / seconds;
    let rate = lookups.len() as f64 / seconds;

    let mut registrations = Vec::with_capacity(args.registrations);
    for n in 0..args.registrations {
        let started = Instant::now();
        register(&mut connection, &format!("new-{n}-value"), args.schemas + n)?;
        registrations.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let rss_mib = status_mib(served.pid(), "VmRSS:")?;
    drop(connection);
    served.stop()?;

    let mut starts_ms = Vec::new();
    for _ in 0..args.starts.max(1) {
        let mut served = Served::start(&binary, &scratch, 0)?;
        starts_ms.push(served.ready_ms);
        // Ready means that all are there.
        Connection::open(&registry(&served)?)?.send("GET", &format!("/schemas/ids/{}", args.schemas), "")?;
        served.stop()?;
    }
    std::fs::remove_dir_all(&scratch)?;

    let start_ms = median(&mut starts_ms);
    let register_p99_ms = percentile(&mut registrations, 0.99);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("pumphouse serve, {} build without the window, {cores} cores", args.profile);
    println!(
        "  look-up by id: {rate:.0} a second; p50 {:.2} ms, p99 {:.2} ms; limit {LOOKUPS_A_SECOND:.0} a second",
        percentile(&mut lookups, 0.5),
        percentile(&mut lookups, 0.99)
    );
    println!(
        "    how: {} connections kept alive in this process, one request each at a time, for {} s over {} ids; the server used {cpu:.2} cores",
        args.connections, args.seconds, args.schemas
    );
    println!(
        "  register: p50 {:.2} ms, p99 {register_p99_ms:.2} ms; limit {REGISTER_P99_MS} ms",
        percentile(&mut registrations, 0.5)
    );
    println!(
        "    how: {} Avro records of four fields, each new and in a subject of its own, one after the other over one connection; the first {} took {filled_s:.1} s",
        args.registrations, args.schemas
    );
    println!(
        "  start with {} schemas: {start_ms:.0} ms (median of {}); limit {START_MS:.0} ms; on an empty directory {empty_ms:.0} ms",
        args.schemas + args.registrations,
        args.starts
    );
    println!(
        "    how: from spawning the process until its first line on stdout, which it prints once every service accepts connections"
    );
    println!("  resident memory with them: {rss_mib:.1} MiB");
    if rate < LOOKUPS_A_SECOND || register_p99_ms > REGISTER_P99_MS || start_ms > START_MS {
        bail!("over the limit");
    }
    Ok(())
}

fn registry(served: &Served) -> anyhow::Result<String> {
    Ok(served.ready["registry"].as_str().context("the registry's address")?.to_owned())
}

fn register(connection: &mut Connection, subject: &str, n: usize) -> anyhow::Result<()> {
    let schema = serde_json::json!({
        "type": "record",
        "name": format!("Event{n}"),
        "namespace": "bench",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "name", "type": "string"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "tags", "type": {"type": "array", "items": "string"}},
        ],
    });
    let body = serde_json::json!({"schema": schema.to_string()}).to_string();
    connection.send("POST", &format!("/subjects/{subject}/versions"), &body)
}

/// Milliseconds of each look-up made within the time.
fn look_up(url: &str, args: &Args) -> anyhow::Result<Vec<f64>> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..args.connections.max(1))
            .map(|thread| {
                let stop = &stop;
                scope.spawn(move || -> anyhow::Result<Vec<f64>> {
                    let mut connection = Connection::open(url)?;
                    let mut times = Vec::new();
                    let mut n = thread * 631;
                    while !stop.load(Ordering::Relaxed) {
                        let started = Instant::now();
                        connection.send("GET", &format!("/schemas/ids/{}", n % args.schemas + 1), "")?;
                        times.push(started.elapsed().as_secs_f64() * 1000.0);
                        n += 1;
                    }
                    Ok(times)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_secs(args.seconds.max(1)));
        stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("a thread of the load ended badly"))??);
        }
        Ok(all)
    })
}

/// Sorts.
fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len() as f64 * part) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
