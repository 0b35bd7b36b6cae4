//! `cargo xtask …`: everything a developer runs.
//!
//! `run` and `test` work on a machine with nothing but rustup and Node: they
//! install what is missing, or print the exact command. What they download is
//! kept under the user's cache directory, so a second run is quick.

mod bench;
mod cache;
mod check;
mod conformance;
mod fuzz;
mod peers;
mod run;
mod sh;
mod summary;
mod system;
mod test;
mod torture;
mod ui;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, run, test and measure Pumphouse")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build, open the window with the quickstart running.
    Run(run::RunArgs),
    /// Everything: format, lints, types, unit tests, real clients, the real window.
    Test(test::TestArgs),
    /// The quick inner loop: format, lints, types, unit tests.
    Check,
    /// Write ui/src/gen/api.ts from the crate `api`.
    Bindings,
    /// Kill it under load, again and again, and check what its clients were told.
    Torture(torture::Args),
    /// Feed anything at all to what reads bytes from outside (needs cargo-fuzz and a nightly compiler).
    Fuzz(fuzz::Args),
    /// Measure, and print how it was measured.
    Bench {
        #[command(subcommand)]
        what: bench::Bench,
    },
    /// Other people's test suites and programs, against Pumphouse and a real Apache Kafka.
    Conformance(conformance::ConformanceArgs),
    /// Fetch the programs that tests run beside Pumphouse and print where they are, or run one.
    Peers(peers::PeersArgs),
}

fn main() {
    let outcome = match Cli::parse().task {
        Task::Run(args) => run::run(&args),
        Task::Test(args) => test::test(&args),
        Task::Check => check::check(),
        Task::Bindings => check::bindings(),
        Task::Torture(args) => torture::torture(&args),
        Task::Fuzz(args) => fuzz::fuzz(&args),
        Task::Bench { what } => bench::bench(&what),
        Task::Conformance(args) => conformance::conformance(&args),
        Task::Peers(args) => peers::peers(&args),
    };
    if let Err(error) = outcome {
        eprintln!("\nerror: {error:#}");
        std::process::exit(1);
    }
}
