//! Programs out of a folder of jars.

use std::path::Path;
use std::process::Command;

/// `java` on a class of the folder's jars, small and quick to start. `classes` is a folder of compiled ones.
pub(crate) fn java(jars: &Path, classes: Option<&Path>, heap_mib: u32, class: &str) -> Command {
    let mut path = format!("{}/*", jars.display());
    if let Some(classes) = classes {
        path = format!("{}{}{path}", classes.display(), if cfg!(windows) { ";" } else { ":" });
    }
    let mut command = Command::new("java");
    command
        .arg(format!("-Xmx{heap_mib}m"))
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
        .args(["-cp", &path, class]);
    command
}
