//! The ids of one context.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};
use std::sync::Arc;

use crate::{
    schema::{Guid, Schema},
    subject::Subject,
};

/// A schema that has an id.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) id: i32,
    pub(crate) guid: Guid,
    pub(crate) schema: Schema,
}

#[derive(Debug, Default)]
pub(crate) struct Ids {
    by_id: HashMap<i32, Used>,
    by_guid: HashMap<Guid, BTreeSet<i32>>,
    id_max: i32,
}

#[derive(Debug)]
struct Used {
    stored: Arc<Stored>,
    uses: BTreeSet<(Subject, i32)>,
}

impl Ids {
    /// Notes that a version uses an id; answers the schema it shares with the
    /// id's other versions.
    pub(super) fn add(&mut self, subject: &Subject, version: i32, id: i32, schema: Schema) -> Arc<Stored> {
        self.id_max = self.id_max.max(id);
        let guid = schema.guid();
        self.by_guid.entry(guid).or_default().insert(id);
        let used = match self.by_id.entry(id) {
            Entry::Occupied(used) => used.into_mut(),
            Entry::Vacant(free) => {
                let stored = Arc::new(Stored { id, guid, schema });
                let uses = BTreeSet::from([(subject.clone(), version)]);
                return Arc::clone(&free.insert(Used { stored, uses }).stored);
            }
        };
        used.uses.insert((subject.clone(), version));
        if used.stored.guid != guid {
            // Only a log written by others gives one id to two schemas; the
            // newer is what the id means, each version keeps its own.
            used.stored = Arc::new(Stored { id, guid, schema });
        }
        Arc::clone(&used.stored)
    }

    /// Notes that a version no longer uses an id; true if none does.
    pub(super) fn remove(&mut self, subject: &Subject, version: i32, id: i32) -> bool {
        let Some(used) = self.by_id.get_mut(&id) else { return false };
        used.uses.remove(&(subject.clone(), version));
        if !used.uses.is_empty() {
            return false;
        }
        let guid = used.stored.guid;
        self.by_id.remove(&id);
        if let Some(ids) = self.by_guid.get_mut(&guid) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_guid.remove(&guid);
            }
        }
        true
    }

    pub(crate) fn get(&self, id: i32) -> Option<&Arc<Stored>> {
        self.by_id.get(&id).map(|used| &used.stored)
    }

    /// The versions that use an id, by subject.
    pub(crate) fn uses(&self, id: i32) -> impl Iterator<Item = (&Subject, i32)> {
        self.by_id
            .get(&id)
            .into_iter()
            .flat_map(|used| &used.uses)
            .map(|(subject, version)| (subject, *version))
    }

    /// The newest version of each subject that uses an id.
    pub(crate) fn newest_uses(&self, id: i32) -> BTreeMap<&Subject, i32> {
        self.uses(id).collect()
    }

    /// The lowest id of a schema.
    pub(crate) fn id_of(&self, guid: Guid) -> Option<i32> {
        self.by_guid.get(&guid)?.first().copied()
    }

    pub(crate) fn id_max(&self) -> i32 {
        self.id_max
    }
}
