//! What a crash may do to files: half a batch at the end of a log, and anything at all to an index.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use testkit::Random;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Damage {
    None,
    /// The beginning of a batch follows the last whole one.
    TornTail,
    /// Bytes without meaning follow the last whole batch.
    GarbledTail,
    IndexesTruncated,
    IndexesGarbled,
    IndexesRemoved,
    CheckpointsRemoved,
}

impl Damage {
    pub(crate) fn choose(random: &mut Random) -> Self {
        const ALL: [Damage; 7] = [
            Damage::None,
            Damage::TornTail,
            Damage::GarbledTail,
            Damage::IndexesTruncated,
            Damage::IndexesGarbled,
            Damage::IndexesRemoved,
            Damage::CheckpointsRemoved,
        ];
        ALL[random.below(ALL.len())]
    }

    /// Does it to every partition in the log directory.
    pub(crate) fn inflict(self, log_dir: &Path, random: &mut Random) -> anyhow::Result<()> {
        for entry in fs::read_dir(log_dir)? {
            let path = entry?.path();
            if path.is_dir() {
                self.inflict_on_partition(&path, random)?;
            } else if matches!(self, Damage::CheckpointsRemoved)
                && path.to_string_lossy().ends_with("-offset-checkpoint")
            {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn inflict_on_partition(self, dir: &Path, random: &mut Random) -> anyhow::Result<()> {
        match self {
            Damage::None | Damage::CheckpointsRemoved => {}
            Damage::TornTail | Damage::GarbledTail => {
                let Some(log) = with_extension(dir, "log")?.pop() else { return Ok(()) };
                let tail = if matches!(self, Damage::TornTail) {
                    let whole = fs::read(&log)?;
                    let half = whole.len().min(20 + random.below(500));
                    whole[..half].to_vec()
                } else {
                    (0..random.below(3000)).map(|_| random.next_u64() as u8).collect()
                };
                OpenOptions::new().append(true).open(log)?.write_all(&tail)?;
            }
            Damage::IndexesTruncated | Damage::IndexesGarbled | Damage::IndexesRemoved => {
                for path in [with_extension(dir, "index")?, with_extension(dir, "timeindex")?].concat() {
                    let mut bytes = fs::read(&path)?;
                    let at = random.below(bytes.len() + 1);
                    match self {
                        Damage::IndexesTruncated => bytes.truncate(at),
                        Damage::IndexesGarbled => {
                            bytes[at..].iter_mut().for_each(|byte| *byte = random.next_u64() as u8);
                        }
                        _ => {
                            fs::remove_file(&path)?;
                            continue;
                        }
                    }
                    fs::write(&path, bytes)?;
                }
            }
        }
        Ok(())
    }
}

/// Files of a partition, the newest last.
fn with_extension(dir: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|of| of == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
