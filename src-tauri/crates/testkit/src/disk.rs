use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own in memory; unmounted when dropped.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `size` as `mount` takes it, such as `6m`. None where mounting is not allowed: it is root's.
    #[must_use]
    pub fn mount(at: &Path, size: &str) -> Option<SmallDisk> {
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|said| said.status.success()).then(|| SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // What cannot be unmounted now goes with the machine.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
