//! Schemas by id or GUID. What either names never changes, so a hit is kept; a
//! failure is kept only for a moment, because it may be registered later.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use payload::SchemaKey;

use super::Known;

/// Schemas kept; the least recently used goes first.
const SCHEMAS_MAX: usize = 1000;
/// How long "not in the registry" is believed.
const FAILURE_AGE_MAX: Duration = Duration::from_secs(10);

type Outcome = Result<Arc<Known>, String>;

struct Entry {
    outcome: Outcome,
    stored: Instant,
    used: u64,
}

#[derive(Default)]
pub(super) struct Cache {
    state: Mutex<(u64, HashMap<SchemaKey, Entry>)>,
}

impl Cache {
    pub(super) fn get(&self, key: SchemaKey) -> Option<Outcome> {
        let (clock, entries) = &mut *self.state.lock();
        let entry = entries.get_mut(&key)?;
        if entry.outcome.is_err() && entry.stored.elapsed() > FAILURE_AGE_MAX {
            return None;
        }
        *clock += 1;
        entry.used = *clock;
        Some(entry.outcome.clone())
    }

    pub(super) fn put(&self, key: SchemaKey, outcome: Outcome) {
        let (clock, entries) = &mut *self.state.lock();
        *clock += 1;
        if entries.len() >= SCHEMAS_MAX
            && !entries.contains_key(&key)
            && let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key)
        {
            entries.remove(&oldest);
        }
        entries.insert(key, Entry { outcome, stored: Instant::now(), used: *clock });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use payload::{ParsedSchema, SchemaId};

    fn known(id: u32) -> Outcome {
        Ok(Arc::new(Known { id: Some(id), parsed: ParsedSchema::json("{}", &[]), uses: Vec::new() }))
    }

    fn key(id: u32) -> SchemaKey {
        SchemaKey::Id(SchemaId(id))
    }

    #[test]
    fn the_cache_is_bounded_and_drops_the_least_used() {
        let cache = Cache::default();
        for id in 0..SCHEMAS_MAX as u32 {
            cache.put(key(id), known(id));
        }
        assert!(cache.get(key(0)).is_some());
        cache.put(key(5000), Err("missing".to_owned()));
        assert!(cache.get(key(0)).is_some(), "used a moment ago");
        assert!(cache.get(key(1)).is_none(), "the least recently used");
        assert_eq!(cache.get(key(5000)).and_then(Result::err).as_deref(), Some("missing"));
        assert_eq!(cache.state.lock().1.len(), SCHEMAS_MAX);
    }
}
