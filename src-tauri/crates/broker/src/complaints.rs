//! What goes wrong again and again, as long as a disk is full, say: a line in the log a second, not one for every
//! request.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

const PAUSE: Duration = Duration::from_secs(1);

/// Lets one line through a second.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    kept_back: u64,
}

impl Complaints {
    /// How many were kept back since the last line, if now is the time for another.
    pub(crate) fn raise(&self, now: Instant) -> Option<u64> {
        let mut told = self.told.lock();
        if told.last.is_some_and(|last| now.saturating_duration_since(last) < PAUSE) {
            told.kept_back += 1;
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.kept_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_second_is_told_with_the_number_of_the_others() {
        let (complaints, start) = (Complaints::default(), Instant::now());
        let at = |ms| complaints.raise(start + Duration::from_millis(ms));
        assert_eq!(at(0), Some(0));
        assert_eq!(at(1), None);
        assert_eq!(at(999), None);
        assert_eq!(at(1000), Some(2));
        assert_eq!(at(1001), None);
        assert_eq!(at(5000), Some(1));
    }
}
