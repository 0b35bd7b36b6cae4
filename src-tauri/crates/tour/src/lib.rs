//! The real window, driven by WebDriver.
//!
//! [`Window::open`] starts a virtual display where there is none, then
//! `tauri-driver`, which starts the app; dropping the window ends all three.
//! The bin of this crate walks through the pages and says whether the
//! quickstart pipeline ran; the tests of the window use the same library.

mod display;
mod process;
mod window;

pub use window::{Options, Theme, Window, port_flags};
