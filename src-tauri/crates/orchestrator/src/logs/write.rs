//! Writing one try's log: a time and a level on each line, bounded in width and size.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Weak};

use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

/// Longer lines are cut: a window cannot show them, and a binary has no line ends at all.
const LINE_BYTES_MAX: usize = 16 * 1024;
/// What a task may write. A loop that prints must not fill the disk.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// On top of that, for the lines that say how the task ended.
const VERDICT_BYTES_MAX: u64 = 256 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }

    /// Python's names, `CRITICAL` among them.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "DEBUG" | "NOTSET" => Self::Debug,
            "WARNING" => Self::Warning,
            "ERROR" | "CRITICAL" => Self::Error,
            _ => Self::Info,
        }
    }
}

/// A handle to a log being written; the last one dropped closes it.
#[derive(Clone)]
pub(crate) struct TaskLog(Arc<Inner>);

pub(super) struct Inner {
    file: Mutex<Sink>,
    length: watch::Sender<u64>,
}

struct Sink {
    file: File,
    written: u64,
    full: bool,
}

impl Inner {
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.length.subscribe()
    }
}

impl TaskLog {
    pub(super) fn append(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        let written = file.metadata()?.len();
        Ok(Self(Arc::new(Inner {
            file: Mutex::new(Sink { file, written, full: false }),
            length: watch::Sender::new(written),
        })))
    }

    pub(super) fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn info(&self, text: impl AsRef<str>) {
        self.write(Level::Info, text.as_ref(), FILE_BYTES_MAX);
    }

    pub(crate) fn line(&self, level: Level, text: &str) {
        self.write(level, text, FILE_BYTES_MAX);
    }

    /// How the try ended: written even when the task has used up its log.
    pub(crate) fn verdict(&self, level: Level, text: &str) {
        self.write(level, text, FILE_BYTES_MAX + VERDICT_BYTES_MAX);
    }

    fn write(&self, level: Level, text: &str, limit: u64) {
        let mut lines = Vec::with_capacity(text.len() + 48);
        for line in text.split('\n') {
            format_line(&mut lines, Timestamp::now(), level, line.trim_end_matches('\r'));
        }
        let mut sink = self.0.file.lock();
        if sink.written + lines.len() as u64 > limit {
            if sink.full {
                return;
            }
            sink.full = true;
            lines.clear();
            let notice = format!("the log is full at {FILE_BYTES_MAX} bytes: further output is dropped");
            format_line(&mut lines, Timestamp::now(), Level::Warning, &notice);
        }
        match sink.file.write_all(&lines) {
            Ok(()) => sink.written += lines.len() as u64,
            Err(error) => tracing::warn!(%error, "task log not written"),
        }
        let written = sink.written;
        drop(sink);
        self.0.length.send_replace(written);
    }
}

fn format_line(out: &mut Vec<u8>, at: Timestamp, level: Level, line: &str) {
    let (line, cut) = match line.len() > LINE_BYTES_MAX {
        true => (&line[..line.floor_char_boundary(LINE_BYTES_MAX)], line.len() - LINE_BYTES_MAX),
        false => (line, 0),
    };
    // Writing to a Vec cannot fail.
    drop(write!(out, "[{at:.3}] {} - {line}", level.name()));
    if cut > 0 {
        drop(write!(out, " … ({cut} bytes more)"));
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(level: Level, line: &str, expected: &str) {
        let mut out = Vec::new();
        format_line(&mut out, "2026-01-02T03:04:05.678901Z".parse().unwrap(), level, line);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_line_has_time_level_and_text() {
        check(Level::Info, "hello", "[2026-01-02T03:04:05.678Z] INFO - hello\n");
        check(Level::Error, "", "[2026-01-02T03:04:05.678Z] ERROR - \n");
    }

    #[test]
    fn long_lines_are_cut_at_a_character() {
        let mut out = Vec::new();
        format_line(&mut out, Timestamp::UNIX_EPOCH, Level::Info, &"ä".repeat(LINE_BYTES_MAX));
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("ä … (16384 bytes more)\n"), "{}", &text[text.len() - 60..]);
    }

    #[test]
    fn a_full_log_still_takes_the_verdict() {
        let dir = tempfile::tempdir().unwrap();
        let log = TaskLog::append(&dir.path().join("a.log")).unwrap();
        log.0.file.lock().written = FILE_BYTES_MAX;
        log.info("lost");
        log.info("lost too");
        log.verdict(Level::Error, "task failed");
        let text = std::fs::read_to_string(dir.path().join("a.log")).unwrap();
        assert!(text.contains("the log is full"));
        assert!(!text.contains("lost"));
        assert!(text.ends_with("ERROR - task failed\n"));
    }
}
