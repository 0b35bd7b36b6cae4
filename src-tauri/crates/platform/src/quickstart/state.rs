//! What the user last decided about the quickstart, kept in the data directory.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::QuickstartStart;

/// Absent from a new directory: nothing was decided yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Decision {
    Running,
    Stopped,
    Removed,
}

#[derive(Serialize, Deserialize)]
struct File {
    state: Decision,
}

pub(super) fn read(path: &Path) -> Option<Decision> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                tracing::warn!(%error, path = %path.display(), "quickstart state not read");
            }
            return None;
        }
    };
    match serde_json::from_slice::<File>(&text) {
        Ok(file) => Some(file.state),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "quickstart state not understood");
            None
        }
    }
}

pub(super) fn write(path: &Path, state: Decision) -> std::io::Result<()> {
    let temporary = path.with_extension("json.new");
    std::fs::write(&temporary, serde_json::to_vec(&File { state })?)?;
    std::fs::rename(&temporary, path)
}

/// Whether the pipeline is started together with the services.
pub(super) fn starts(decided: Option<Decision>, asked: QuickstartStart) -> bool {
    match (asked, decided) {
        (QuickstartStart::Always, _) => true,
        (_, Some(Decision::Running)) => true,
        (QuickstartStart::OnFirstStart, None) => true,
        (QuickstartStart::Never | QuickstartStart::OnFirstStart, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: QuickstartStart, decided: Option<Decision>, expected: bool) {
        assert_eq!(starts(decided, asked), expected, "{asked:?} {decided:?}");
    }

    #[test]
    fn what_was_stopped_stays_so() {
        check(QuickstartStart::OnFirstStart, None, true);
        check(QuickstartStart::OnFirstStart, Some(Decision::Running), true);
        check(QuickstartStart::OnFirstStart, Some(Decision::Stopped), false);
        check(QuickstartStart::OnFirstStart, Some(Decision::Removed), false);
        check(QuickstartStart::Never, None, false);
        check(QuickstartStart::Never, Some(Decision::Running), true);
        check(QuickstartStart::Always, Some(Decision::Removed), true);
    }
}
