//! When the next run is due.
//!
//! The clock is an argument: `now` decides what catchup leaves out. Agrees
//! with Airflow 3.3.2 case by case (`tests/data/schedule.json`).

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    cron::Cron,
    model::Dag,
    schedule::{CronSchedule, DeltaSchedule, RunImmediately, Schedule, Style},
};

/// The time a run's data is from; equal ends for a run that covers none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataInterval {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl DataInterval {
    /// An interval of no length.
    pub fn exact(at: Timestamp) -> Self {
        Self { start: at, end: at }
    }
}

/// A run to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The start of the data interval.
    pub logical_date: Timestamp,
    pub data_interval: DataInterval,
    /// The earliest moment it may start.
    pub run_after: Timestamp,
}

impl RunInfo {
    fn over(start: Timestamp, end: Timestamp) -> Self {
        Self { logical_date: start, data_interval: DataInterval { start, end }, run_after: end }
    }
}

/// Between which times runs may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restriction {
    pub earliest: Option<Timestamp>,
    pub latest: Option<Timestamp>,
    /// Runs missed in the past are made up for.
    pub catchup: bool,
}

/// Why a schedule never comes to a run. Airflow leaves such a DAG unscheduled without a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimetableError {
    #[error("the schedule '{cron}' never fires: no date within fifty years matches it")]
    NeverFires { cron: String },
    #[error(
        "the schedule '{cron}' has no match in the fifty years before {before}; as in Airflow it is not scheduled: let it match an earlier year as well"
    )]
    NoMatchBefore { cron: String, before: Timestamp },
    #[error("the schedule leads beyond the calendar's end")]
    OutOfRange,
    #[error("the timedelta schedule '{0}' does not lead forward")]
    NotPositive(String),
}

impl Restriction {
    /// From the DAG's and its tasks' dates.
    pub fn of(dag: &Dag) -> Self {
        let earliest = dag.tasks().iter().filter_map(|task| task.start_date).chain(dag.start_date).min();
        let ends: Vec<Timestamp> =
            dag.tasks().iter().filter_map(|task| task.end_date.or(dag.end_date)).collect();
        let latest = if ends.len() == dag.tasks().len() {
            ends.into_iter().chain(dag.end_date).max()
        } else {
            dag.end_date
        };
        Self { earliest, latest, catchup: dag.catchup }
    }
}

