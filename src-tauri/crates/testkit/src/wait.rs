use std::future::Future;
use std::time::{Duration, Instant};

/// How long a test waits for what should be there at once: long enough for a busy machine.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Between two looks at a condition that announces itself by no event.
const POLL: Duration = Duration::from_millis(10);

/// Looks again and again until `condition` yields a value, and returns that.
///
/// # Panics
/// When `limit` passes before; `what` says what was waited for.
pub async fn wait_until<T, F>(what: &str, limit: Duration, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        let left = limit.saturating_sub(start.elapsed());
        match tokio::time::timeout(left, condition()).await {
            Ok(Some(value)) => return value,
            Ok(None) if !left.is_zero() => tokio::time::sleep(POLL.min(left)).await,
            _ => panic!("waited {limit:?} in vain for {what}"),
        }
    }
}

/// The future's value, within [`LIMIT`].
///
/// # Panics
/// When the limit passes before; `what` says what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {LIMIT:?} in vain for {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn returns_what_the_condition_yields() {
        let mut looks = 0;
        let value = wait_until("the third look", LIMIT, || {
            looks += 1;
            let seen = (looks == 3).then_some(looks);
            async move { seen }
        })
        .await;
        assert_eq!(value, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain for what never comes")]
    async fn a_condition_that_hangs_is_given_up() {
        wait_until("what never comes", Duration::from_millis(20), std::future::pending::<Option<()>>).await;
    }
}
