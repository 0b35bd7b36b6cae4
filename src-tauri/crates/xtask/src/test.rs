//! `cargo xtask test`: everything, from nothing.

use clap::Args;

use crate::check::{cargo, lints};
use crate::peers::{RealKafka, RealKafkaOptions};
use crate::summary::Summary;
use crate::system::{self, Need};
use crate::{cache, conformance, peers, torture, ui};

#[derive(Args)]
pub(crate) struct TestArgs {
    /// Leave out the real window (and with it Tauri's build).
    #[arg(long)]
    no_window: bool,
}

pub(crate) fn test(args: &TestArgs) -> anyhow::Result<()> {
    system::ensure(Need::Test)?;
    let mut summary = Summary::new()?;
    let peers = peers::fetch(&mut summary)?;

    lints(&mut summary)?;
    ui::test(&mut summary)?;

    // Headless: the services and every client, without Tauri in the build.
    let mut services = cargo(&["test", "--workspace", "--no-default-features", "--no-fail-fast"]);
    services.envs(peers.0.iter().map(|(name, path)| (name, path)));
    // A real Kafka beside it, with which answers are compared.
    let kafka =
        peers.kafka().map(|jars| RealKafka::start(jars, &RealKafkaOptions::compared())).transpose()?;
    if let Some(kafka) = &kafka {
        services.env("PUMPHOUSE_PEER_BROKER", kafka.bootstrap());
    }
    summary.tests("services: unit tests and real clients", &mut services)?;
    drop(kafka);
    conformance::quick(&mut summary)?;

    // Twenty kills: quick, and enough for most mistakes.
    summary.step("build the torture", &mut torture::build("dev"))?;
    summary.step("torture: 20 kills under load", &mut torture::run("dev", 20))?;

    if args.no_window {
        summary.skip("the real window: --no-window was given")?;
    } else if cfg!(target_os = "linux") {
        window(&mut summary)?;
    } else {
        summary.skip("the real window: WebDriver reaches it on Linux only")?;
    }
    summary.finish()
}

fn window(summary: &mut Summary) -> anyhow::Result<()> {
    ui::build()?;
    let driver = system::tauri_driver()?;
    let mut journey = cargo(&[
        "test",
        "--package",
        "pumphouse",
        "--features",
        "desktop,custom-protocol",
        "--test",
        "window",
    ]);
    journey.env("PUMPHOUSE_TAURI_DRIVER", driver).env("PUMPHOUSE_SCREENS", cache::screens());
    summary.tests("the real window", &mut journey)
}
