//! Cron expressions as croniter 7 reads them, matched on the wall clock.
//!
//! Own code instead of a cron crate: Airflow's users rely on croniter's
//! dialect (`22-2`, `5-1`, `L5`, `1#2`, `15W`, seconds in the sixth column,
//! years in the seventh) and on which errors it finds, and the zone is applied
//! outside of it, by [`crate::timetable`].

use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil};
use serde::{Deserialize, Serialize};

pub use crate::cron_field::Column;
use crate::cron_field::{self, Days, Values, Weekdays};

/// A checked cron expression or preset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
    minutes: Values,
    hours: Values,
    days: Days,
    months: Values,
    weekdays: Weekdays,
    /// Five columns mean second 0.
    seconds: Option<Values>,
    years: Option<Values>,
}

/// Why a text is no cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error(
        "the schedule '{text}' has {columns} columns; a cron expression has 5 (minute hour day month weekday), 6 (and second) or 7 (and year)"
    )]
    Columns { text: String, columns: usize },
    #[error("'{text}' is no preset; known are {}", PRESETS.map(|(name, _)| name).join(", "))]
    Preset { text: String },
    #[error("in the cron expression '{text}', {column} '{part}' {reason}")]
    Column { text: String, column: Column, part: String, reason: String },
}

/// Names for expressions: Airflow's, and those croniter knows beside them.
const PRESETS: [(&str, &str); 8] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@quarterly", "0 0 1 */3 *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// Longer expressions are no one's schedule.
const TEXT_BYTES_MAX: usize = 1_000;
/// How far croniter looks before it calls an expression one that never fires.
const SEARCH_YEARS: i16 = 50;

impl Cron {
    /// As authored.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the hour column lets every hour through.
    pub fn covers_every_hour(&self) -> bool {
        self.hours.is_any()
    }

    /// The first match after `at`; none within fifty years.
    pub fn next(&self, at: civil::DateTime) -> Option<civil::DateTime> {
        if self.must_also_meet() {
            self.search_on(at, |date| self.both_days_match(date))?;
        }
        self.search_on(at, |date| self.day_matches(date))
    }

    /// The last match before `at`; none within fifty years.
    pub fn previous(&self, at: civil::DateTime) -> Option<civil::DateTime> {
        if self.must_also_meet() {
            self.search_back(at, |date| self.both_days_match(date))?;
        }
        self.search_back(at, |date| self.day_matches(date))
    }

    fn search_on(
        &self,
        at: civil::DateTime,
        day_matches: impl Fn(civil::Date) -> bool,
    ) -> Option<civil::DateTime> {
        let step = if self.seconds.is_some() { 1.second() } else { 1.minute() };
        let from = self.floor(at.checked_add(step).ok()?);
        let last_year = from.year().saturating_add(SEARCH_YEARS);
        let mut date = from.date();
        let mut earliest = from.time();
        while date.year() <= last_year {
            if !self.year_matches(date) {
                date = civil::Date::new(date.year().checked_add(1)?, 1, 1).ok()?;
            } else if !self.months.has(date.month().unsigned_abs().into()) {
                date = date.first_of_month().checked_add(1.month()).ok()?;
            } else {
                if day_matches(date)
                    && let Some(time) = self.time_from(earliest)
                {
                    return Some(date.to_datetime(time));
                }
                date = date.tomorrow().ok()?;
            }
            earliest = civil::Time::midnight();
        }
        None
    }

