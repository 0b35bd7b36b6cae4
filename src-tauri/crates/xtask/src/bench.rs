//! Measurements: each prints its figures and how they came about.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Subcommand;

use crate::check::cargo;
use crate::system::{self, Need};
use crate::{cache, sh};

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Start of `pumphouse serve` on an empty directory, and its memory when idle.
    Start {
        /// How many starts; the median counts.
        #[arg(long, default_value_t = 11)]
        runs: usize,
        /// Seconds of idling before memory and CPU are read.
        #[arg(long, default_value_t = 10)]
        idle_s: u64,
    },
}

pub(crate) fn bench(what: &Bench) -> anyhow::Result<()> {
    match what {
        Bench::Start { runs, idle_s } => start(*runs, *idle_s),
    }
}

const READY_LIMIT_MS: f64 = 1000.0;
const RSS_LIMIT_MIB: f64 = 60.0;

fn start(runs: usize, idle_s: u64) -> anyhow::Result<()> {
    system::ensure(Need::Serve)?;
    sh::step(
        "build (release, without the window)",
        &mut cargo(&["build", "--release", "--package", "pumphouse", "--no-default-features"]),
    )?;
    let binary = cache::binary("release");
    let scratch = cache::root().join("target").join("bench-start");
    let mut ready_ms = Vec::new();
    let mut again_ms = Vec::new();
    let mut rss_mib = Vec::new();
    let mut idle_cpu = Vec::new();
    for run in 0..runs.max(1) {
        if scratch.exists() {
            std::fs::remove_dir_all(&scratch)?;
        }
        let (mut child, ms) = serve(&binary, &scratch)?;
        ready_ms.push(ms);
        // Idling takes long: three of the runs are enough for memory.
        if run < 3 {
            let before = cpu_s(child.id());
            std::thread::sleep(Duration::from_secs(idle_s));
            rss_mib.push(status_mib(child.id(), "VmRSS:")?);
            idle_cpu.push((cpu_s(child.id()) - before) / idle_s as f64 * 100.0);
        }
        stop(&mut child)?;
        let (mut child, ms) = serve(&binary, &scratch)?;
        again_ms.push(ms);
        stop(&mut child)?;
    }
    std::fs::remove_dir_all(&scratch)?;
    println!("pumphouse serve, release build without the window, ports chosen by the system");
    println!(
        "  ready on an empty directory: {:.0} ms (median of {runs}; worst {:.0}); limit {READY_LIMIT_MS:.0} ms",
        median(&mut ready_ms),
        max(&ready_ms)
    );
    println!(
        "  ready again on its own data: {:.0} ms (median of {runs}; worst {:.0})",
        median(&mut again_ms),
        max(&again_ms)
    );
    println!(
        "  resident memory after {idle_s} s idle: {:.1} MiB (median of {}; worst {:.1}); limit {RSS_LIMIT_MIB:.0} MiB",
        median(&mut rss_mib),
        rss_mib.len(),
        max(&rss_mib)
    );
    println!("  CPU while idle: {:.2} % of one core", median(&mut idle_cpu));
    println!(
        "  how: time from spawning the process until its first line on stdout, which it prints once every service accepts connections;"
    );
    println!("       memory is VmRSS of /proc/PID/status, CPU is utime + stime of /proc/PID/stat");
    if max(&ready_ms) > READY_LIMIT_MS || max(&rss_mib) > RSS_LIMIT_MIB {
        bail!("over the limit");
    }
    Ok(())
}

/// Starts the services and waits for the line that says they are ready.
fn serve(binary: &std::path::Path, data_dir: &std::path::Path) -> anyhow::Result<(Child, f64)> {
    let started = Instant::now();
    let mut child = Command::new(binary)
        .args(["serve", "--kafka-port", "0", "--registry-port", "0", "--api-port", "0", "--data-dir"])
        .arg(data_dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("can't start {}", binary.display()))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("stdout is piped")?).read_line(&mut line)?;
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let ready: serde_json::Value =
        serde_json::from_str(&line).with_context(|| format!("not a line of JSON: {line:?}"))?;
    if !ready["kafka"].is_string() {
        bail!("no address in {line}");
    }
    Ok((child, ms))
}

fn stop(child: &mut Child) -> anyhow::Result<()> {
    sh::terminate(child.id())?;
    child.wait()?;
    Ok(())
}

fn status_mib(pid: u32, field: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with(field)).context("field of /proc/PID/status")?;
    let kib: f64 = line.split_whitespace().nth(1).context("a number")?.parse()?;
    Ok(kib / 1024.0)
}

/// Seconds of CPU used so far; 0 where there is no /proc.
fn cpu_s(pid: u32) -> f64 {
    const TICKS_PER_S: f64 = 100.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after_name.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
    fields.get(11..13).map_or(0.0, |ticks| ticks.iter().sum::<f64>() / TICKS_PER_S)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn max(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}