/// The run after the one that covered `last`; none if no more are due, ever.
pub fn next_run(
    dag: &Dag,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Option<RunInfo>, TimetableError> {
    next_run_within(&dag.schedule, &dag.timezone, Restriction::of(dag), last, now)
}

/// As [`next_run`], from the parts of a DAG that matter.
pub fn next_run_within(
    schedule: &Schedule,
    zone: &TimeZone,
    within: Restriction,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Option<RunInfo>, TimetableError> {
    let not_too_late = |at: Timestamp| within.latest.is_none_or(|latest| at <= latest);
    match schedule {
        Schedule::None => Ok(None),
        Schedule::Once => {
            let at = within.earliest.unwrap_or(now);
            Ok((last.is_none() && not_too_late(at)).then(|| RunInfo::over(at, at)))
        }
        Schedule::Continuous => Ok(continuous(within, last, now).filter(|run| not_too_late(run.run_after))),
        Schedule::Cron(cron) => next_of_crons(cron, zone, within, last, now),
        Schedule::Delta(delta) => next_of_ticks(&Ticks::Delta(delta), within, last, now),
        Schedule::Events { dates } => {
            let earliest = if within.catchup { within.earliest } else { within.earliest.max(Some(now)) };
            let next = dates.iter().find(|date| {
                earliest.is_none_or(|earliest| **date >= earliest)
                    && last.is_none_or(|last| **date > last.end)
            });
            Ok(next.filter(|date| not_too_late(**date)).map(|date| RunInfo::over(*date, *date)))
        }
    }
}

/// The next `count` runs, each computed when the one before is due.
///
/// Of a continuous schedule only one: the next begins when that one has ended.
pub fn upcoming(
    dag: &Dag,
    last: Option<DataInterval>,
    now: Timestamp,
    count: usize,
) -> Result<Vec<RunInfo>, TimetableError> {
    let mut runs = Vec::new();
    let (mut last, mut now) = (last, now);
    while runs.len() < count {
        let Some(run) = next_run(dag, last, now)? else { break };
        runs.push(run);
        if dag.schedule == Schedule::Continuous {
            break;
        }
        last = Some(run.data_interval);
        now = now.max(run.run_after);
    }
    Ok(runs)
}

/// The data interval of a run someone triggers at `at`.
pub fn manual_interval(dag: &Dag, at: Timestamp) -> Result<DataInterval, TimetableError> {
    let of = |ticks: Ticks<'_>| match ticks.style() {
        Style::Trigger { interval } => {
            let start = interval.before(at).ok_or(TimetableError::OutOfRange)?;
            Ok(DataInterval { start, end: at })
        }
        Style::Interval => {
            let end = ticks.align_back(at)?;
            Ok(DataInterval { start: ticks.before(end)?, end })
        }
    };
    match &dag.schedule {
        Schedule::None | Schedule::Once | Schedule::Continuous | Schedule::Events { .. } => {
            Ok(DataInterval::exact(at))
        }
        Schedule::Delta(delta) => of(Ticks::Delta(delta)),
        Schedule::Cron(schedule) => {
            let mut found = None;
            for cron in &schedule.crons {
                let interval = of(Ticks::Cron(zoned(schedule, cron, &dag.timezone)))?;
                found =
                    Some(found.map_or(
                        interval,
                        |known: DataInterval| {
                            if interval.start < known.start { interval } else { known }
                        },
                    ));
            }
            Ok(found.unwrap_or(DataInterval::exact(at)))
        }
    }
}

fn continuous(within: Restriction, last: Option<DataInterval>, now: Timestamp) -> Option<RunInfo> {
    let earliest = within.earliest.unwrap_or(now);
    match last {
        None => Some(RunInfo::over(earliest, earliest.max(now))),
        // The start date lies ahead.
        Some(last) if last.end > now => {
            let end = earliest.checked_add(last.end.duration_since(last.start)).ok()?;
            Some(RunInfo::over(earliest, end))
        }
        Some(last) => Some(RunInfo::over(last.end, now)),
    }
}

/// Of several crons: with catchup the earliest, without it the latest that is
/// due already, or else the earliest to come.
fn next_of_crons(
    schedule: &CronSchedule,
    zone: &TimeZone,
    within: Restriction,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Option<RunInfo>, TimetableError> {
    let mut best: Option<RunInfo> = None;
    for cron in &schedule.crons {
        let ticks = Ticks::Cron(zoned(schedule, cron, zone));
        let Some(run) = next_of_ticks(&ticks, within, last, now)? else { continue };
        let better = best.is_none_or(|best| {
            let due = |run: &RunInfo| !within.catchup && run.logical_date <= now;
            match (due(&run), due(&best)) {
                (true, true) => run.logical_date > best.logical_date,
                (false, false) => run.logical_date < best.logical_date,
                (run_is_due, _) => run_is_due,
            }
        });
        if better {
            best = Some(run);
        }
    }
    Ok(best)
}

fn zoned<'a>(schedule: &'a CronSchedule, cron: &'a Cron, zone: &'a TimeZone) -> ZonedCron<'a> {
    ZonedCron { schedule, cron, zone: schedule.timezone.as_ref().unwrap_or(zone) }
}