    fn search_back(
        &self,
        at: civil::DateTime,
        day_matches: impl Fn(civil::Date) -> bool,
    ) -> Option<civil::DateTime> {
        let from = self.floor(at.checked_sub(1.microsecond()).ok()?);
        let first_year = from.year().saturating_sub(SEARCH_YEARS);
        let mut date = from.date();
        let mut latest = from.time();
        while date.year() >= first_year {
            if !self.year_matches(date) {
                date = civil::Date::new(date.year().checked_sub(1)?, 12, 31).ok()?;
            } else if !self.months.has(date.month().unsigned_abs().into()) {
                date = date.first_of_month().yesterday().ok()?;
            } else {
                if day_matches(date)
                    && let Some(time) = self.time_until(latest)
                {
                    return Some(date.to_datetime(time));
                }
                date = date.yesterday().ok()?;
            }
            latest = civil::time(23, 59, 59, 0);
        }
        None
    }

    fn floor(&self, at: civil::DateTime) -> civil::DateTime {
        let second = if self.seconds.is_some() { at.second() } else { 0 };
        at.date().at(at.hour(), at.minute(), second, 0)
    }

    fn year_matches(&self, date: civil::Date) -> bool {
        self.years.as_ref().is_none_or(|years| years.has(date.year().unsigned_abs()))
    }

    /// Of two restricted day columns either may match, as in every cron.
    fn day_matches(&self, date: civil::Date) -> bool {
        match (&self.days, &self.weekdays) {
            (Days::Any, Weekdays::Any) => true,
            (Days::Nearest(day), Weekdays::Any | Weekdays::Some(_)) => {
                nearest_weekday(date, *day) == date.day()
            }
            (Days::Nearest(day), Weekdays::Nth(nth)) => {
                nearest_weekday(date, *day) == date.day() && nth.has(date)
            }
            (Days::Any | Days::Some { .. }, Weekdays::Nth(nth)) => nth.has(date),
            (Days::Any, Weekdays::Some(weekdays)) => weekdays.has(sunday_zero(date)),
            (Days::Some { days, last }, weekdays) => {
                let by_day = days.has(date.day().unsigned_abs().into())
                    || (*last && date.day() == date.days_in_month());
                by_day || matches!(weekdays, Weekdays::Some(weekdays) if weekdays.has(sunday_zero(date)))
            }
        }
    }

    /// croniter gives up on a counted weekday, or a nearest working day, that
    /// never meets the other day column, though either alone would do.
    fn must_also_meet(&self) -> bool {
        matches!(
            (&self.days, &self.weekdays),
            (Days::Some { .. }, Weekdays::Nth(_)) | (Days::Nearest(_), Weekdays::Some(_))
        )
    }

    fn both_days_match(&self, date: civil::Date) -> bool {
        let by_day = match &self.days {
            Days::Any => true,
            Days::Nearest(day) => nearest_weekday(date, *day) == date.day(),
            Days::Some { days, last } => {
                days.has(date.day().unsigned_abs().into()) || (*last && date.day() == date.days_in_month())
            }
        };
        by_day
            && match &self.weekdays {
                Weekdays::Any => true,
                Weekdays::Some(weekdays) => weekdays.has(sunday_zero(date)),
                Weekdays::Nth(nth) => nth.has(date),
            }
    }

    /// The first matching time of a day, not before `earliest`.
    fn time_from(&self, earliest: civil::Time) -> Option<civil::Time> {
        let start = [earliest.hour(), earliest.minute(), earliest.second()]
            .map(|part| u16::from(part.unsigned_abs()));
        for hour in self.hours.from(start[0], 23) {
            let first = if hour == start[0] { start[1] } else { 0 };
            for minute in self.minutes.from(first, 59) {
                let first = if hour == start[0] && minute == start[1] { start[2] } else { 0 };
                if let Some(second) = self.second(|seconds| seconds.from(first, 59).next(), first == 0) {
                    return clock(hour, minute, second);
                }
            }
        }
        None
    }

