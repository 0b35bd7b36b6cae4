//! kafka-python's tests, which only its source distribution has.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::cache;
use crate::sh;

const VERSION: &str = "3.0.12";

pub(crate) struct KafkaPythonTests {
    /// Of an environment with what the tests import.
    pub(crate) interpreter: PathBuf,
    /// The folder with `test/integration`.
    pub(crate) sources: PathBuf,
}

pub(crate) fn kafka_python_tests() -> anyhow::Result<KafkaPythonTests> {
    let home = cache::dir().join("peers").join(format!("kafka-python-{VERSION}"));
    let interpreter = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let found = KafkaPythonTests {
        sources: home.join(format!("kafka_python-{VERSION}")),
        interpreter: interpreter.clone(),
    };
    let done = home.join(".installed");
    if done.exists() {
        return Ok(found);
    }
    let base = if cfg!(windows) { "python" } else { "python3" };
    let mut venv = Command::new(base);
    sh::step(
        "make an environment for kafka-python's tests",
        venv.args(["-m", "venv", "--clear"]).arg(&home),
    )?;
    let pip = |args: &[&str]| {
        let mut command = Command::new(&interpreter);
        command.args(["-m", "pip"]).args(args).args(["--quiet", "--disable-pip-version-check"]);
        command
    };
    let package = format!("kafka-python[crc32c,lz4,snappy,zstd,testing]=={VERSION}");
    sh::step("install what kafka-python's tests import", &mut pip(&["install", &package]))?;
    let source = format!("kafka-python=={VERSION}");
    let mut download = pip(&["download", "--no-deps", "--no-binary", "kafka-python", &source, "--dest"]);
    sh::step("fetch kafka-python's tests", download.arg(&home))?;
    let archive = home.join(format!("kafka_python-{VERSION}.tar.gz"));
    let mut tar = Command::new("tar");
    sh::step("unpack kafka-python's tests", tar.arg("-xzf").arg(&archive).arg("-C").arg(&home))?;
    std::fs::write(&done, "").with_context(|| format!("can't write {}", done.display()))?;
    Ok(found)
}
