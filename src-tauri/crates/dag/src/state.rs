//! The states of task instances and runs, by Airflow's names.

/// A state or rule name nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is not a {kind}; known are {}", known.join(", "))]
pub struct UnknownName {
    /// What was expected, e.g. "trigger rule".
    pub kind: &'static str,
    pub given: String,
    pub known: &'static [&'static str],
}

/// Declares an enum whose variants have one name each, in Airflow's spelling.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident, $kind:literal, { $($(#[$vmeta:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Every name, in declaration order.
            pub const NAMES: &'static [&'static str] = &[$($text,)+];

            /// Airflow's name for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::state::UnknownName;

            fn from_str(text: &str) -> Result<Self, $crate::state::UnknownName> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::state::UnknownName { kind: $kind, given: text.to_owned(), known: Self::NAMES }),
                }
            }
        }
    };
}
pub(crate) use named;

named!(
    /// The state of one task instance.
    TaskState, "task state", {
        /// Airflow's null: not looked at yet.
        None => "none",
        Scheduled => "scheduled",
        Queued => "queued",
        Running => "running",
        Success => "success",
        Failed => "failed",
        Skipped => "skipped",
        UpstreamFailed => "upstream_failed",
        Removed => "removed",
        UpForRetry => "up_for_retry",
        UpForReschedule => "up_for_reschedule",
        Deferred => "deferred",
        AwaitingInput => "awaiting_input",
        Restarting => "restarting",
    }
);

impl TaskState {
    /// It will not change by itself any more.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Skipped | Self::UpstreamFailed | Self::Removed)
    }

    /// The scheduler may move it to `scheduled` once its dependencies allow.
    pub fn is_schedulable(self) -> bool {
        matches!(self, Self::None | Self::UpForRetry | Self::UpForReschedule)
    }

    /// An executor holds it, or is about to: it counts against the limits.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Restarting)
    }
}

named!(
    /// The state of a DAG run.
    RunState, "run state", {
        Queued => "queued",
        Running => "running",
        Success => "success",
        Failed => "failed",
    }
);

impl RunState {
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}

named!(
    /// What caused a run.
    RunType, "run type", {
        Scheduled => "scheduled",
        Manual => "manual",
        Backfill => "backfill",
    }
);

impl RunType {
    /// The run's id as Airflow writes it: `scheduled__2026-01-01T00:00:00+00:00`.
    ///
    /// `at` is the logical date, or the moment of the trigger where a run has none.
    pub fn run_id(self, at: jiff::Timestamp) -> String {
        format!("{self}__{}", crate::time::iso(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for state in TaskState::ALL {
            assert_eq!(state.as_str().parse::<TaskState>(), Ok(*state));
            assert_eq!(
                serde_json::to_value(state).expect("serializes"),
                serde_json::Value::from(state.as_str())
            );
        }
        let error = "done".parse::<RunState>().expect_err("no such state").to_string();
        assert_eq!(error, "'done' is not a run state; known are queued, running, success, failed");
    }

    #[test]
    fn run_ids_are_airflows() {
        let at = "2026-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(RunType::Scheduled.run_id(at), "scheduled__2026-01-01T00:00:00+00:00");
        let at = "2026-01-01T00:00:00.5Z".parse().expect("a time");
        assert_eq!(RunType::Manual.run_id(at), "manual__2026-01-01T00:00:00.500000+00:00");
    }
}
