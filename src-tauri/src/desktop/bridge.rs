//! The narrow waist between window and services: one command, `rpc`.

use std::sync::Arc;

use api::ApiError;
use platform::{Config, Loggers, Platform};
use serde_json::Value;
use tauri::State;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// The services as the window sees them: starting, up, or why they can't be.
enum Phase {
    Starting,
    Up(Arc<Platform>),
    Failed(ApiError),
}

pub(crate) struct Host {
    phase: watch::Receiver<Phase>,
}

impl Host {
    pub(crate) fn start(runtime: &Handle, config: Config, loggers: Loggers) -> Self {
        let (sender, phase) = watch::channel(Phase::Starting);
        runtime.spawn(async move {
            let started = match Platform::start(config).await {
                Ok(platform) => {
                    platform.log_by(Arc::new(loggers));
                    Phase::Up(Arc::new(platform))
                }
                Err(error) => {
                    tracing::error!(%error, "services not started");
                    Phase::Failed(error.into())
                }
            };
            sender.send_replace(started);
        });
        Self { phase }
    }

    /// The services, once they are up; a command sent early waits for them.
    async fn platform(&self) -> Result<Arc<Platform>, ApiError> {
        let mut phase = self.phase.clone();
        // The sender is dropped only after it has sent how the start ended.
        let phase = phase.wait_for(|phase| !matches!(phase, Phase::Starting)).await;
        match phase.as_deref() {
            Ok(Phase::Up(platform)) => Ok(Arc::clone(platform)),
            Ok(Phase::Failed(error)) => Err(error.clone()),
            Ok(Phase::Starting) | Err(_) => {
                Err(ApiError::new(api::ErrorCode::Internal, "the services ended while they were starting"))
            }
        }
    }

    pub(crate) async fn stop(&self) {
        if let Ok(platform) = self.platform().await {
            platform.stop().await;
        }
    }
}

#[tauri::command]
pub(crate) async fn rpc(
    host: State<'_, Arc<Host>>,
    command: String,
    params: Value,
) -> Result<Value, ApiError> {
    host.platform().await?.dispatch(&command, params).await
}
