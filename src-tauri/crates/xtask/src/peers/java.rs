//! Programs out of a folder of jars.

use std::path::Path;
use std::process::Command;

/// `java` on a class of the folder's jars, small and quick to start.
pub(crate) fn java(jars: &Path, heap_mib: u32, class: &str) -> Command {
    let mut command = Command::new("java");
    command
        .arg(format!("-Xmx{heap_mib}m"))
        .args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"])
        .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
        .arg("-cp")
        .arg(format!("{}/*", jars.display()))
        .arg(class);
    command
}
