//! `pumphouse serve` as a child process, and the programs run against it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use api::Call;
use serde_json::Value;
use tempfile::TempDir;

/// The slowest single step here is a JVM start on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

/// A running `pumphouse serve`; ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) kafka: String,
    pub(crate) registry: String,
    pub(crate) api: String,
    dir: Option<TempDir>,
    data_dir: PathBuf,
}

impl Server {
    /// On an empty directory, ports chosen by the system.
    pub(crate) fn start() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let mut server = Self::start_in(&dir.path().join("data"), &[]);
        server.dir = Some(dir);
        server
    }

    /// `data_dir` lies in a temporary directory: the process' log is written beside it.
    pub(crate) fn start_in(data_dir: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pumphouse"))
            .args(["serve", "--kafka-port", "0", "--registry-port", "0", "--api-port", "0", "--data-dir"])
            .arg(data_dir)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(log_file(data_dir))
            .spawn()
            .expect("pumphouse starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("first line {line:?}: {error}; log: {}", read_log(data_dir)));
        let text = |name: &str| ready[name].as_str().expect(name).to_owned();
        Self {
            child,
            kafka: text("kafka"),
            registry: text("registry"),
            api: text("api"),
            dir: None,
            data_dir: data_dir.to_path_buf(),
        }
    }

    /// Ends it with `kill -9` and starts it again on the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        self.child.kill().expect("SIGKILL");
        self.child.wait().expect("it ended");
        self.restart();
    }

    /// Ends it with SIGTERM; it must be gone within its five seconds.
    pub(crate) fn stop_and_restart(&mut self) {
        self.terminate();
        self.restart();
    }

    pub(crate) fn terminate(&mut self) {
        let started = Instant::now();
        run("kill", Command::new("kill").args(["-TERM", &self.child.id().to_string()]));
        let status = self.child.wait().expect("it ended");
        assert!(status.success(), "a graceful stop exits with 0, not {status}; log: {}", self.log());
        assert!(started.elapsed() < Duration::from_secs(6), "a graceful stop takes at most 5 s");
    }

    fn restart(&mut self) {
        let mut fresh = Self::start_in(&self.data_dir, &[]);
        fresh.dir = self.dir.take();
        // The old child is gone: dropping `self`'s old value must not end the new one.
        std::mem::swap(self, &mut fresh);
    }

    pub(crate) fn log(&self) -> String {
        read_log(&self.data_dir)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its state can be read").is_none()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Sends a command as the window would, over HTTP.
    pub(crate) async fn rpc<C: Call>(&self, params: &C) -> Result<C::Reply, api::ApiError> {
        let reply = reqwest::Client::new()
            .post(format!("{}/rpc/{}", self.api, C::NAME))
            .json(params)
            .send()
            .await
            .expect("the API answers");
        let (ok, text) = (reply.status().is_success(), reply.text().await.expect("a body"));
        if ok {
            Ok(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}: {text}", C::NAME)))
        } else {
            Err(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}: {text}", C::NAME)))
        }
    }

    /// Asks again until the reply satisfies `wanted`.
    pub(crate) async fn rpc_until<C: Call>(
        &self,
        params: &C,
        wanted: impl Fn(&C::Reply) -> bool,
    ) -> C::Reply {
        let started = Instant::now();
        loop {
            let outcome = self.rpc(params).await;
            match outcome {
                Ok(reply) if wanted(&reply) => return reply,
                other if started.elapsed() > LIMIT => {
                    let shown = other.map(|reply| serde_json::to_string(&reply).expect("it serialises"));
                    panic!("{} never answered what was waited for; last: {shown:?}", C::NAME);
                }
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already after a kill: nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_path(data_dir: &Path) -> PathBuf {
    data_dir.with_extension("stderr.log")
}

fn log_file(data_dir: &Path) -> Stdio {
    let file =
        std::fs::OpenOptions::new().create(true).append(true).open(log_path(data_dir)).expect("a log file");
    file.into()
}

fn read_log(data_dir: &Path) -> String {
    std::fs::read_to_string(log_path(data_dir)).unwrap_or_default()
}

/// Runs a program to its end; panics with its output when it fails or hangs.
pub(crate) fn run(what: &str, command: &mut Command) -> String {
    let output = run_for(what, command, None);
    assert!(output.status.success(), "{what} failed: {}\n{}", output.status, both(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The same with text on its standard input.
pub(crate) fn run_with_input(what: &str, command: &mut Command, input: &str) -> String {
    let output = run_for(what, command, Some(input));
    assert!(output.status.success(), "{what} failed: {}\n{}", output.status, both(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a program that is expected to fail; returns what it printed.
pub(crate) fn run_failing(what: &str, command: &mut Command) -> (i32, String) {
    let output = run_for(what, command, None);
    assert!(!output.status.success(), "{what} was expected to fail\n{}", both(&output));
    (output.status.code().unwrap_or(-1), both(&output))
}

fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn run_for(what: &str, command: &mut Command, input: Option<&str>) -> Output {
    let mut child = command
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{what}: can't start: {error}"));
    if let Some(input) = input {
        let mut stdin = child.stdin.take().expect("stdin is piped");
        stdin.write_all(input.as_bytes()).expect("it reads its input");
    }
    let pid = child.id().to_string();
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = Command::new("kill").args(["-KILL", &pid]).status();
        }
    });
    let output = child.wait_with_output().expect("it ends");
    drop(done);
    watchdog.join().expect("the watchdog ends");
    output
}

/// A peer's place from its environment variable; a named skip without it.
macro_rules! peer {
    ($variable:literal, $what:literal) => {
        match std::env::var_os($variable) {
            Some(path) => std::path::PathBuf::from(path),
            None => {
                $crate::support::skip(concat!(
                    module_path!(),
                    ": ",
                    $what,
                    " (",
                    $variable,
                    " is not set; cargo xtask test sets it)"
                ));
                return;
            }
        }
    };
}
pub(crate) use peer;

/// Names a test that could not run; an error where everything must.
pub(crate) fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "skipped, and CI=true: {reason}");
    if let Some(path) = std::env::var_os("PUMPHOUSE_SKIPS") {
        let mut file =
            std::fs::OpenOptions::new().append(true).create(true).open(path).expect("the skip file");
        writeln!(file, "{reason}").expect("the skip file");
    }
    eprintln!("skipped: {reason}");
}

/// A script of tests/clients.
pub(crate) fn client(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("clients").join(name)
}
