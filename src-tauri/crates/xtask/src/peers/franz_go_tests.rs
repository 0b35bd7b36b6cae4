//! The tests of franz-go's client (package `kgo`), built from its Go module.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cache;
use crate::sh;

const VERSION: &str = "v1.22.3";

pub(crate) struct FranzGoTests {
    pub(crate) program: PathBuf,
    /// Where it is run: a test reads the package's source.
    pub(crate) dir: PathBuf,
}

pub(crate) fn franz_go_tests() -> anyhow::Result<FranzGoTests> {
    let home = cache::dir().join("peers").join("franz-go").join(VERSION);
    std::fs::create_dir_all(&home)?;
    let module = format!("github.com/twmb/franz-go@{VERSION}");
    // What was fetched before is only named.
    let mut download = Command::new("go");
    let said = download.args(["mod", "download", "-json", &module]).current_dir(&home).output();
    let said = said.context("can't start go: install Go 1.24 or newer")?;
    if !said.status.success() {
        bail!("{module} was not fetched: {}", String::from_utf8_lossy(&said.stdout));
    }
    let told: serde_json::Value = serde_json::from_slice(&said.stdout).context("go mod download -json")?;
    let dir = PathBuf::from(told["Dir"].as_str().context("the module's folder")?).join("pkg").join("kgo");
    let program = home.join(format!("kgo.test{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let built = home.join("building");
        let mut build = Command::new("go");
        build.args(["test", "-c", "-o"]).arg(&built).arg(".").current_dir(&dir);
        sh::step("build franz-go's tests", &mut build)?;
        std::fs::rename(&built, &program)?;
    }
    Ok(FranzGoTests { program, dir })
}
