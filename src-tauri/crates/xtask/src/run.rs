//! `cargo xtask run`: from a fresh clone to a living window.

use std::process::Command;

use anyhow::bail;
use clap::Args;

use crate::check::cargo;
use crate::system::{self, Need};
use crate::{cache, sh, ui};

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Build with optimisation.
    #[arg(long)]
    release: bool,
    /// Use a virtual display and drive the window, even where there is a display.
    #[arg(long)]
    headless: bool,
    /// Flags for pumphouse itself.
    #[arg(last = true)]
    app: Vec<String>,
}

pub(crate) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let headless = args.headless || !has_display();
    system::ensure(if headless { Need::RunHeadless } else { Need::Run })?;
    ui::build()?;
    let profile = if args.release { "release" } else { "dev" };
    sh::step(
        "build pumphouse",
        &mut cargo(&[
            "build",
            "--package",
            "pumphouse",
            "--features",
            "desktop,custom-protocol",
            "--profile",
            profile,
        ]),
    )?;
    let binary = cache::binary(if args.release { "release" } else { "debug" });
    if headless { tour(args, &binary) } else { open(args, &binary) }
}

fn open(args: &RunArgs, binary: &std::path::Path) -> anyhow::Result<()> {
    eprintln!("starting {}", binary.display());
    let status = Command::new(binary).args(&args.app).status()?;
    if !status.success() {
        bail!("pumphouse ended with {status}");
    }
    Ok(())
}

/// The same app under a virtual display, driven through its pages.
fn tour(args: &RunArgs, binary: &std::path::Path) -> anyhow::Result<()> {
    eprintln!("no display: the window opens on a virtual one and is driven through its pages");
    let driver = system::tauri_driver()?;
    sh::step("build the tour", &mut cargo(&["build", "--package", "tour"]))?;
    let tour = cache::target().join("debug").join("tour");
    let status = Command::new(tour)
        .arg("--app")
        .arg(binary)
        .arg("--driver")
        .arg(driver)
        .arg("--screens")
        .arg(cache::screens())
        .args(&args.app)
        .status()?;
    if !status.success() {
        bail!("the pipeline did not run: see the summary above");
    }
    Ok(())
}

fn has_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
