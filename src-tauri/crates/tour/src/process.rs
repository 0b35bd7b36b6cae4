//! A child process with all it starts, ended together.

use std::process::{Child, Command};

use anyhow::Context;

pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts it in a process group of its own.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("can't start {program}: is it installed?"))?;
        Ok(Self { child })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    fn signal_group(&self, signal: &str) {
        let group = format!("-{}", self.child.id());
        // The group may be gone already: then there is nothing to end.
        let _ =
            Command::new("kill").args([signal, "--", &group]).stderr(std::process::Stdio::null()).status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal_group("-TERM");
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        self.signal_group("-KILL");
        let _ = self.child.wait();
    }
}
