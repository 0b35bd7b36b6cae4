//! Rates over sliding windows and a bucket of tokens, measured as Kafka's metrics do. Time is an argument.

use std::collections::VecDeque;

/// `quota.window.num` and `quota.window.size.seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) count: i64,
    pub(crate) size_ms: i64,
}

/// What was used in the last windows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rate {
    /// When a window began, and what was used in it.
    samples: VecDeque<(i64, f64)>,
}

impl Rate {
    pub(crate) fn record(&mut self, now_ms: i64, value: f64, windows: Windows) {
        self.forget(now_ms, windows);
        match self.samples.back_mut() {
            Some((began, used)) if now_ms - *began < windows.size_ms => *used += value,
            _ => self.samples.push_back((now_ms, value)),
        }
    }

    fn forget(&mut self, now_ms: i64, windows: Windows) {
        let oldest = now_ms - windows.count * windows.size_ms;
        while self.samples.front().is_some_and(|(began, _)| *began <= oldest) {
            self.samples.pop_front();
        }
    }

    /// How long to wait until the rate is within `limit` per second again; 0 if it is. In milliseconds.
    pub(crate) fn throttle_ms(&mut self, now_ms: i64, limit: f64, windows: Windows) -> i64 {
        self.forget(now_ms, windows);
        let Some((oldest, _)) = self.samples.front() else { return 0 };
        let used: f64 = self.samples.iter().map(|(_, used)| used).sum();
        // A short history counts as if nothing was used before it.
        let mut elapsed_ms = now_ms - oldest;
        let full = elapsed_ms / windows.size_ms;
        elapsed_ms += (windows.count - 1 - full).max(0) * windows.size_ms;
        let elapsed_ms = elapsed_ms.max(1) as f64;
        let rate = used * 1000.0 / elapsed_ms;
        if rate <= limit {
            return 0;
        }
        ((rate - limit) / limit * elapsed_ms).round() as i64
    }
}

/// Tokens that come at the quota's rate and are kept for a while (KIP-599). May be overdrawn.
#[derive(Debug, Clone, Default)]
pub(crate) struct TokenBucket {
    /// None before the first use: full.
    state: Option<(i64, f64)>,
}

impl TokenBucket {
    fn refill(&mut self, now_ms: i64, limit: f64, windows: Windows) -> &mut f64 {
        let most = limit * (windows.count * windows.size_ms) as f64 / 1000.0;
        let (then, tokens) = self.state.unwrap_or((now_ms, most));
        let tokens = (tokens + limit * (now_ms - then).max(0) as f64 / 1000.0).min(most);
        &mut self.state.insert((now_ms, tokens)).1
    }

    /// Takes tokens, also those it does not have.
    pub(crate) fn take(&mut self, now_ms: i64, count: f64, limit: f64, windows: Windows) {
        *self.refill(now_ms, limit, windows) -= count;
    }

    /// How long until it is no longer overdrawn; 0 if it is not. In milliseconds.
    pub(crate) fn throttle_ms(&mut self, now_ms: i64, limit: f64, windows: Windows) -> i64 {
        let tokens = *self.refill(now_ms, limit, windows);
        if tokens >= 0.0 { 0 } else { (-tokens * 1000.0 / limit).round() as i64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows { count: 11, size_ms: 1000 };

    #[test]
    fn a_burst_is_paid_off() {
        let mut rate = Rate::default();
        rate.record(0, 20_000.0, WINDOWS);
        // 20,000 in 10 s (no history counts as nothing used) are 2,000 per second: as much again.
        assert_eq!(rate.throttle_ms(0, 1000.0, WINDOWS), 10_000);
        assert_eq!(rate.throttle_ms(0, 2000.0, WINDOWS), 0);
        assert!(rate.throttle_ms(9_000, 1000.0, WINDOWS) > 0);
        // The window with the burst is gone.
        assert_eq!(rate.throttle_ms(11_000, 1000.0, WINDOWS), 0);
    }

    #[test]
    fn a_throttled_client_keeps_to_its_rate() {
        let (mut rate, mut now, mut sent) = (Rate::default(), 0, 0.0);
        while now < 120_000 {
            rate.record(now, 5_000.0, WINDOWS);
            sent += 5_000.0;
            now += rate.throttle_ms(now, 1000.0, WINDOWS).max(1);
        }
        let per_second = sent / (now as f64 / 1000.0);
        assert!((900.0..=1200.0).contains(&per_second), "{per_second}");
    }

    #[test]
    fn tokens_are_saved_up_and_overdrawn() {
        let mut bucket = TokenBucket::default();
        bucket.take(0, 11.0, 1.0, WINDOWS);
        assert_eq!(bucket.throttle_ms(0, 1.0, WINDOWS), 0);
        bucket.take(0, 5.0, 1.0, WINDOWS);
        assert_eq!(bucket.throttle_ms(0, 1.0, WINDOWS), 5_000);
        assert_eq!(bucket.throttle_ms(5_000, 1.0, WINDOWS), 0);
        assert_eq!(bucket.throttle_ms(1_000_000, 1.0, WINDOWS), 0);
        bucket.take(1_000_000, 12.0, 1.0, WINDOWS);
        assert_eq!(bucket.throttle_ms(1_000_000, 1.0, WINDOWS), 1_000);
    }
}
