//! Anything at all, fed to what reads bytes from outside (`/fuzz`): cargo-fuzz, a nightly compiler and a C++ one.

use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::{cache, sh};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One target; none means all, one after the other.
    target: Option<String>,
    /// How long each runs.
    #[arg(long, default_value_t = 300)]
    seconds: u32,
}

/// A target that takes more has followed a length that was only claimed.
const RSS_MIB_MAX: u32 = 1024;
/// Larger inputs are found no more by chance.
const INPUT_BYTES_MAX: u32 = 4096;

pub(crate) fn fuzz(args: &Args) -> anyhow::Result<()> {
    ensure!(
        Command::new("cargo").args(["fuzz", "--version"]).output()?.status.success(),
        "cargo-fuzz is missing: cargo install cargo-fuzz; rustup toolchain install nightly"
    );
    let known = targets()?;
    let wanted: Vec<&String> = match &args.target {
        Some(target) => known.iter().filter(|name| *name == target).collect(),
        None => known.iter().collect(),
    };
    ensure!(!wanted.is_empty(), "there is {}", known.join(", "));
    for target in wanted {
        run(target, args.seconds)?;
    }
    Ok(())
}

fn targets() -> anyhow::Result<Vec<String>> {
    let folder = cache::root().join("fuzz").join("fuzz_targets");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn run(target: &str, seconds: u32) -> anyhow::Result<()> {
    let corpus = cache::dir().join("fuzz").join(target);
    std::fs::create_dir_all(&corpus)?;
    let regressions = cache::root().join("fuzz").join("regressions").join(target);
    let mut cargo = cargo();
    // No sanitiser: the code is safe Rust, and what is looked for are panics and memory.
    cargo.args(["+nightly", "fuzz", "run", "--sanitizer", "none", target]).arg(&corpus);
    if regressions.exists() {
        cargo.arg(regressions);
    }
    cargo.args(["--", &format!("-max_total_time={seconds}"), &format!("-max_len={INPUT_BYTES_MAX}")]);
    cargo.args([&format!("-rss_limit_mb={RSS_MIB_MAX}"), "-timeout=10", "-print_final_stats=1"]);
    println!("fuzz {target} for {seconds} s; what is found goes to fuzz/artifacts/{target}");
    if !cargo.status().with_context(|| format!("can't start {}", sh::describe(&cargo)))?.success() {
        bail!(
            "{target}: the input is in fuzz/artifacts/{target}; once mended, keep it in fuzz/regressions/{target}"
        );
    }
    Ok(())
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(cache::root()).env("CARGO_TARGET_DIR", cache::target().join("fuzz"));
    // Set by the cargo that runs xtask, for its own toolchain.
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command
}
