//! A platform on free ports, and typed calls to it.

use std::path::Path;
use std::time::{Duration, Instant};

use api::{ApiError, Call};
use platform::{Config, Flags, Platform, QuickstartStart};
use testkit::TempDir;

/// The slowest step is a first run on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) platform: Platform,
    pub(crate) dir: TempDir,
}

pub(crate) fn config(dir: &Path, quickstart: QuickstartStart) -> Config {
    let flags = Flags {
        data_dir: Some(dir.to_path_buf()),
        host: None,
        kafka_port: Some(0),
        registry_port: Some(0),
        api_port: Some(0),
        quickstart,
        ..Flags::default()
    };
    Config::load(flags).expect("a configuration")
}

impl Running {
    pub(crate) async fn start() -> Self {
        Self::start_with(QuickstartStart::Never).await
    }

    pub(crate) async fn start_with(quickstart: QuickstartStart) -> Self {
        let dir = TempDir::new();
        let platform = Platform::start(config(dir.path(), quickstart)).await.expect("it starts");
        Self { platform, dir }
    }

    /// Stops it and starts it again on the same data.
    pub(crate) async fn restart(self) -> Self {
        self.platform.stop().await;
        let Self { platform, dir } = self;
        drop(platform);
        let platform =
            Platform::start(config(dir.path(), QuickstartStart::Never)).await.expect("it starts again");
        Self { platform, dir }
    }

    pub(crate) async fn call<C: Call>(&self, params: &C) -> Result<C::Reply, ApiError> {
        let params = serde_json::to_value(params).expect("JSON");
        let reply = self.platform.dispatch(C::NAME, params).await?;
        Ok(serde_json::from_value(reply).expect("the reply's shape"))
    }

    /// Asks again until the reply satisfies `wanted`.
    pub(crate) async fn until<C: Call>(&self, params: &C, wanted: impl Fn(&C::Reply) -> bool) -> C::Reply {
        let started = Instant::now();
        loop {
            match self.call(params).await {
                Ok(reply) if wanted(&reply) => return reply,
                other => {
                    let shown = other.map(|reply| serde_json::to_string(&reply).expect("JSON"));
                    assert!(
                        started.elapsed() < LIMIT,
                        "{} never answered as expected; last: {shown:?}",
                        C::NAME
                    );
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// The error of a call that is expected to fail.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, ApiError>, code: api::ErrorCode, says: &str) {
    let error = outcome.expect_err("an error");
    assert_eq!(error.code, code, "{error:?}");
    assert!(error.message.contains(says), "{error:?}");
}

pub(crate) fn local() -> String {
    api::cluster::LOCAL.to_owned()
}
