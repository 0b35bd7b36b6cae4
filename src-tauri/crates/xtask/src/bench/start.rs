//! Start of `pumphouse serve`, and its memory when idle.

use std::time::Duration;

use anyhow::bail;

use super::measure::{cpu_s, max, median, status_mib};
use super::serve::{Served, build};
use crate::cache;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many starts; the median counts.
    #[arg(long, default_value_t = 11)]
    runs: usize,
    /// Seconds of idling before memory and CPU are read.
    #[arg(long, default_value_t = 10)]
    idle_s: u64,
}

const READY_LIMIT_MS: f64 = 1000.0;
const RSS_LIMIT_MIB: f64 = 60.0;

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let &Args { runs, idle_s } = args;
    let binary = build("release")?;
    let scratch = cache::root().join("target").join("bench-start");
    let mut ready_ms = Vec::new();
    let mut again_ms = Vec::new();
    let mut rss_mib = Vec::new();
    let mut idle_cpu = Vec::new();
    for run in 0..runs.max(1) {
        if scratch.exists() {
            std::fs::remove_dir_all(&scratch)?;
        }
        let mut served = Served::start(&binary, &scratch, 0)?;
        ready_ms.push(served.ready_ms);
        // Idling takes long: three of the runs are enough for memory.
        if run < 3 {
            let before = cpu_s(served.pid());
            std::thread::sleep(Duration::from_secs(idle_s));
            rss_mib.push(status_mib(served.pid(), "VmRSS:")?);
            idle_cpu.push((cpu_s(served.pid()) - before) / idle_s as f64 * 100.0);
        }
        served.stop()?;
        let mut served = Served::start(&binary, &scratch, 0)?;
        again_ms.push(served.ready_ms);
        served.stop()?;
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
