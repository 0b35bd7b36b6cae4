//! The columns of a cron expression: from text to the set of values they let through.

use std::fmt;

use jiff::civil;

/// Which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
    Second,
    Year,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Second => "second",
            Self::Year => "year",
        })
    }
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Column {
    fn range(self) -> (u16, u16) {
        match self {
            Self::Minute | Self::Second => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 6),
            Self::Year => (1970, 2099),
        }
    }

    /// The greatest number that may be written: 7 is Sunday again.
    fn number_max(self) -> u16 {
        if self == Self::Weekday { 7 } else { self.range().1 }
    }

    /// How many different values there are.
    fn values_count(self) -> usize {
        let (low, high) = self.range();
        usize::from(high - low) + 1
    }

    fn names(self) -> (&'static [&'static str], u16) {
        match self {
            Self::Month => (&MONTHS, 1),
            Self::Weekday => (&WEEKDAYS, 0),
            _ => (&[], 0),
        }
    }
}

/// Why a column is refused: the part of it, and what is wrong with that.
pub(crate) type Refusal = (String, String);

/// The values a column lets through, ascending.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    Any,
    Only(Vec<u16>),
}

impl Values {
    pub(crate) fn is_any(&self) -> bool {
        *self == Self::Any
    }

    pub(crate) fn has(&self, value: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Only(values) => values.binary_search(&value).is_ok(),
        }
    }

    /// Those from `first` to `last`, both included.
    pub(crate) fn from(&self, first: u16, last: u16) -> impl DoubleEndedIterator<Item = u16> {
        (first..=last).filter(|value| self.has(*value))
    }
}

/// The day column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Days {
    Any,
    /// `last`: the month's last day as well.
    Some {
        days: Values,
        last: bool,
    },
    /// `15W`: the working day closest to it.
    Nearest(i8),
}

/// The weekday column, Sunday is 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Weekdays {
    Any,
    Some(Values),
    /// `1#2`, `L5`.
    Nth(NthWeekdays),
}

/// Which weekdays of a month: the weekday and its count from 1, or none for the last.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NthWeekdays(Vec<(u16, Option<i8>)>);

impl NthWeekdays {
    pub(crate) fn has(&self, date: civil::Date) -> bool {
        let weekday = u16::from(date.weekday().to_sunday_zero_offset().unsigned_abs());
        let nth = (date.day() - 1) / 7 + 1;
        let is_last = date.day() + 7 > date.days_in_month();
        self.0.iter().any(|(wanted, count)| *wanted == weekday && count.map_or(is_last, |count| count == nth))
    }
}

/// A column without the days' special forms.
pub(crate) fn values(column: Column, text: &str) -> Result<Values, Refusal> {
    if text.contains('?') {
        return Err((text.to_owned(), "may only stand for a day or weekday".to_owned()));
    }
    let mut found = Found::default();
    for part in text.split(',') {
        found.add(column, part, part)?;
    }
    Ok(found.values(column, true))
}

/// The day column; the weekday's text decides whether all days are a restriction.
pub(crate) fn days(text: &str, weekday_text: &str) -> Result<Days, Refusal> {
    if text == "?" {
        return Ok(Days::Any);
    }
    if let Some(day) = text.strip_suffix('w').or_else(|| text.strip_prefix('w'))
        && is_number(day)
    {
        return match day.parse::<i8>() {
            Ok(day @ 1..=31) => Ok(Days::Nearest(day)),
            _ => Err((text.to_owned(), "is not within 1–31".to_owned())),
        };
    }
    let mut found = Found::default();
    let mut last = false;
    for part in text.split(',') {
        if part == "l" {
            last = true;
        } else if part.contains('w') {
            return Err((part.to_owned(), "is not one day and W, such as 15W".to_owned()));
        } else {
            found.add(Column::Day, &part.replace("-l", "-31"), part)?;
        }
    }
    let days = found.values(Column::Day, weekday_text.contains('*') || weekday_text == "?");
    Ok(if days.is_any() { Days::Any } else { Days::Some { days, last } })
}

