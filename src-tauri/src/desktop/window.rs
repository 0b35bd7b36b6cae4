//! The one window.

use std::path::PathBuf;

use tauri::{AppHandle, WebviewUrl, WebviewWindowBuilder};

/// Opens at the size and place it was last closed at. What the page remembers
/// (theme, last page) is kept in `storage`, with the data it is about.
pub(crate) fn open(app: &AppHandle, storage: PathBuf) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Pumphouse")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .data_directory(storage)
        .build()?;
    Ok(())
}
