//! The disk without a broker, and what must be over before it is measured with one.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;

/// More than a measurement takes of the page cache.
const TOUCHED_BYTES: u64 = 3 << 29;

/// Both brokers look every few seconds for what is to be removed.
const REMOVED_WITHIN: Duration = Duration::from_secs(90);

/// What was written before is on disk, what was deleted is removed (its blocks go back to the disk, which then has
/// no time for others), and the memory that comes next has been in use just now: on a virtual machine whoever first
/// touches a page waits until the host has found one.
pub(super) fn settle<'a>(scratch: &Path, logs: impl Iterator<Item = &'a Path>) -> anyhow::Result<()> {
    for dir in logs {
        removed(dir)?;
    }
    sync()?;
    let path = scratch.join("touched");
    write_pieces(&path, TOUCHED_BYTES)?;
    fs::remove_file(&path)?;
    sync()
}

/// Waits until no folder of a deleted partition is left.
fn removed(logs: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    while fs::read_dir(logs)?.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with("-delete"))
    {
        if started.elapsed() > REMOVED_WITHIN {
            eprintln!(
                "deleted topics are still in {}: what follows is measured beside their removal",
                logs.display()
            );
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

fn sync() -> anyhow::Result<()> {
    Command::new("sync").status().context("can't start sync").map(|_| ())
}

/// MB (10⁶ bytes) per second, written in pieces and made durable at the end.
pub(super) fn write_rate(scratch: &Path, bytes: u64) -> anyhow::Result<f64> {
    let path = scratch.join("disk-alone");
    let started = Instant::now();
    write_pieces(&path, bytes)?.sync_data()?;
    let rate = bytes as f64 / 1e6 / started.elapsed().as_secs_f64();
    fs::remove_file(&path)?;
    Ok(rate)
}

/// Writes a file, without making it durable.
fn write_pieces(path: &Path, bytes: u64) -> anyhow::Result<File> {
    let piece = vec![0x5a; 1 << 20];
    let mut file = File::create(path)?;
    for _ in 0..bytes / piece.len() as u64 {
        file.write_all(&piece)?;
    }
    Ok(file)
}

/// Ten records, as the client of the latency sends them: in a batch, with what a record takes beside its value.
const STEP: Duration = Duration::from_millis(1);
const STEP_BYTES: usize = 61 + 10 * 110;

/// From an append to the end of the sync that covers it, one sync for all that wait: the 99th of 100, in ms. What
/// a broker would need that did nothing else.
pub(super) fn sync_p99_ms(scratch: &Path, seconds: u64) -> anyhow::Result<f64> {
    let path = scratch.join("synced-alone");
    let file = File::create(&path)?;
    let (sender, appended) = mpsc::channel::<Instant>();
    let mut latencies = std::thread::scope(|scope| {
        let file = &file;
        let syncing = scope.spawn(move || synced(file, &appended));
        let (bytes, started) = ([0x5a; STEP_BYTES], Instant::now());
        while started.elapsed() < Duration::from_secs(seconds) {
            let mut file = file;
            file.write_all(&bytes)?;
            // Only a sync that failed stops listening: it says so below.
            let _ = sender.send(Instant::now());
            std::thread::sleep(STEP);
        }
        drop(sender);
        syncing.join().map_err(|_| anyhow::anyhow!("the thread that syncs ended"))?
    })?;
    fs::remove_file(&path)?;
    latencies.sort_by(f64::total_cmp);
    latencies.get(latencies.len() * 99 / 100).copied().context("nothing was synced")
}

/// Syncs whenever something was appended; how long each append waited, in ms.
fn synced(file: &File, appended: &mpsc::Receiver<Instant>) -> anyhow::Result<Vec<f64>> {
    let mut latencies = Vec::new();
    while let Ok(first) = appended.recv() {
        let waiting: Vec<Instant> = std::iter::once(first).chain(appended.try_iter()).collect();
        file.sync_data()?;
        latencies.extend(waiting.iter().map(|since| since.elapsed().as_secs_f64() * 1000.0));
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_alone_is_measured() {
        let dir = crate::peers::Scratch::new("disk-alone").expect("temp dir");
        assert!(write_rate(dir.path(), 2 << 20).expect("writes") > 0.0);
        assert!(sync_p99_ms(dir.path(), 0).is_err(), "nothing was appended");
        assert!(sync_p99_ms(dir.path(), 1).expect("syncs") > 0.0);
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }
}
