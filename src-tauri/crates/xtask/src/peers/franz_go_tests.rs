//! The tests of franz-go's client (package `kgo`), built from its Go module.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cache;
use crate::sh;

const VERSION: &str = "v1.22.3";

/// The test program; it needs nothing else of the module.
pub(crate) fn franz_go_tests() -> anyhow::Result<PathBuf> {
    let home = cache::dir().join("peers").join("franz-go").join(VERSION);
    let binary = home.join(format!("kgo.test{}", std::env::consts::EXE_SUFFIX));
    if binary.exists() {
        return Ok(binary);
    }
    std::fs::create_dir_all(&home)?;
    let module = format!("github.com/twmb/franz-go@{VERSION}");
    let mut download = Command::new("go");
    let said = download.args(["mod", "download", "-json", &module]).current_dir(&home).output();
    let said = said.context("can't start go: install Go 1.24 or newer")?;
    if !said.status.success() {
        bail!("{module} was not fetched: {}", String::from_utf8_lossy(&said.stdout));
    }
    let told: serde_json::Value = serde_json::from_slice(&said.stdout).context("go mod download -json")?;
    let source = told["Dir"].as_str().context("the module's folder")?;
    let built = home.join("building");
    let mut build = Command::new("go");
    build.args(["test", "-c", "-o"]).arg(&built).arg("./pkg/kgo").current_dir(source);
    sh::step("build franz-go's tests", &mut build)?;
    std::fs::rename(&built, &binary)?;
    Ok(binary)
}
