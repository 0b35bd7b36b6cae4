//! `cargo xtask torture`: clients write and read, the process is killed with -9, its files are damaged where a
//! crash may damage them, it is started again; and what the clients were told stays true.

mod damage;
mod full_disk;
mod group;
mod reader;
mod server;
mod sharer;
mod transactions;
mod writers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Parser;
use testkit::{Random, Seed};

use damage::Damage;
use group::{Group, Protocol};
use server::Server;
use sharer::Sharer;
use transactions::Transactor;
use writers::Writers;

pub(crate) const TOPIC: &str = "torture";
pub(crate) const TRANSACTIONS_TOPIC: &str = "torture-transactions";
pub(crate) const PARTITIONS: i32 = 3;
/// Longer than any restart takes on a machine that does much else.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// So much is acknowledged in a round at least, and so much longer it may go on.
const RECORDS_PER_ROUND: usize = 200;
const LONGER_MS_MAX: usize = 400;
/// Between two readings of everything.
const ROUNDS_PER_CHECK: u64 = 10;

#[derive(Parser)]
struct Args {
    /// `pumphouse`.
    binary: PathBuf,
    #[arg(long, default_value_t = 20)]
    rounds: u64,
    /// What happens when comes from this number.
    #[arg(long)]
    seed: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(|| u64::from(std::process::id()));
    println!("{} rounds, --seed {seed}", args.rounds);
    let mut random = Seed::of(seed).random();
    let dir = tempfile::TempDir::new()?;
    let outcome = torture(&args, &mut random, dir.path())
        .and_then(|()| full_disk::full_disk(&args.binary, &mut random));
    if outcome.is_err() {
        println!("failed with --seed {seed}; the data is in {}", dir.keep().display());
    }
    outcome
}

fn torture(args: &Args, random: &mut Random, dir: &std::path::Path) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut server = Server::start(&args.binary, dir)?;
    server.create(TOPIC, PARTITIONS)?;
    server.create(TRANSACTIONS_TOPIC, PARTITIONS)?;
    // They live through all rounds, as an application does: what they send again must not be there twice.
    let mut writers = Writers::start(server.address())?;
    let groups = [
        Group::start(server.address(), Protocol::Classic)?,
        Group::start(server.address(), Protocol::Consumer)?,
    ];
    let sharer = Sharer::start(server.address())?;
    let transactor = Transactor::start(server.address(), random.next_u64())?;
    for round in 1..=args.rounds {
        let acknowledged = writers.acknowledged();
        writers.wait_for(acknowledged + RECORDS_PER_ROUND)?;
        transactor.wait_for_another()?;
        std::thread::sleep(Duration::from_millis(random.below(LONGER_MS_MAX) as u64));

        server.kill()?;
        // What was acknowledged before the kill, as the clients know it.
        let ends = writers.ends();
        let committed = [groups[0].committed(), groups[1].committed()];
        let damage = Damage::choose(random);
        damage.inflict(&dir.join("kafka"), random)?;
        server.restart()?;

        for (partition, end) in ends {
            let (_, found) = reader::watermarks(server.address(), TOPIC, partition)?;
            ensure!(
                found >= end,
                "partition {partition} ends at {found}, {end} was acknowledged ({damage:?})"
            );
        }
        for (group, committed) in groups.iter().zip(&committed) {
            group.check(server.address(), committed).with_context(|| format!("{damage:?}"))?;
        }
        sharer.check().with_context(|| format!("round {round}, {damage:?}"))?;
        if round % ROUNDS_PER_CHECK == 0 || round == args.rounds {
            writers.check(server.address()).with_context(|| format!("round {round}, {damage:?}"))?;
            transactor.check(server.address()).with_context(|| format!("round {round}, {damage:?}"))?;
        }
        println!(
            "round {round}: {damage:?}, {} records, {} transactions, {} shared",
            writers.acknowledged(),
            transactor.ended(),
            sharer.accepted()
        );
    }
    let (records, transactions) = (writers.stop()?, transactor.stop()?);
    for group in groups {
        group.stop()?;
    }
    let shared = sharer.stop(&writers::ends(&records))?;
    writers::check_all(server.address(), &records)?;
    transactions::check_all(server.address(), &transactions)?;
    println!(
        "{} kills: {} records ({shared} of them shared too) and {} transactions, none lost, none twice; {:.0} s",
        args.rounds,
        records.len(),
        transactions.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(())
}
