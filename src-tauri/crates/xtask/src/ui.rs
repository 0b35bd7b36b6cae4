//! The window's TypeScript: install, check, build, each only when its inputs changed.

use std::process::Command;

use crate::cache::{Stamp, root};
use crate::sh;
use crate::summary::Summary;

fn npm(args: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(args).current_dir(root().join("ui")).env("NO_COLOR", "1");
    command
}

/// `npm ci`, when the lock file changed.
pub(crate) fn install() -> anyhow::Result<()> {
    let ui = root().join("ui");
    let stamp = Stamp::new(
        ui.join("node_modules").join(".pumphouse-stamp"),
        &[ui.join("package.json"), ui.join("package-lock.json")],
    )?;
    if stamp.is_fresh() {
        return Ok(());
    }
    sh::step("npm ci (ui)", &mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    stamp.write()
}

/// `ui/dist`, when a source changed.
pub(crate) fn build() -> anyhow::Result<()> {
    install()?;
    let ui = root().join("ui");
    let inputs: Vec<_> =
        ["src", "public", "index.html", "package-lock.json", "vite.config.ts", "tsconfig.json"]
            .iter()
            .map(|name| ui.join(name))
            .collect();
    let stamp = Stamp::new(ui.join("dist").join(".pumphouse-stamp"), &inputs)?;
    if stamp.is_fresh() {
        return Ok(());
    }
    sh::step("npm run build (ui)", &mut npm(&["run", "build"]))?;
    stamp.write()
}

/// Biome and tsc.
pub(crate) fn lint(summary: &mut Summary) -> anyhow::Result<()> {
    install()?;
    summary.step("ui: biome and tsc", &mut npm(&["run", "check"]))
}

/// Vitest; its own count goes into the sum.
pub(crate) fn test(summary: &mut Summary) -> anyhow::Result<()> {
    install()?;
    summary.tests("ui: vitest", &mut npm(&["test"]))
}
