//! Kill -9, again and again, under clients that know what they were told (`tests/torture`).

use std::process::Command;

use anyhow::bail;

use crate::check::cargo;
use crate::system::{self, Need};
use crate::{cache, sh};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often the process is killed.
    #[arg(long, default_value_t = 1000)]
    rounds: u64,
    /// What happens when comes from this number; printed, and chosen where it is not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Cargo's profile.
    #[arg(long, default_value = "release")]
    profile: String,
}

pub(crate) fn torture(args: &Args) -> anyhow::Result<()> {
    system::ensure(Need::Serve)?;
    sh::step(&format!("build ({})", args.profile), &mut build(&args.profile))?;
    let mut run = run(&args.profile, args.rounds);
    if let Some(seed) = args.seed {
        run.args(["--seed", &seed.to_string()]);
    }
    if !run.status()?.success() {
        bail!("a promise was broken");
    }
    Ok(())
}

/// Builds `pumphouse` and the program that kills it, of the whole workspace: with the features its tests were
/// built with, so that nothing is compiled a second time for them.
pub(crate) fn build(profile: &str) -> Command {
    cargo(&[
        "build",
        "--profile",
        profile,
        "--workspace",
        "--no-default-features",
        "--bin",
        "pumphouse",
        "--example",
        "torture",
    ])
}

/// So many rounds with what was built.
pub(crate) fn run(profile: &str, rounds: u64) -> Command {
    let folder = if profile == "dev" { "debug" } else { profile };
    let mut command = Command::new(cache::target().join(folder).join("examples").join("torture"));
    command.arg(cache::binary(folder)).args(["--rounds", &rounds.to_string()]);
    command
}
