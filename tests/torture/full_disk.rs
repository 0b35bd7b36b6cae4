//! A disk that is full in the middle of the load: records wait, reading goes on, nothing is lost, and writing goes on
//! when there is room.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use testkit::{Random, SmallDisk};

use crate::server::Server;
use crate::writers::{self, Writers};
use crate::{LIMIT, PARTITIONS, RECORDS_PER_ROUND, TOPIC, reader};

const FILLS: usize = 3;
/// No record is acknowledged for so long: the disk is full.
const SILENCE: Duration = Duration::from_millis(700);

pub(crate) fn full_disk(binary: &Path, random: &mut Random) -> anyhow::Result<()> {
    let dir = tempfile::TempDir::new()?;
    let Some(_disk) = SmallDisk::mount(dir.path(), "64m") else {
        return skip("torture: a full disk (this user may not mount a tmpfs)");
    };
    let mut server = Server::start(binary, dir.path())?;
    server.create(TOPIC, PARTITIONS)?;
    let mut writers = Writers::start(server.address())?;
    for fill in 0..FILLS {
        writers.wait_for(writers.acknowledged() + RECORDS_PER_ROUND)?;
        let ballast = dir.path().join("ballast");
        fill_up(&ballast)?;
        wait_for_silence(&writers, &ballast)?;
        writers.check(server.address()).context("reading while the disk is full")?;
        let killed = random.one_in(2);
        if killed {
            server.kill()?;
        }
        std::fs::remove_file(&ballast)?;
        if killed {
            server.restart()?;
        }
        writers.wait_for(writers.acknowledged() + RECORDS_PER_ROUND).context("writing when there is room")?;
        writers.check(server.address()).with_context(|| format!("after the disk was full, fill {fill}"))?;
        println!("disk full {}: {} records, killed meanwhile: {killed}", fill + 1, writers.acknowledged());
    }
    let records = writers.stop()?;
    for (partition, end) in writers::ends(&records) {
        let (_, found) = reader::watermarks(server.address(), TOPIC, partition)?;
        ensure!(found >= end, "partition {partition} ends at {found}, {end} was acknowledged");
    }
    writers::check_all(server.address(), &records)
}

/// Takes what room there is.
fn fill_up(ballast: &Path) -> anyhow::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(ballast)?;
    for size in [1 << 20, 1 << 12] {
        while file.write_all(&vec![7; size]).is_ok() {}
    }
    Ok(())
}

fn wait_for_silence(writers: &Writers, ballast: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut last = (writers.acknowledged(), Instant::now());
    while last.1.elapsed() < SILENCE {
        ensure!(started.elapsed() < LIMIT, "records are acknowledged on a full disk");
        std::thread::sleep(Duration::from_millis(20));
        let now = writers.acknowledged();
        // As many as they like.
        writers.wait_for(now)?;
        if now != last.0 {
            last = (now, Instant::now());
            // A file was deleted meanwhile, or the last page was not yet full.
            fill_up(ballast)?;
        }
    }
    Ok(())
}

/// Names what was not tested, where `cargo xtask test` looks for it.
fn skip(reason: &str) -> anyhow::Result<()> {
    ensure!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "skipped, and CI=true: {reason}");
    if let Some(path) = std::env::var_os("PUMPHOUSE_SKIPS") {
        writeln!(OpenOptions::new().append(true).create(true).open(path)?, "{reason}")?;
    }
    println!("skipped: {reason}");
    Ok(())
}
