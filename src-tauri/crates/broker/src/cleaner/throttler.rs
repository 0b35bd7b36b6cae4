use std::time::Duration;

/// A rate is measured over as much time at least. (Kafka looks after so long for the first time; what is moved until
/// then it does not slow down.)
const PERIOD: Duration = Duration::from_millis(300);

/// Shorter waits are put together.
const WAIT_MIN: Duration = Duration::from_millis(10);

/// Says how long to wait so that what is done keeps within a rate. Time is an argument: since any moment.
#[derive(Debug)]
pub(super) struct Throttler {
    since: Duration,
    done: f64,
}

impl Throttler {
    pub(super) fn new(now: Duration) -> Throttler {
        Throttler { since: now, done: 0.0 }
    }

    /// Notes what was done.
    pub(super) fn add(&mut self, units: u64) {
        self.done += units as f64;
    }

    /// How long to wait before this is asked again; zero: more may be done. A rate below zero is none, as in Kafka.
    pub(super) fn wait(&mut self, now: Duration, per_second: f64) -> Duration {
        let needed = match self.done / per_second {
            seconds if seconds > 0.0 => Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
            _ => Duration::ZERO,
        };
        let elapsed = now.saturating_sub(self.since);
        let wait = needed.saturating_sub(elapsed);
        if wait.is_zero() && elapsed >= PERIOD {
            // What was not used is not saved for later, and another rate does not count for what is past.
            *self = Throttler::new(now);
        }
        if wait < WAIT_MIN { Duration::ZERO } else { wait }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn what_is_done_keeps_within_the_rate() {
        let (mut now, mut due) = (MS(5_000), MS(5_000));
        let mut throttler = Throttler::new(now);
        for units_per_ms in [1_000_000, 100, 10_000, 50] {
            for _ in 0..1_000 {
                throttler.add(700);
                now += MS(1);
                loop {
                    match throttler.wait(now, (units_per_ms * 1_000) as f64) {
                        Duration::ZERO => break,
                        wait => now += wait,
                    }
                }
            }
            due += MS((700_000 / units_per_ms).max(1_000));
            let off = now.abs_diff(due);
            assert!(off <= 4 * WAIT_MIN, "{off:?} off after {units_per_ms} per ms");
            // Another rate is not held against what was done before.
            (now, due) = (now + PERIOD, due + PERIOD);
            assert_eq!(throttler.wait(now, 1_000.0 * units_per_ms as f64), Duration::ZERO);
        }
    }

    #[test]
    fn who_is_slow_does_not_wait_and_saves_nothing() {
        let mut throttler = Throttler::new(Duration::ZERO);
        throttler.add(1_000);
        assert_eq!(throttler.wait(MS(60_000), 1_000.0), Duration::ZERO);
        throttler.add(1_000);
        assert_eq!(throttler.wait(MS(60_000), 1_000.0), MS(1_000));
    }

    #[test]
    fn another_rate_holds_at_once() {
        let mut throttler = Throttler::new(Duration::ZERO);
        throttler.add(1_000);
        assert_eq!(throttler.wait(MS(1), 0.0), Duration::MAX - MS(1));
        assert_eq!(throttler.wait(MS(1), 1.0), MS(999_999));
        assert_eq!(throttler.wait(MS(1), f64::MAX), Duration::ZERO);
        assert_eq!(throttler.wait(MS(1), -1.0), Duration::ZERO);
        assert_eq!(throttler.wait(MS(1), f64::NAN), Duration::ZERO);
    }
}
