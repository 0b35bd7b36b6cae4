//! The quick inner loop.

use std::process::Command;

use crate::cache::{root, target};
use crate::summary::Summary;
use crate::{sh, ui};

/// Cargo in the clone, with its output in the cache.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(root()).env("CARGO_TARGET_DIR", target()).env("CARGO_TERM_COLOR", "never");
    command
}

/// Format, lints, types, unit tests: no peers, no window.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut summary = Summary::new()?;
    lints(&mut summary)?;
    ui::test(&mut summary)?;
    summary.tests(
        "unit tests",
        &mut cargo(&[
            "test",
            "--workspace",
            "--exclude",
            "pumphouse",
            "--no-default-features",
            "--lib",
            "--bins",
        ]),
    )?;
    summary.finish()
}

/// What reads the code without running it.
pub(crate) fn lints(summary: &mut Summary) -> anyhow::Result<()> {
    summary.step("rustfmt", &mut cargo(&["fmt", "--all", "--check"]))?;
    summary.step(
        "clippy",
        &mut cargo(&[
            "clippy",
            "--workspace",
            "--no-default-features",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    ui::lint(summary)
}

pub(crate) fn bindings() -> anyhow::Result<()> {
    sh::step(
        "write ui/src/gen/api.ts",
        cargo(&["test", "--quiet", "--package", "api"]).env("UPDATE_BINDINGS", "1"),
    )
}