    /// The last matching time of a day, not after `latest`.
    fn time_until(&self, latest: civil::Time) -> Option<civil::Time> {
        let end =
            [latest.hour(), latest.minute(), latest.second()].map(|part| u16::from(part.unsigned_abs()));
        for hour in self.hours.from(0, end[0]).rev() {
            let last = if hour == end[0] { end[1] } else { 59 };
            for minute in self.minutes.from(0, last).rev() {
                let last = if hour == end[0] && minute == end[1] { end[2] } else { 59 };
                if let Some(second) = self.second(|seconds| seconds.from(0, last).next_back(), true) {
                    return clock(hour, minute, second);
                }
            }
        }
        None
    }

    fn second(&self, pick: impl Fn(&Values) -> Option<u16>, zero_fits: bool) -> Option<u16> {
        match &self.seconds {
            Some(seconds) => pick(seconds),
            None => zero_fits.then_some(0),
        }
    }
}

fn sunday_zero(date: civil::Date) -> u16 {
    u16::from(date.weekday().to_sunday_zero_offset().unsigned_abs())
}

fn clock(hour: u16, minute: u16, second: u16) -> Option<civil::Time> {
    let part = |value: u16| i8::try_from(value).ok();
    civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()
}

/// The working day closest to `day` within the date's month.
fn nearest_weekday(date: civil::Date, day: i8) -> i8 {
    let last = date.days_in_month();
    let day = day.min(last);
    // The day exists in the month, so this never falls back.
    let wanted = date.with().day(day).build().unwrap_or(date);
    match wanted.weekday() {
        civil::Weekday::Saturday if day > 1 => day - 1,
        civil::Weekday::Saturday => day + 2,
        civil::Weekday::Sunday if day < last => day + 1,
        civil::Weekday::Sunday => day - 2,
        _ => day,
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        let shown = || text.chars().take(60).collect::<String>();
        if text.len() > TEXT_BYTES_MAX {
            let columns = text.split_ascii_whitespace().count();
            return Err(CronError::Columns { text: shown(), columns });
        }
        let expression = match PRESETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            Some((_, expression)) => (*expression).to_owned(),
            None if text.starts_with('@') && !text.contains(char::is_whitespace) => {
                return Err(CronError::Preset { text: shown() });
            }
            None => text.to_ascii_lowercase(),
        };
        let columns: Vec<&str> = expression.split_ascii_whitespace().collect();
        if !(5..=7).contains(&columns.len()) {
            return Err(CronError::Columns { text: shown(), columns: columns.len() });
        }
        let refuse = |column: Column| {
            move |(part, reason): (String, String)| CronError::Column { text: shown(), column, part, reason }
        };
        let values =
            |at: usize, column: Column| cron_field::values(column, columns[at]).map_err(refuse(column));
        let optional =
            |at: usize, column: Column| (columns.len() > at).then(|| values(at, column)).transpose();
        Ok(Self {
            minutes: values(0, Column::Minute)?,
            hours: values(1, Column::Hour)?,
            days: cron_field::days(columns[2], columns[4]).map_err(refuse(Column::Day))?,
            months: values(3, Column::Month)?,
            weekdays: cron_field::weekdays(columns[4], columns[2]).map_err(refuse(Column::Weekday))?,
            seconds: optional(5, Column::Second)?,
            years: optional(6, Column::Year)?,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;

    fn try_from(text: String) -> Result<Self, CronError> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(expression: &str, from: &str, expected: &[&str]) {
        let cron: Cron = expression.parse().expect("an expression");
        let mut at: civil::DateTime = from.parse().expect("a time");
        for wanted in expected {
            at = cron.next(at).expect("a match");
            assert_eq!(at.to_string(), *wanted, "{expression}");
        }
    }

    fn check_error(expression: &str, expected: &str) {
        let error = expression.parse::<Cron>().expect_err("a refusal");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn croniters_dialect() {
        check(
            "0 22-2 * * *",
            "2024-01-01T00:30:00",
            &["2024-01-01T01:00:00", "2024-01-01T02:00:00", "2024-01-01T22:00:00"],
        );
        check(
            "0 0 * * 5-1",
            "2024-01-01T00:00:00",
            &[
                "2024-01-05T00:00:00",
                "2024-01-06T00:00:00",
                "2024-01-07T00:00:00",
                "2024-01-08T00:00:00",
                "2024-01-12T00:00:00",
            ],
        );
        check("0 0 L * *", "2024-01-31T00:00:00", &["2024-02-29T00:00:00", "2024-03-31T00:00:00"]);
        check("0 0 * * L5", "2024-01-01T00:00:00", &["2024-01-26T00:00:00", "2024-02-23T00:00:00"]);
        check("0 0 * * 1#2", "2024-01-01T00:00:00", &["2024-01-08T00:00:00", "2024-02-12T00:00:00"]);
        check("0 0 15W * *", "2024-06-01T00:00:00", &["2024-06-14T00:00:00", "2024-07-15T00:00:00"]);
        check("*/5 * * * * 30", "2024-01-01T00:00:00", &["2024-01-01T00:00:30", "2024-01-01T00:05:30"]);
        check(
            "0 0 13 * 5",
            "2024-09-01T00:00:00",
            &["2024-09-06T00:00:00", "2024-09-13T00:00:00", "2024-09-20T00:00:00"],
        );
        check("0 0 29 2 *", "2024-03-01T00:00:00", &["2028-02-29T00:00:00"]);
        check(
            "5/20 * * * *",
            "2024-01-01T00:00:00",
            &["2024-01-01T00:05:00", "2024-01-01T00:25:00", "2024-01-01T00:45:00"],
        );
        check(
            "0 0 1 1 * 0 2025-2027",
            "2024-01-01T00:00:00",
            &["2025-01-01T00:00:00", "2026-01-01T00:00:00"],
        );
    }

    #[test]
    fn what_never_fires_has_no_match() {
        let cron: Cron = "0 0 31 2 *".parse().expect("croniter takes it");
        let at = "2024-01-01T00:00:00".parse().expect("a time");
        assert_eq!(cron.next(at), None);
        assert_eq!(cron.previous(at), None);
    }

    #[test]
    fn refusals_name_column_and_part() {
        check_error("60 * * * *", "in the cron expression '60 * * * *', minute '60' is not within 0–59");
        check_error("*/0 * * * *", "in the cron expression '*/0 * * * *', minute '*/0' has the step 0");
        check_error(
            "0 0 * * MONDAY",
            "in the cron expression '0 0 * * MONDAY', weekday 'monday' is no number; names are sun, mon, tue, wed, thu, fri, sat",
        );
        check_error(
            "0 0 12 * * ?",
            "in the cron expression '0 0 12 * * ?', second '?' may only stand for a day or weekday",
        );
        check_error(
            "* * *",
            "the schedule '* * *' has 3 columns; a cron expression has 5 (minute hour day month weekday), 6 (and second) or 7 (and year)",
        );
        check_error(
            "@fortnightly",
            "'@fortnightly' is no preset; known are @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly, @annually",
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[0-9*/,#LWHlw?a-z@ -]{0,24}") {
            let _ = text.parse::<Cron>();
        }

        #[test]
        fn previous_undoes_next(
            expression in "(\\*|[0-5]?[0-9]|\\*/[1-9]|[1-4]-[0-5]) (\\*|1?[0-9]|\\*/[1-9]|22-2) (\\*|[12][0-9]|L) (\\*|[1-9]) (\\*|[0-7]|1-5)",
            second in 0i64..4_000_000_000,
        ) {
            let cron: Cron = expression.parse().expect("an expression");
            let at = jiff::Timestamp::from_second(second).expect("a time").to_zoned(jiff::tz::TimeZone::UTC).datetime();
            if let Some(next) = cron.next(at) {
                prop_assert!(next > at);
                if let Some(previous) = cron.previous(next) {
                    prop_assert!(previous <= at);
                    prop_assert_eq!(cron.next(previous), Some(next));
                }
            }
        }
    }
}
