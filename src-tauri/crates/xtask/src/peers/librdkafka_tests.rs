//! librdkafka's own test runner, built once into the cache from the sources the crate `rdkafka-sys` brings along.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::librdkafka::source;
use crate::{cache, sh};

/// The folder with `src/`, `src-cpp/` and `tests/test-runner`.
pub(crate) fn librdkafka_tests() -> anyhow::Result<PathBuf> {
    let source = source()?;
    let version = source.parent().and_then(|package| package.file_name()).context("a package folder")?;
    let home = cache::dir().join("peers").join("librdkafka-tests").join(version);
    let done = home.join(".built");
    if done.exists() {
        return Ok(home);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    copy(&source, &home).with_context(|| format!("can't copy {}", source.display()))?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    sh::step("configure librdkafka", Command::new("bash").arg("./configure").current_dir(&home))?;
    for (name, args) in
        [("build librdkafka", &["libs"][..]), ("build librdkafka's tests", &["-C", "tests", "build"])]
    {
        let mut make = Command::new("make");
        sh::step(name, make.arg(format!("-j{jobs}")).args(args).current_dir(&home))?;
    }
    std::fs::write(&done, "")?;
    Ok(home)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
