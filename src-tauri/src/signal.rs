//! The operating system's request to stop.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and SIGTERM, listened for from [`Signals::listen`] on: one that comes before [`Signals::wait`] is kept.
pub(crate) struct Signals {
    #[cfg(unix)]
    both: Option<(Signal, Signal)>,
}

impl Signals {
    pub(crate) fn listen() -> Self {
        Self {
            #[cfg(unix)]
            both: signal(SignalKind::terminate()).ok().zip(signal(SignalKind::interrupt()).ok()),
        }
    }

    /// Returns at the next Ctrl-C or SIGTERM. A process that can't listen for signals is ended by them, so then
    /// this waits for ever.
    pub(crate) async fn wait(&mut self) {
        #[cfg(unix)]
        match &mut self.both {
            Some((terminate, interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            None => std::future::pending().await,
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