/// The weekday column; the day's text decides whether all weekdays are a restriction.
pub(crate) fn weekdays(text: &str, day_text: &str) -> Result<Weekdays, Refusal> {
    if text == "?" {
        return Ok(Weekdays::Any);
    }
    let mut nth = Vec::new();
    let mut found = Found::default();
    for part in text.split(',') {
        if let Some(last) = part.strip_prefix('l').filter(|rest| is_number(rest)) {
            let mut days = Found::default();
            days.add(Column::Weekday, last, part)?;
            nth.extend(days.numbers.into_iter().map(|weekday| (weekday, None)));
        } else if let Some((days_text, count)) = part.split_once('#') {
            let count = count.parse::<i8>().ok().filter(|count| (1..=5).contains(count));
            let Some(count) = count else {
                return Err((part.to_owned(), "does not count from 1 to 5".to_owned()));
            };
            if !is_name_range(days_text) && !is_word(days_text) {
                return Err((part.to_owned(), "counts neither one weekday nor a range of names".to_owned()));
            }
            let mut days = Found::default();
            days.add(Column::Weekday, days_text, part)?;
            nth.extend(days.numbers.into_iter().map(|weekday| (weekday, Some(count))));
        } else {
            found.add(Column::Weekday, part, part)?;
        }
    }
    if nth.is_empty() {
        let weekdays = found.values(Column::Weekday, day_text.contains('*') || day_text == "?");
        return Ok(if weekdays.is_any() { Weekdays::Any } else { Weekdays::Some(weekdays) });
    }
    let all = found.any || found.numbers.len() == Column::Weekday.values_count();
    let counted = |weekday: &u16| nth.iter().any(|(wanted, _)| wanted == weekday);
    if !all && !found.numbers.iter().all(counted) {
        return Err((text.to_owned(), "mixes plain weekdays with counted ones".to_owned()));
    }
    Ok(Weekdays::Nth(NthWeekdays(nth)))
}

/// What a column's parts let through so far.
#[derive(Default)]
struct Found {
    any: bool,
    numbers: Vec<u16>,
}

impl Found {
    /// Adds `5`, `*`, `1-5`, `*/2`, `10/5` or `1-30/5`. Errors show `part`.
    fn add(&mut self, column: Column, text: &str, part: &str) -> Result<(), Refusal> {
        let refuse = |reason: String| (part.to_owned(), reason);
        let (low, high) = column.range();
        let (bounds, step) = match text.split_once('/') {
            Some((bounds, step)) => (bounds, Some(step)),
            None => (text, None),
        };
        if step.is_none() && bounds == "*" {
            self.any = true;
            return Ok(());
        }
        let step_text = step;
        let step = match step {
            None => 1,
            Some(step) if is_number(step) => match step.parse::<u16>().unwrap_or(u16::MAX) {
                0 => return Err(refuse("has the step 0".to_owned())),
                step => step,
            },
            Some(_) => return Err(refuse("has a step that is no number".to_owned())),
        };
        // `10/5` runs to the end; at the end itself it is that one value.
        let mut open_ended = false;
        let (from, to) = match bounds.split_once('-') {
            None if bounds == "*" => (low, high),
            Some(("", _)) => return Err(refuse("is negative".to_owned())),
            Some((from, to)) => (number(column, from).map_err(refuse)?, number(column, to).map_err(refuse)?),
            None => {
                let from = number(column, bounds).map_err(refuse)?;
                if step_text.is_none() {
                    self.push(from);
                    return Ok(());
                }
                open_ended = true;
                (from, high)
            }
        };
        let (from, to) = if from == to && !open_ended { (low, high) } else { (from, to) };
        if open_ended && from == to {
            self.push(from);
        } else if from <= to {
            self.extend(from, to, step);
        } else {
            self.wrap(column, from, to, step);
        }
        Ok(())
    }

    /// `22-2`: to the end and on from the beginning, in step.
    fn wrap(&mut self, column: Column, from: u16, to: u16, step: u16) {
        let (low, high) = column.range();
        let last = from + (high - from) / step * step;
        let left_over = high - last;
        let skip = if last - low + step > high - low + 1 && left_over < step { step - left_over } else { 0 };
        self.extend(from, high, step);
        if low + skip <= to {
            self.extend(low + skip, to, step);
        }
    }

    fn extend(&mut self, from: u16, to: u16, step: u16) {
        for value in (from..=to).step_by(usize::from(step)) {
            self.push(value);
        }
    }

    fn push(&mut self, value: u16) {
        if let Err(at) = self.numbers.binary_search(&value) {
            self.numbers.insert(at, value);
        }
    }

    /// `fold`: all values together count as `*`.
    fn values(self, column: Column, fold: bool) -> Values {
        if self.any || (fold && self.numbers.len() == column.values_count()) {
            Values::Any
        } else {
            Values::Only(self.numbers)
        }
    }
}

fn alias(column: Column, value: u16) -> u16 {
    if column == Column::Weekday && value == 7 { 0 } else { value }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_name_range(text: &str) -> bool {
    text.split_once('-').is_some_and(|(from, to)| WEEKDAYS.contains(&from) && WEEKDAYS.contains(&to))
}

fn number(column: Column, text: &str) -> Result<u16, String> {
    let (names, first) = column.names();
    if let Some(at) = names.iter().position(|name| *name == text) {
        return Ok(first + u16::try_from(at).unwrap_or(0));
    }
    if !is_number(text) {
        return Err(match names {
            [] => "is no number".to_owned(),
            names => format!("is no number; names are {}", names.join(", ")),
        });
    }
    let low = column.range().0;
    let high = column.number_max();
    match text.parse::<u16>() {
        Ok(value) if (low..=high).contains(&value) => Ok(alias(column, value)),
        _ => Err(format!("is not within {low}–{high}")),
    }
}
