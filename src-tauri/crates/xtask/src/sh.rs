//! Running programs, with progress shown.

use std::io::{BufRead, BufReader, IsTerminal};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

/// A named step. Its output is shown only when it fails (or as it comes, with
/// `PUMPHOUSE_VERBOSE=1`); a spinner or a line shows that it runs.
pub(crate) fn step(name: &str, command: &mut Command) -> anyhow::Result<()> {
    let output = step_output(name, command)?;
    if output.ok {
        return Ok(());
    }
    bail!("{name} failed ({}); its output is above", describe(command))
}

pub(crate) struct StepOutput {
    pub(crate) ok: bool,
    pub(crate) text: String,
}

/// As [`step`], but a failure is the caller's business. The output is returned.
pub(crate) fn step_output(name: &str, command: &mut Command) -> anyhow::Result<StepOutput> {
    let verbose = std::env::var_os("PUMPHOUSE_VERBOSE").is_some();
    let started = Instant::now();
    let spinner = spinner(name);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name}: can't start {}", describe(command)))?;
    let stdout = child.stdout.take().context("stdout is piped")?;
    let stderr = child.stderr.take().context("stderr is piped")?;
    let text = std::thread::scope(|scope| {
        let (lines, received) = std::sync::mpsc::channel::<String>();
        let other = lines.clone();
        scope.spawn(move || read_lines(stdout, &lines));
        scope.spawn(move || read_lines(stderr, &other));
        let mut text = String::new();
        for line in received {
            if verbose {
                eprintln!("    {line}");
            }
            spinner.set_message(shorten(&line));
            text.push_str(&line);
            text.push('\n');
        }
        text
    });
    let ok = child.wait()?.success();
    spinner.finish_and_clear();
    let seconds = started.elapsed().as_secs_f64();
    if !ok && !verbose {
        eprint!("{text}");
    }
    eprintln!("{} {name} ({seconds:.1} s)", if ok { "✓" } else { "✗" });
    Ok(StepOutput { ok, text })
}

/// What a program prints, or nothing when it is not there or fails.
pub(crate) fn capture(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Asks a process to end (SIGTERM).
pub(crate) fn terminate(pid: u32) -> anyhow::Result<()> {
    Command::new("kill").args(["-TERM", &pid.to_string()]).status().context("can't start kill")?;
    Ok(())
}

pub(crate) fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

fn read_lines(from: impl std::io::Read, to: &std::sync::mpsc::Sender<String>) {
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(n) if n > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        if to.send(text).is_err() {
            return;
        }
    }
}

fn spinner(name: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("… {name}");
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg:.dim}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn shorten(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(100).collect()
}
