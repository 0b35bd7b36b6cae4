//! Child processes of tasks: their output into the log, their end with the task.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{TaskError, leftovers};

/// Between asking a process group to end and ending it.
const TERM_GRACE: Duration = Duration::from_secs(5);
/// A line longer than this is handed on in pieces.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// A folder of its own for one try, removed with it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(work_dir: &Path) -> io::Result<Self> {
        let dir = leftovers::folder(work_dir).join(format!("task-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&dir)?;
        Ok(Self(dir))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
    /// What marks this task's processes, should they outlive us.
    pub(crate) fn mark(&self) -> (&'static str, String) {
        let name = self.0.file_name().map(|name| name.to_string_lossy().into_owned());
        (leftovers::MARK, name.unwrap_or_default())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, dir = %self.0.display(), "scratch folder not removed");
        }
    }
}

/// A started process. Dropped while it runs, it is killed with everything it started.
pub(super) struct Process {
    child: Child,
    group: Group,
    reader: JoinHandle<()>,
}

impl Process {
    /// Starts it in a process group of its own; `line` gets its output, both streams in order, line by line.
    pub(super) fn start(mut command: Command, line: impl FnMut(&str) + Send + 'static) -> io::Result<Self> {
        let (output, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        // The command holds our ends of the pipe: while they are open the output has no end.
        drop(command);
        let group = Group::of(&child);
        let reader = tokio::task::spawn_blocking(move || read_lines(output, line));
        Ok(Self { child, group, reader })
    }

    pub(super) fn stdin(&mut self) -> Option<tokio::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// Completes when it has ended and all of its output is read, or when it was stopped.
    pub(super) async fn wait(mut self, stop: &CancellationToken) -> Result<ExitStatus, TaskError> {
        let ended = async {
            let status = self.child.wait().await;
            // What it left running in the background holds the pipe open.
            drop((&mut self.reader).await);
            status
        };
        tokio::select! {
            status = ended => {
                self.group.forget();
                status.map_err(TaskError::fail)
            }
            () = stop.cancelled() => {
                self.group.terminate();
                let gone = tokio::time::timeout(TERM_GRACE, self.child.wait()).await.is_ok();
                if !gone {
                    self.group.kill();
                    drop(self.child.wait().await);
                }
                // Children that ignored the signal still hold the pipe.
                if tokio::time::timeout(Duration::from_millis(500), &mut self.reader).await.is_err() {
                    self.group.kill();
                    drop(tokio::time::timeout(TERM_GRACE, &mut self.reader).await);
                }
                self.group.forget();
                Err(TaskError::fail("stopped"))
            }
        }
    }
}

fn read_lines(output: impl Read, mut line: impl FnMut(&str)) {
    let mut output = BufReader::new(output);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match (&mut output).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        line(&String::from_utf8_lossy(&bytes));
    }
}

/// `program` with nothing on its standard input.
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    command
}

/// A process group, killed when dropped.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: pid.and_then(rustix::process::Pid::from_raw) }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // It may have ended by itself just now.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }

    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn forget(&mut self) {
        self.leader = None;
    }
}

/// Without groups the child alone is killed, by `kill_on_drop`.
#[cfg(not(unix))]
impl Group {
    fn of(_: &Child) -> Self {
        Self {}
    }

    fn terminate(&self) {}

    fn kill(&self) {}

    fn forget(&mut self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `exit code 3` or `signal 9`.
pub(super) fn describe(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        #[cfg(unix)]
        None => {
            use std::os::unix::process::ExitStatusExt;
            format!("signal {}", status.signal().unwrap_or_default())
        }
        #[cfg(not(unix))]
        None => "no exit code".to_owned(),
    }
}
