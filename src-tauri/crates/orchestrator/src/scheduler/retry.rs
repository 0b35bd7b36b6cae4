//! When a failed try is tried again.

use std::time::Duration;

use dag::Task;
use jiff::Timestamp;

use crate::records::TaskKey;

/// Airflow's longest delay where a task names none.
const DELAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The wait after try `try_number`, from 1.
///
/// With backoff it lies between the grown delay and its double, spread by a
/// hash of the instance and the try, so equal instances do not all come back at once.
pub(super) fn delay(task: &Task, key: &TaskKey, date: Option<Timestamp>, try_number: u32) -> Duration {
    let limit = task.max_retry_delay.unwrap_or(DELAY_MAX);
    if task.retry_exponential_backoff <= 0.0 {
        return task.retry_delay;
    }
    let growth =
        task.retry_exponential_backoff.powi(i32::try_from(try_number.saturating_sub(1)).unwrap_or(i32::MAX));
    let grown = (task.retry_delay.as_secs_f64() * growth).ceil().max(1.0);
    if grown >= limit.as_secs_f64() {
        return limit;
    }
    // Below the limit it fits: the cast is exact enough.
    let grown = grown as u64;
    let name = format!(
        "{}#{}#{}#{try_number}",
        key.dag_id,
        key.task_id,
        date.map(dag::time::iso).unwrap_or_default()
    );
    Duration::from_secs(grown + fnv(name.as_bytes()) % grown).min(limit)
}

/// FNV-1a: small, and the same in every process.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(delay_s: u64, backoff: f64, max_s: Option<u64>, try_number: u32, from_s: u64, to_s: u64) {
        let task = Task {
            retry_delay: Duration::from_secs(delay_s),
            retry_exponential_backoff: backoff,
            max_retry_delay: max_s.map(Duration::from_secs),
            ..Task::new("t", "BashOperator")
        };
        let key = TaskKey { dag_id: "d".into(), run_id: "r".into(), task_id: "t".into(), map_index: -1 };
        let found = delay(&task, &key, None, try_number).as_secs();
        assert!((from_s..=to_s).contains(&found), "{found} is not within {from_s}..={to_s}");
    }

    #[test]
    fn delays_grow_within_their_limit() {
        check(300, 0.0, None, 3, 300, 300);
        check(10, 2.0, None, 1, 10, 19);
        check(10, 2.0, None, 3, 40, 79);
        check(10, 2.0, Some(50), 3, 40, 50);
        check(10, 2.0, Some(30), 9, 30, 30);
        check(0, 2.0, None, 1, 1, 1);
        check(300, 2.0, None, u32::MAX, 86_400, 86_400);
    }
}
