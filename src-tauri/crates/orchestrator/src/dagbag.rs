//! The DAGs folder: which files there are, what they define, and when they change.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dag::Dag;
use jiff::Timestamp;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::records::ImportError;
use crate::scheduler::Command;

/// A DAG file is text a person wrote.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;
const FILES_MAX: usize = 10_000;
/// Editors save in several steps; the folder is read when it has been quiet this long.
const QUIET: Duration = Duration::from_millis(100);
/// A folder that never is quiet is read all the same.
const QUIET_TRIES: u32 = 20;

/// Reads the folder. Clones share what is known of its files.
#[derive(Clone)]
pub(crate) struct DagBag {
    dir: PathBuf,
    /// None: every file.
    only: Option<String>,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// The line of the first error, and what it says.
pub(crate) type Wrong = (Option<u32>, String);

/// A file as last read.
#[derive(Clone)]
struct Known {
    stamp: (SystemTime, u64),
    source: Arc<str>,
    dags: Vec<Arc<Dag>>,
    wrong: Option<Wrong>,
    /// Not changed since the scan before.
    unchanged: bool,
}

/// Everything the folder defines.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub dags: Vec<Found>,
    pub errors: Vec<ImportError>,
}

#[derive(Debug)]
pub(crate) struct Found {
    pub dag: Arc<Dag>,
    /// Relative to the folder, with forward slashes.
    pub file: String,
    pub source: Arc<str>,
}

impl DagBag {
    pub(crate) fn new(dir: impl Into<PathBuf>, only: Option<String>) -> Self {
        Self { dir: dir.into(), only, known: Arc::default() }
    }

    /// The folder to watch; none where one file is all there is.
    pub(crate) fn watched(&self) -> Option<&Path> {
        self.only.is_none().then_some(&self.dir)
    }

    /// The file's text was the same in the last two scans.
    pub(crate) fn is_unchanged(&self, file: &str) -> bool {
        self.known.lock().get(file).is_some_and(|known| known.unchanged)
    }

    /// Reads what has changed. A file that cannot be read or understood is an import error.
    pub(crate) fn scan(&self) -> io::Result<Scan> {
        let mut files = BTreeMap::new();
        match &self.only {
            Some(file) => drop(files.insert(file.clone(), self.dir.join(file))),
            None => collect(&self.dir, &self.dir, &mut files)?,
        }
        let mut known = self.known.lock();
        known.retain(|file, _| files.contains_key(file));
        let mut scan = Scan::default();
        let mut owners: HashMap<String, String> = HashMap::new();
        for (file, path) in files {
            let entry = refresh(&path, known.get(&file));
            known.insert(file.clone(), entry.clone());
            let mut wrong = entry.wrong;
            for dag in entry.dags {
                if let Some(owner) = owners.get(&dag.dag_id) {
                    let message = format!("DAG \"{}\" is already defined in {owner}", dag.dag_id);
                    wrong = wrong.or(Some((line_of(&dag), message)));
                    continue;
                }
                owners.insert(dag.dag_id.clone(), file.clone());
                scan.dags.push(Found { dag, file: file.clone(), source: entry.source.clone() });
            }
            if let Some((line, message)) = wrong {
                scan.errors.push(ImportError { file, line, message, at: Timestamp::UNIX_EPOCH });
            }
        }
        Ok(scan)
    }
}

fn line_of(dag: &Dag) -> Option<u32> {
    Some(dag.line).filter(|line| *line > 0)
}

/// DAG files below `dir`. Links to files are followed, links to folders are not: they may lead in a circle.
fn collect(root: &Path, dir: &Path, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if hidden || files.len() >= FILES_MAX {
            continue;
        }
        if entry.file_type()?.is_dir() {
            if let Err(error) = collect(root, &path, files) {
                tracing::warn!(%error, folder = %path.display(), "folder below the dags folder not read");
            }
        } else if is_dag_file(&path)
            && let Ok(relative) = path.strip_prefix(root)
        {
            files.insert(relative.to_string_lossy().replace('\\', "/"), path);
        }
    }
    Ok(())
}

fn is_dag_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn refresh(path: &Path, known: Option<&Known>) -> Known {
    let failed = |message: String| Known {
        stamp: (SystemTime::UNIX_EPOCH, 0),
        source: Arc::from(""),
        dags: Vec::new(),
        wrong: Some((None, message)),
        unchanged: false,
    };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return failed(error.to_string()),
    };
    if metadata.len() > FILE_BYTES_MAX {
        return failed(format!("the file has {} bytes, at most {FILE_BYTES_MAX} are read", metadata.len()));
    }
    let stamp = (metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len());
    // A file written within the last moments may change again under the same time stamp.
    let settled = stamp.0.elapsed().is_ok_and(|age| age > Duration::from_secs(2));
    if let Some(known) = known.filter(|known| known.stamp == stamp && settled) {
        return Known { unchanged: true, ..known.clone() };
    }
    let source: Arc<str> = match std::fs::read_to_string(path) {
        Ok(source) => source.into(),
        Err(error) => return failed(error.to_string()),
    };
    if let Some(known) = known.filter(|known| known.source == source && known.stamp.1 == stamp.1) {
        return Known { unchanged: true, stamp, ..known.clone() };
    }
    let (dags, wrong) = parse(&source);
    Known { stamp, dags, wrong, source, unchanged: false }
}

/// What a file's text defines, and what is wrong with the rest of it.
pub(crate) fn parse(source: &str) -> (Vec<Arc<Dag>>, Option<Wrong>) {
    let parsed = dag::yaml::parse(source, Timestamp::now());
    let wrong = match parsed.diagnostics.as_slice() {
        [] => None,
        [one] => Some((Some(one.line), one.message.clone())),
        [first, ..] => {
            let lines: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
            Some((Some(first.line), lines.join("\n")))
        }
    };
    (parsed.dags.into_iter().map(Arc::new).collect(), wrong)
}

/// Asks for a reload when the folder changes, until dropped.
///
/// Without a watcher (an exhausted inotify, say) the orchestrator still runs;
/// changes are then seen at the next start or `reload`.
pub(crate) fn watch_folder(
    dir: &Path,
    commands: mpsc::UnboundedSender<Command>,
) -> Option<RecommendedWatcher> {
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let reading = event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_)));
        if !reading {
            // A full channel already says that something has changed.
            let _ = changed.try_send(());
        }
    });
    let started = watcher.and_then(|mut watcher| {
        watcher.watch(dir, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    let watcher = match started {
        Ok(watcher) => watcher,
        Err(error) => {
            tracing::warn!(%error, dir = %dir.display(), "dags folder not watched");
            return None;
        }
    };
    tokio::spawn(async move {
        while changes.recv().await.is_some() {
            for _ in 0..QUIET_TRIES {
                if !matches!(tokio::time::timeout(QUIET, changes.recv()).await, Ok(Some(()))) {
                    break;
                }
            }
            if commands.send(Command::Reload { reply: None }).is_err() {
                break;
            }
        }
    });
    Some(watcher)
}
