//! librdkafka's own benchmark client, built from the sources the crate `rdkafka-sys` brings along.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::cache;
use crate::check::cargo;
use crate::sh;

/// `rdkafka_performance`, built once into the cache.
pub(crate) fn performance() -> anyhow::Result<PathBuf> {
    let source = source()?;
    let version = source.parent().and_then(|package| package.file_name()).context("a package folder")?;
    let home = cache::dir().join("peers").join("librdkafka").join(version);
    let binary = home.join("examples").join("rdkafka_performance");
    if binary.exists() {
        return Ok(binary);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    sh::step("copy librdkafka's sources", Command::new("cp").arg("-r").arg(source.join(".")).arg(&home))?;
    let features = ["--disable-ssl", "--disable-gssapi", "--disable-curl"];
    sh::step("configure librdkafka", Command::new("./configure").args(features).current_dir(&home))?;
    sh::step(
        "build librdkafka",
        Command::new("make").args(["-C", "src", "librdkafka.a"]).current_dir(&home),
    )?;
    // The folder's other examples come first in its default target; only this one is wanted.
    sh::step(
        "build rdkafka_performance",
        Command::new("make").args(["-C", "examples", "rdkafka_performance"]).current_dir(&home),
    )?;
    Ok(binary)
}

/// Where Cargo keeps the sources.
pub(super) fn source() -> anyhow::Result<PathBuf> {
    let said = cargo(&["metadata", "--format-version", "1"]).output().context("can't start cargo")?;
    let metadata: serde_json::Value = serde_json::from_slice(&said.stdout).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().context("packages")?;
    let package = packages.iter().find(|package| package["name"] == "rdkafka-sys").context("rdkafka-sys")?;
    let manifest = PathBuf::from(package["manifest_path"].as_str().context("a path")?);
    Ok(manifest.with_file_name("librdkafka"))
}
