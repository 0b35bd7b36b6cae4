//! What administrators set and must outlive the process, in `security.json`: rules, users, quotas, subscriptions
//! to clients' metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};

use super::acl::Acl;
use super::authorizer::Rules;
use super::quota::{Entity, Limits};
use super::scram::{ScramCredential, ScramHash};
use crate::config::OpenError;
use crate::files;

const SECURITY_FILE: &str = "security.json";

/// The file's content.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) acls: BTreeSet<Acl>,
    #[serde(default)]
    pub(crate) scram: BTreeMap<String, BTreeMap<ScramHash, ScramCredential>>,
    #[serde(default)]
    pub(crate) quotas: Vec<(Entity, Limits)>,
    #[serde(default)]
    pub(crate) client_metrics: BTreeMap<String, BTreeMap<String, String>>,
}

/// The content and the rules made of it.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) content: Content,
    pub(crate) rules: Rules,
}

/// The file and what is in it.
pub(crate) struct SecurityFile {
    path: PathBuf,
    current: RwLock<Arc<Snapshot>>,
    /// Held by whoever changes it.
    changing: Mutex<()>,
    /// How often that was since the start.
    changes: AtomicU64,
}

impl SecurityFile {
    pub(crate) fn open(root: &Path) -> Result<Self, OpenError> {
        let path = root.join(SECURITY_FILE);
        let content: Content = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| OpenError::State { path: path.clone(), problem: error.to_string() })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content::default(),
            Err(source) => return Err(OpenError::Read { path, source }),
        };
        let current = RwLock::new(Arc::new(snapshot(content)));
        Ok(Self { path, current, changing: Mutex::default(), changes: AtomicU64::new(0) })
    }

    pub(crate) fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read())
    }

    /// How often the content was changed since the start.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Changes the content, on disk before in force. Nothing is written where nothing changed: then `change`
    /// returns none.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Content) -> Option<T>,
    ) -> std::io::Result<Option<T>> {
        let _one_at_a_time = self.changing.lock();
        let mut content = self.current().content.clone();
        let Some(done) = change(&mut content) else { return Ok(None) };
        files::write_private_json(&self.path, &content)?;
        *self.current.write() = Arc::new(snapshot(content));
        self.changes.fetch_add(1, Ordering::SeqCst);
        Ok(Some(done))
    }
}

fn snapshot(content: Content) -> Snapshot {
    Snapshot { rules: Rules::new(&content.acls), content }
}
