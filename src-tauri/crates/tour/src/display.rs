//! A virtual display, where there is no real one.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::process::Process;

pub(crate) struct Display {
    /// `:7`
    pub(crate) name: String,
    _server: Process,
}

impl Display {
    /// Xvfb picks a free number itself and tells it.
    pub(crate) fn start(width: u32, height: u32) -> anyhow::Result<Self> {
        let mut server = Process::start(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"])
                .arg(format!("{width}x{height}x24"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let mut number = String::new();
        let stdout = server.child().stdout.take().context("stdout is piped")?;
        BufReader::new(stdout).read_line(&mut number)?;
        let number = number.trim();
        if number.is_empty() {
            bail!("Xvfb gave no display number");
        }
        Ok(Self { name: format!(":{number}"), _server: server })
    }
}
