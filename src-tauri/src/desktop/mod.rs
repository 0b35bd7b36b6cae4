//! The desktop shell: window and bridge. Nothing outside this folder names Tauri.

mod bridge;
mod window;

use std::sync::Arc;

use anyhow::Context;
use platform::{Config, Loggers};
use tauri::RunEvent;
use tokio::runtime::Runtime;

use bridge::Host;

/// Opens the window at once and starts the services beside it; returns when it is closed.
pub(crate) fn run(runtime: Runtime, config: Config, loggers: Loggers) -> anyhow::Result<()> {
    tauri::async_runtime::set(runtime.handle().clone());
    let storage = config.data_dir.join("webview");
    let host = Arc::new(Host::start(runtime.handle(), config, loggers));
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .plugin(tauri_plugin_clipboard_manager::init())
        .manage(Arc::clone(&host))
        .invoke_handler(tauri::generate_handler![bridge::rpc])
        .setup(move |app| {
            window::open(app.handle(), storage)?;
            end_on_signal(app.handle().clone());
            Ok(())
        })
        .build(tauri::generate_context!())
        .context("the window can't be opened")?;
    let exit_code = app.run_return(|_, _event: RunEvent| {});
    runtime.block_on(host.stop());
    // A call to a cluster that does not answer must not hold the stop back.
    runtime.shutdown_background();
    if exit_code != 0 {
        anyhow::bail!("the window ended with code {exit_code}");
    }
    Ok(())
}

/// SIGTERM and Ctrl-C close the window as its own button does.
fn end_on_signal(app: tauri::AppHandle) {
    tauri::async_runtime::spawn(async move {
        crate::signal::Signals::listen().wait().await;
        app.exit(0);
    });
}
