//! What a DAG's `schedule` may be.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    cron::{Cron, CronError},
    period::Period,
};

/// When runs are due, as authored. [`crate::timetable`] computes with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Schedule {
    /// Runs only when triggered.
    None,
    /// One run, as early as allowed.
    Once,
    /// The next run starts when the last has ended.
    Continuous,
    /// At the times of a cron expression, or of several together.
    Cron(CronSchedule),
    /// Every so often.
    Delta(DeltaSchedule),
    /// At these times, ascending.
    Events { dates: Vec<Timestamp> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CronSchedule {
    /// At least one.
    pub crons: Vec<Cron>,
    /// Where it is not the DAG's own.
    #[serde(with = "jiff::fmt::serde::tz::optional", default)]
    pub timezone: Option<TimeZone>,
    pub style: Style,
    #[serde(default)]
    pub run_immediately: RunImmediately,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeltaSchedule {
    /// Positive. Days are 24 hours, months and years follow the calendar.
    pub delta: Period,
    pub style: Style,
}

/// What a tick means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Airflow 3's default: the run is at the tick. Its data interval ends
    /// there and begins this much earlier, zero by default.
    Trigger { interval: Period },
    /// Airflow 2's default: the run covers tick to tick and starts at the second.
    Interval,
}

impl Default for Style {
    fn default() -> Self {
        Self::Trigger { interval: Period::default() }
    }
}

/// Whether a DAG without start_date first runs at the tick just passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunImmediately {
    /// If it lies within a tenth of the period, or five minutes if that is more.
    #[default]
    Grace,
    Always,
    /// If it lies within this many seconds.
    Within(i64),
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error(transparent)]
    Cron(#[from] CronError),
}

impl Schedule {
    /// A cron expression or preset, read in the DAG's own zone.
    pub fn cron(cron: Cron) -> Self {
        Self::Cron(CronSchedule {
            crons: vec![cron],
            timezone: None,
            style: Style::default(),
            run_immediately: RunImmediately::default(),
        })
    }

    /// Every so often, counted from the start date or the last run.
    pub fn delta(delta: Period) -> Self {
        Self::Delta(DeltaSchedule { delta, style: Style::default() })
    }

    /// As people write it: `@daily`, `0 * * * *`, `every 5m`; none for no schedule.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Once => Some("@once".to_owned()),
            Self::Continuous => Some("@continuous".to_owned()),
            Self::Cron(cron) => Some(cron.crons.iter().map(Cron::text).collect::<Vec<_>>().join(", ")),
            Self::Delta(delta) => Some(delta.delta.to_string()),
            Self::Events { dates } => Some(format!("{} dates", dates.len())),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_deref().unwrap_or("none"))
    }
}

/// Presets and cron expressions.
impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        match text.trim() {
            "@once" => Ok(Self::Once),
            "@continuous" => Ok(Self::Continuous),
            text => Ok(Self::cron(text.parse()?)),
        }
    }
}
