//! `pumphouse`: the window, or the same services without one.

mod cli;
#[cfg(feature = "desktop")]
mod desktop;
mod logging;
mod serve;
mod signal;
mod tools;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    match cli.command {
        None => open(runtime, &cli.services, logging::to_stderr("info")),
        Some(Command::Serve { quickstart }) => {
            let loggers = logging::to_stderr("info");
            let served = runtime.block_on(serve::serve(&cli.services, quickstart, loggers));
            // A call to a cluster that does not answer must not hold the stop back.
            runtime.shutdown_background();
            served.map(|()| ExitCode::SUCCESS)
        }
        Some(Command::Dag { command }) => {
            logging::to_stderr("warn");
            runtime.block_on(tools::dag(command, &cli.services))
        }
        Some(Command::Topic { target, command }) => {
            logging::to_stderr("warn");
            runtime.block_on(tools::topic(command, target, &cli.services))
        }
        Some(Command::Group { target, command }) => {
            logging::to_stderr("warn");
            runtime.block_on(tools::group(command, target, &cli.services))
        }
    }
}

#[cfg(feature = "desktop")]
fn open(
    runtime: tokio::runtime::Runtime,
    services: &cli::ServiceFlags,
    loggers: platform::Loggers,
) -> anyhow::Result<ExitCode> {
    let config = serve::config(services, platform::QuickstartStart::OnFirstStart)?;
    desktop::run(runtime, config, loggers)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(feature = "desktop"))]
fn open(
    _runtime: tokio::runtime::Runtime,
    _services: &cli::ServiceFlags,
    _loggers: platform::Loggers,
) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this build has no window; run `pumphouse serve` for the services alone")
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    // More workers than cores only take memory; a few keep a slow disk from stalling the rest.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("pumphouse")
        .enable_all()
        .build()
        .context("the runtime can't start")
}
