//! Several programs at a time, each with a limit.

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Context;

/// What came of one program.
pub(crate) struct Ended {
    /// None: it was ended because it took too long.
    pub(crate) success: Option<bool>,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

/// Runs `make(item)` for every item, at most `at_once` together, and hands each result to `done` as it comes.
pub(crate) fn run_all<T: Sync>(
    items: &[T],
    at_once: usize,
    limit: Duration,
    make: impl Fn(&T) -> Command + Sync,
    done: impl Fn(&T, &anyhow::Result<Ended>) + Sync,
) -> Vec<anyhow::Result<Ended>> {
    let next = Mutex::new(0);
    let results: Mutex<Vec<Option<anyhow::Result<Ended>>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..at_once.max(1) {
            scope.spawn(|| {
                loop {
                    let index = {
                        let Ok(mut next) = next.lock() else { return };
                        *next += 1;
                        *next - 1
                    };
                    let Some(item) = items.get(index) else { return };
                    let result = run_for(&mut make(item), limit);
                    done(item, &result);
                    if let Ok(mut results) = results.lock() {
                        results[index] = Some(result);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_default();
    results.into_iter().map(|result| result.context("not run").and_then(|result| result)).collect()
}

/// Both outputs, interleaved as a terminal would show them, of a program that is ended at the limit.
pub(crate) fn run_for(command: &mut Command, limit: Duration) -> anyhow::Result<Ended> {
    let started = Instant::now();
    let (mut reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child =
        command.spawn().with_context(|| format!("can't start {}", crate::sh::describe(command)))?;
    // The command keeps its ends of the pipe open otherwise, and reading would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let text = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read until then is all there is to show.
        let _ = std::io::Read::read_to_end(&mut reader, &mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let success = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status.success());
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ok(Ended { success, text: text.join().unwrap_or_default(), took: started.elapsed() })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn programs_are_run_and_ended_at_their_limit() {
        let scripts = ["echo out; echo err >&2", "exit 3", "exec sleep 60"];
        let make = |script: &&str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let ended = run_all(&scripts, 2, Duration::from_secs(2), make, |_, _| {});
        let seen: Vec<_> = ended.iter().map(|one| one.as_ref().expect("it ran").success).collect();
        assert_eq!(seen, [Some(true), Some(false), None]);
        assert_eq!(ended[0].as_ref().expect("it ran").text, "out\nerr\n");
    }
}
