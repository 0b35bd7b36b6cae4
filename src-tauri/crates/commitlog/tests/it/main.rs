//! The log as its owner sees it: real files in temporary directories.

mod basics;
mod support;
