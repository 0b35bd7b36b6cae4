//! The one window.

use tauri::{AppHandle, WebviewUrl, WebviewWindowBuilder};

/// Opens at the size and place it was last closed at.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Pumphouse")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .build()?;
    Ok(())
}
