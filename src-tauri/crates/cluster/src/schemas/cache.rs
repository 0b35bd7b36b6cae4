//! Parsed schemas by id. An id's schema never changes, so a hit is kept; a
//! failure is kept only for a moment, because the id may be registered later.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use payload::ParsedSchema;

/// Schemas kept; the least recently used goes first.
const SCHEMAS_MAX: usize = 1000;
/// How long "not in the registry" is believed.
const FAILURE_AGE_MAX: Duration = Duration::from_secs(10);

type Parsed = Result<ParsedSchema, String>;

struct Entry {
    parsed: Parsed,
    stored: Instant,
    used: u64,
}

#[derive(Default)]
pub(super) struct Cache {
    state: Mutex<(u64, HashMap<u32, Entry>)>,
}

impl Cache {
    pub(super) fn get(&self, id: u32) -> Option<Parsed> {
        let (clock, entries) = &mut *self.state.lock();
        let entry = entries.get_mut(&id)?;
        if entry.parsed.is_err() && entry.stored.elapsed() > FAILURE_AGE_MAX {
            return None;
        }
        *clock += 1;
        entry.used = *clock;
        Some(entry.parsed.clone())
    }

    pub(super) fn put(&self, id: u32, parsed: Parsed) {
        let (clock, entries) = &mut *self.state.lock();
        *clock += 1;
        if entries.len() >= SCHEMAS_MAX
            && !entries.contains_key(&id)
            && let Some(oldest) = entries.iter().min_by_key(|(_, entry)| entry.used).map(|(id, _)| *id)
        {
            entries.remove(&oldest);
        }
        entries.insert(id, Entry { parsed, stored: Instant::now(), used: *clock });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_drops_the_least_used() {
        let cache = Cache::default();
        for id in 0..SCHEMAS_MAX as u32 {
            cache.put(id, Ok(ParsedSchema::json()));
        }
        assert!(cache.get(0).is_some());
        cache.put(5000, Err("missing".to_owned()));
        assert!(cache.get(0).is_some(), "used a moment ago");
        assert!(cache.get(1).is_none(), "the least recently used");
        assert_eq!(cache.get(5000).map(|parsed| parsed.err()), Some(Some("missing".to_owned())));
        assert_eq!(cache.state.lock().1.len(), SCHEMAS_MAX);
    }
}