fn next_of_ticks(
    ticks: &Ticks<'_>,
    within: Restriction,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Option<RunInfo>, TimetableError> {
    ticks.check()?;
    match ticks.style() {
        Style::Trigger { interval } => {
            let at = next_trigger(ticks, within, last, now)?;
            if within.latest.is_some_and(|latest| latest < at) {
                return Ok(None);
            }
            let start = interval.before(at).ok_or(TimetableError::OutOfRange)?;
            Ok(Some(RunInfo::over(start, at)))
        }
        Style::Interval => next_interval(ticks, within, last, now),
    }
}

fn next_trigger(
    ticks: &Ticks<'_>,
    within: Restriction,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Timestamp, TimetableError> {
    if within.catchup {
        return match (last, within.earliest) {
            (Some(last), _) => ticks.after(last.end),
            (None, Some(earliest)) => ticks.align(earliest),
            (None, None) => ticks.first_run(now),
        };
    }
    let mut at = ticks.align_back(now)?;
    match (last, within.earliest) {
        (Some(last), _) => at = at.max(ticks.after(last.end)?),
        (None, None) => at = at.max(ticks.first_run(now)?),
        (None, Some(_)) => {}
    }
    if let Some(earliest) = within.earliest {
        at = at.max(ticks.align(earliest)?);
    }
    Ok(at)
}

fn next_interval(
    ticks: &Ticks<'_>,
    within: Restriction,
    last: Option<DataInterval>,
    now: Timestamp,
) -> Result<Option<RunInfo>, TimetableError> {
    let earliest = if within.catchup {
        within.earliest.map(|earliest| ticks.align(earliest)).transpose()?
    } else {
        Some(ticks.latest_interval(within.earliest, now)?)
    };
    let mut start = match (last, earliest) {
        (None, None) => return Ok(None),
        (None, Some(earliest)) => earliest,
        (Some(last), earliest) => {
            let end = ticks.align_back(last.end)?;
            earliest.map_or(end, |earliest| earliest.max(end))
        }
    };
    // A changed schedule must not lead back to a run that exists.
    if let Some(last) = last
        && start <= last.start
    {
        start = ticks.after(start.max(last.start))?;
    }
    if within.latest.is_some_and(|latest| start > latest) {
        return Ok(None);
    }
    Ok(Some(RunInfo::over(start, ticks.after(start)?)))
}

/// The moments a schedule names.
enum Ticks<'a> {
    Cron(ZonedCron<'a>),
    Delta(&'a DeltaSchedule),
}

struct ZonedCron<'a> {
    schedule: &'a CronSchedule,
    cron: &'a Cron,
    zone: &'a TimeZone,
}

impl Ticks<'_> {
    fn style(&self) -> &Style {
        match self {
            Self::Cron(cron) => &cron.schedule.style,
            Self::Delta(delta) => &delta.style,
        }
    }

    fn check(&self) -> Result<(), TimetableError> {
        match self {
            Self::Delta(delta) if !delta.delta.is_positive() => {
                Err(TimetableError::NotPositive(delta.delta.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// The first tick after `at`.
    fn after(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        match self {
            Self::Cron(cron) => cron
                .shift(at, Cron::next)
                .ok_or_else(|| TimetableError::NeverFires { cron: cron.cron.text().to_owned() }),
            Self::Delta(delta) => delta.delta.after(at).ok_or(TimetableError::OutOfRange),
        }
    }

    /// The last tick before `at`.
    fn before(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        match self {
            Self::Cron(cron) => cron.shift(at, Cron::previous).ok_or_else(|| {
                let text = cron.cron.text().to_owned();
                match cron.shift(at, Cron::next) {
                    Some(_) => TimetableError::NoMatchBefore { cron: text, before: at },
                    None => TimetableError::NeverFires { cron: text },
                }
            }),
            Self::Delta(delta) => delta.delta.before(at).ok_or(TimetableError::OutOfRange),
        }
    }

    /// `at` if it is a tick, else the first after it. Every moment is a timedelta's tick.
    fn align(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        if matches!(self, Self::Delta(_)) {
            return Ok(at);
        }
        let next = self.after(at)?;
        Ok(if self.before(next)? == at { at } else { next })
    }

    /// `at` if it is a tick, else the last before it.
    fn align_back(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        if matches!(self, Self::Delta(_)) {
            return Ok(at);
        }
        let previous = self.before(at)?;
        Ok(if self.after(previous)? == at { at } else { previous })
    }

    /// The first run of a DAG without a start date.
    fn first_run(&self, now: Timestamp) -> Result<Timestamp, TimetableError> {
        let Self::Cron(cron) = self else { return Ok(now) };
        let (past, next) = (self.align_back(now)?, self.align(now)?);
        let grace = match cron.schedule.run_immediately {
            RunImmediately::Always => return Ok(past),
            RunImmediately::Within(seconds) => SignedDuration::from_secs(seconds),
            RunImmediately::Grace => (next.duration_since(past) / 10).max(SignedDuration::from_mins(5)),
        };
        Ok(if now.duration_since(past) <= grace { past } else { next })
    }

    /// Where the last whole interval before `now` begins, not before the start date.
    fn latest_interval(
        &self,
        earliest: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Timestamp, TimetableError> {
        let start = match self {
            Self::Cron(_) => {
                let previous = self.before(now)?;
                if self.after(previous)? == now { previous } else { self.before(previous)? }
            }
            Self::Delta(delta) => self.before(delta.floor(now, earliest.unwrap_or(now))?)?,
        };
        match earliest {
            Some(earliest) => Ok(start.max(self.align(earliest)?)),
            None => Ok(start),
        }
    }
}

impl ZonedCron<'_> {
    /// Moves by the wall clock and comes back to absolute time.
    ///
    /// In a gap the wall clock moves on, in a fold the second time counts,
    /// unless the cron covers every hour: then the distance does.
    fn shift(
        &self,
        at: Timestamp,
        go: impl Fn(&Cron, civil::DateTime) -> Option<civil::DateTime>,
    ) -> Option<Timestamp> {
        let wall = at.to_zoned(self.zone.clone()).datetime();
        let found = go(self.cron, wall)?;
        if self.cron.covers_every_hour() {
            at.checked_add(found.duration_since(wall)).ok()
        } else {
            self.zone.to_ambiguous_timestamp(found).later().ok()
        }
    }
}

impl DeltaSchedule {
    /// The boundary at or before `at`: multiples since 1970, or from `anchor` where months count.
    fn floor(&self, at: Timestamp, anchor: Timestamp) -> Result<Timestamp, TimetableError> {
        if self.delta.months != 0 {
            let mut boundary = anchor;
            loop {
                let next = self.delta.after(boundary).ok_or(TimetableError::OutOfRange)?;
                if next > at || next <= boundary {
                    return Ok(boundary);
                }
                boundary = next;
            }
        }
        let step = self.delta.duration.as_nanos();
        if step <= 0 {
            return Err(TimetableError::NotPositive(self.delta.to_string()));
        }
        let nanos = at.as_nanosecond();
        Timestamp::from_nanosecond(nanos - nanos.rem_euclid(step)).map_err(|_| TimetableError::OutOfRange)
    }
}
