//! The distance between two runs: fixed time, or months of the calendar.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A distance in time: Python's timedelta, or dateutil's relativedelta where months are set.
///
/// Added in UTC, as Airflow does: a day is 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub months: i32,
    pub duration: SignedDuration,
}

/// Why a text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{given}' is no duration; write it like 30s, 5m, 1h30m or 1 day")]
pub struct PeriodError {
    pub given: String,
}

impl Period {
    pub fn from_seconds(seconds: i64) -> Self {
        Self { months: 0, duration: SignedDuration::from_secs(seconds) }
    }

    pub fn is_positive(&self) -> bool {
        let min = Timestamp::UNIX_EPOCH;
        self.after(min).is_some_and(|later| later > min)
    }

    pub fn is_zero(&self) -> bool {
        self.months == 0 && self.duration.is_zero()
    }

    /// `at` and this much more; none beyond the calendar's end.
    pub fn after(&self, at: Timestamp) -> Option<Timestamp> {
        self.shift(at, 1)
    }

    /// `at` and this much less; none before the calendar's beginning.
    pub fn before(&self, at: Timestamp) -> Option<Timestamp> {
        self.shift(at, -1)
    }

    fn shift(&self, at: Timestamp, sign: i32) -> Option<Timestamp> {
        let months = Span::new().try_months(self.months.checked_mul(sign)?).ok()?;
        let shifted = at.to_zoned(TimeZone::UTC).checked_add(months).ok()?.timestamp();
        let duration = if sign < 0 { self.duration.checked_neg()? } else { self.duration };
        shifted.checked_add(duration).ok()
    }

    /// The same as fixed time; a month counts as Airflow's total_seconds would: none.
    pub fn as_seconds(&self) -> f64 {
        self.duration.as_secs_f64()
    }
}

impl TryFrom<Span> for Period {
    type Error = jiff::Error;

    fn try_from(span: Span) -> Result<Self, jiff::Error> {
        let months = i32::from(span.get_years()) * 12 + span.get_months();
        let rest = span.years(0).months(0);
        let duration = rest.to_duration(SpanRelativeTo::days_are_24_hours())?;
        Ok(Self { months, duration })
    }
}

/// jiff's friendly format, e.g. `1h 30m`, `2 days`, and ISO 8601's `PT5M`.
impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        text.trim()
            .parse::<Span>()
            .and_then(Self::try_from)
            .map_err(|_| PeriodError { given: text.chars().take(40).collect() })
    }
}

/// As Python prints a timedelta: `1 day, 0:00:00`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut named = |count: i64, name: &str| {
            if count != 0 {
                parts.push(format!("{count} {name}{}", if count.abs() == 1 { "" } else { "s" }));
            }
        };
        named(i64::from(self.months / 12), "year");
        named(i64::from(self.months % 12), "month");
        let seconds = self.duration.as_secs();
        let days = seconds.div_euclid(86_400);
        named(days, "day");
        if self.months == 0 || !self.duration.is_zero() {
            let rest = seconds.rem_euclid(86_400);
            let micros = self.duration.subsec_micros();
            let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
            parts.push(format!("{}:{:02}:{:02}{fraction}", rest / 3_600, rest / 60 % 60, rest % 60));
        }
        f.pad(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |text: &str, expected: &str| {
            let found = text.parse::<Period>().map(|period| period.to_string());
            assert_eq!(found.unwrap_or_else(|error| error.to_string()), expected);
        };
        check("5m", "0:05:00");
        check("1h30m", "1:30:00");
        check("1 day", "1 day, 0:00:00");
        check("36h", "1 day, 12:00:00");
        check("1mo", "1 month");
        check("PT90S", "0:01:30");
        check("soon", "'soon' is no duration; write it like 30s, 5m, 1h30m or 1 day");
    }

    #[test]
    fn months_follow_the_calendar() {
        let month: Period = "1 month".parse().expect("a period");
        let at = "2024-01-31T12:00:00Z".parse().expect("a time");
        assert_eq!(month.after(at), "2024-02-29T12:00:00Z".parse().ok());
        assert!(month.is_positive());
        assert!(!Period::from_seconds(-60).is_positive());
    }
}
