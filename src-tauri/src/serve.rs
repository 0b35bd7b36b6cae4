//! `pumphouse serve`: the services without a window.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use platform::{Config, Flags, Loggers, Platform, QuickstartStart, StartError};

use crate::cli::ServiceFlags;

/// Runs until the operating system asks to stop. The first line on stdout says,
/// once all services are ready, where they are.
pub(crate) async fn serve(flags: &ServiceFlags, quickstart: bool, loggers: Loggers) -> anyhow::Result<()> {
    let quickstart = if quickstart { QuickstartStart::Always } else { QuickstartStart::Never };
    let platform = Platform::start(config(flags, quickstart)?).await?;
    platform.log_by(Arc::new(loggers));
    // Whoever reads the line may ask to stop at once.
    let mut signals = crate::signal::Signals::listen();
    let line = serde_json::to_string(&platform.addresses())?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).context("can't write to stdout")?;
    signals.wait().await;
    tokio::select! {
        () = platform.stop() => {}
        // Asked twice: the user does not want to wait.
        () = signals.wait() => tracing::warn!("second signal, ending at once"),
    }
    Ok(())
}

/// The configuration in force: flags, then the environment, then `config.toml`, then defaults.
pub(crate) fn config(flags: &ServiceFlags, quickstart: QuickstartStart) -> anyhow::Result<Config> {
    Ok(load(flags, quickstart)?)
}

pub(crate) fn load(flags: &ServiceFlags, quickstart: QuickstartStart) -> Result<Config, StartError> {
    Config::load(Flags {
        data_dir: flags.data_dir.clone(),
        host: flags.host.clone(),
        kafka_port: flags.kafka_port,
        registry_port: flags.registry_port,
        api_port: flags.api_port,
        quickstart,
        listeners: flags.listeners.clone(),
        advertised_listeners: flags.advertised_listeners.clone(),
        broker: flags.broker.clone(),
        insecure_listen: flags.insecure_listen,
    })
}
