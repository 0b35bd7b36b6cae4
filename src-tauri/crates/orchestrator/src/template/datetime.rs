//! Moments and spans as template values, with the attributes and methods of
//! Python's `datetime` and the ones of pendulum that DAGs use.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, Unit, Zoned, ZonedRound};
use minijinja::value::{DynObject, Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

/// A moment with its zone; with `date_only`, a day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DateTime {
    at: Zoned,
    date_only: bool,
}

/// A span of time: Python's `timedelta`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TimeDelta(pub SignedDuration);

pub(super) fn invalid(message: impl fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.to_string())
}

impl DateTime {
    pub(super) fn utc(at: Timestamp) -> Self {
        Self::zoned(at.to_zoned(TimeZone::UTC))
    }

    pub(super) fn zoned(at: Zoned) -> Self {
        Self { at, date_only: false }
    }

    pub(super) fn value(at: Timestamp) -> Value {
        Value::from_object(Self::utc(at))
    }

    pub(super) fn timestamp(&self) -> Timestamp {
        self.at.timestamp()
    }

    /// Adds the span, or its negative.
    pub(super) fn shifted(&self, by: SignedDuration) -> Result<Self, Error> {
        let at = self.at.checked_add(by).map_err(invalid)?;
        Ok(Self { at, date_only: self.date_only })
    }

    fn with(&self, at: Zoned) -> Value {
        Value::from_object(Self { at, date_only: self.date_only })
    }

    pub(super) fn isoformat(&self, separator: char) -> String {
        if self.date_only {
            return self.at.strftime("%Y-%m-%d").to_string();
        }
        let fraction = if self.at.subsec_nanosecond() / 1_000 == 0 { "" } else { ".%6f" };
        let format = format!("%Y-%m-%d{separator}%H:%M:%S{fraction}%:z");
        self.at.strftime(&format).to_string()
    }

    pub(super) fn strftime(&self, format: &str) -> Result<String, Error> {
        strftime(&self.at, format)
    }
}

/// Python's `strftime`: `%f` has always six digits.
pub(super) fn strftime(at: &Zoned, format: &str) -> Result<String, Error> {
    let mut fixed = String::with_capacity(format.len());
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        fixed.push(c);
        if c == '%' {
            match chars.next() {
                Some('f') => fixed.push_str("6f"),
                Some(directive) => fixed.push(directive),
                None => fixed.push('%'),
            }
        }
    }
    jiff::fmt::strtime::format(&fixed, at)
        .map_err(|error| invalid(format!("strftime(\"{format}\"): {error}")))
}

impl Object for DateTime {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = &self.at;
        Some(match key.as_str()? {
            "year" => Value::from(at.year()),
            "month" => Value::from(at.month()),
            "day" => Value::from(at.day()),
            "hour" => Value::from(at.hour()),
            "minute" => Value::from(at.minute()),
            "second" => Value::from(at.second()),
            "microsecond" => Value::from(at.subsec_nanosecond() / 1_000),
            // Pendulum 3: Monday is 0.
            "day_of_week" => Value::from(at.weekday().to_monday_zero_offset()),
            "day_of_year" => Value::from(at.day_of_year()),
            "week_of_year" => Value::from(at.date().iso_week_date().week()),
            "quarter" => Value::from((at.month() - 1) / 3 + 1),
            "days_in_month" => Value::from(at.days_in_month()),
            "int_timestamp" => Value::from(at.timestamp().as_second()),
            "timezone_name" | "tzinfo" | "timezone" => Value::from(zone_name(at)),
            "offset" => Value::from(at.offset().seconds()),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let at = &self.at;
        match method {
            "strftime" => {
                let (format,): (&str,) = from_args(args)?;
                Ok(Value::from(self.strftime(format)?))
            }
            "format" => {
                let (format,): (&str,) = from_args(args)?;
                Ok(Value::from(pendulum_format(at, format)?))
            }
            "isoformat" | "to_iso8601_string" => {
                let (separator,): (Option<&str>,) = from_args(args)?;
                let separator = separator.and_then(|text| text.chars().next()).unwrap_or('T');
                Ok(Value::from(self.isoformat(separator)))
            }
            "timestamp" | "float_timestamp" => Ok(Value::from(at.timestamp().as_microsecond() as f64 / 1e6)),
            "to_date_string" => Ok(Value::from(self.strftime("%Y-%m-%d")?)),
            "to_time_string" => Ok(Value::from(self.strftime("%H:%M:%S")?)),
            "to_datetime_string" => Ok(Value::from(self.strftime("%Y-%m-%d %H:%M:%S")?)),
            "to_rfc3339_string" => Ok(Value::from(self.isoformat('T'))),
            "weekday" => Ok(Value::from(at.weekday().to_monday_zero_offset())),
            "isoweekday" => Ok(Value::from(at.weekday().to_monday_one_offset())),
            "date" => {
                Ok(Value::from_object(Self { at: at.start_of_day().map_err(invalid)?, date_only: true }))
            }
            "time" => Ok(Value::from(self.strftime("%H:%M:%S")?)),
            "add" => Ok(self.with(moved(at, args, 1)?)),
            "subtract" => Ok(self.with(moved(at, args, -1)?)),
            "replace" | "set" => Ok(self.with(replaced(at, args)?)),
            "astimezone" | "in_timezone" | "in_tz" => {
                let (name,): (&str,) = from_args(args)?;
                Ok(self.with(at.in_tz(name).map_err(invalid)?))
            }
            "start_of" | "end_of" => {
                let (unit,): (&str,) = from_args(args)?;
                let start = start_of(at, unit)?;
                if method == "start_of" {
                    return Ok(self.with(start));
                }
                let next = start.checked_add(unit_span(unit)?).map_err(invalid)?;
                Ok(self.with(next.checked_sub(Span::new().microseconds(1)).map_err(invalid)?))
            }
            "diff" => {
                let (other,): (Value,) = from_args(args)?;
                let other = moment(&other)?;
                Ok(Value::from_object(TimeDelta(other.timestamp().duration_since(at.timestamp()).abs())))
            }
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("a datetime has no method \"{method}\""))),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some(self.at.timestamp().cmp(&other.at.timestamp()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.isoformat(' '))
    }
}

fn zone_name(at: &Zoned) -> String {
    at.time_zone().iana_name().map_or_else(|| at.offset().to_string(), str::to_owned)
}

/// A value as a moment: one of ours, or text in ISO form.
pub(super) fn moment(value: &Value) -> Result<DateTime, Error> {
    if let Some(found) = value.downcast_object_ref::<DateTime>() {
        return Ok(found.clone());
    }
    let text = value.as_str().ok_or_else(|| invalid(format!("{value} is no datetime")))?;
    parse(text).ok_or_else(|| invalid(format!("\"{text}\" is no datetime")))
}

/// ISO 8601 with or without zone, or a date alone.
pub(super) fn parse(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(DateTime::utc(at));
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(DateTime::zoned(civil.to_zoned(TimeZone::UTC).ok()?))
}

/// Pendulum's `add`: each unit in turn, so signs may differ.
fn moved(at: &Zoned, args: &[Value], sign: i64) -> Result<Zoned, Error> {
    let (years, kwargs): (Option<i64>, Kwargs) = from_args(args)?;
    let of = |name: &str| -> Result<i64, Error> { Ok(sign * kwargs.get::<Option<i64>>(name)?.unwrap_or(0)) };
    let years = years.map_or_else(|| of("years"), |years| Ok(sign * years))?;
    let spans = [
        Span::new().try_years(years),
        Span::new().try_months(of("months")?),
        Span::new().try_weeks(of("weeks")?),
        Span::new().try_days(of("days")?),
        Span::new().try_hours(of("hours")?),
        Span::new().try_minutes(of("minutes")?),
        Span::new().try_seconds(of("seconds")?),
        Span::new().try_microseconds(of("microseconds")?),
    ];
    kwargs.assert_all_used()?;
    let mut at = at.clone();
    for span in spans {
        at = span.and_then(|span| at.checked_add(span)).map_err(invalid)?;
    }
    Ok(at)
}

fn replaced(at: &Zoned, args: &[Value]) -> Result<Zoned, Error> {
    let (kwargs,): (Kwargs,) = from_args(args)?;
    let mut with = at.with();
    if let Some(year) = kwargs.get("year")? {
        with = with.year(year);
    }
    if let Some(month) = kwargs.get("month")? {
        with = with.month(month);
    }
    if let Some(day) = kwargs.get("day")? {
        with = with.day(day);
    }
    if let Some(hour) = kwargs.get("hour")? {
        with = with.hour(hour);
    }
    if let Some(minute) = kwargs.get("minute")? {
        with = with.minute(minute);
    }
    if let Some(second) = kwargs.get("second")? {
        with = with.second(second);
    }
    if let Some(micros) = kwargs.get::<Option<i32>>("microsecond")? {
        with = with.subsec_nanosecond(micros.saturating_mul(1_000));
    }
    kwargs.assert_all_used()?;
    with.build().map_err(invalid)
}

fn unit_span(unit: &str) -> Result<Span, Error> {
    Ok(match unit {
        "second" => Span::new().seconds(1),
        "minute" => Span::new().minutes(1),
        "hour" => Span::new().hours(1),
        "day" => Span::new().days(1),
        "week" => Span::new().weeks(1),
        "month" => Span::new().months(1),
        "year" => Span::new().years(1),
        _ => {
            return Err(invalid(format!(
                "\"{unit}\" is none of second, minute, hour, day, week, month, year"
            )));
        }
    })
}

fn start_of(at: &Zoned, unit: &str) -> Result<Zoned, Error> {
    let floor =
        |unit: Unit| at.round(ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Trunc)).map_err(invalid);
    let day = |date: jiff::civil::Date| date.to_zoned(at.time_zone().clone()).map_err(invalid);
    match unit {
        "second" => floor(Unit::Second),
        "minute" => floor(Unit::Minute),
        "hour" => floor(Unit::Hour),
        "day" => at.start_of_day().map_err(invalid),
        "week" => {
            let back = i64::from(at.weekday().since(Weekday::Monday));
            day(at.date().checked_sub(Span::new().days(back)).map_err(invalid)?)
        }
        "month" => day(at.date().first_of_month()),
        "year" => day(at.date().first_of_year()),
        _ => unit_span(unit).map(|_| at.clone()),
    }
}

/// Pendulum's own tokens, the ones that are digits or names.
fn pendulum_format(at: &Zoned, format: &str) -> Result<String, Error> {
    const TOKENS: &[(&str, &str)] = &[
        ("YYYY", "%Y"),
        ("YY", "%y"),
        ("MMMM", "%B"),
        ("MMM", "%b"),
        ("MM", "%m"),
        ("M", "%-m"),
        ("DDDD", "%j"),
        ("DD", "%d"),
        ("D", "%-d"),
        ("dddd", "%A"),
        ("ddd", "%a"),
        ("HH", "%H"),
        ("H", "%-H"),
        ("hh", "%I"),
        ("h", "%-I"),
        ("mm", "%M"),
        ("m", "%-M"),
        ("ss", "%S"),
        ("s", "%-S"),
        ("SSSSSS", "%6f"),
        ("SSS", "%3f"),
        ("ZZ", "%z"),
        ("Z", "%:z"),
        ("zz", "%Z"),
        ("z", "%Q"),
        ("X", "%s"),
        ("A", "%p"),
    ];
    let mut out = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        if c == '['
            && let Some(end) = rest.find(']')
        {
            out.push_str(&rest[1..end]);
            rest = &rest[end + 1..];
            continue;
        }
        match TOKENS.iter().filter(|(token, _)| rest.starts_with(token)).max_by_key(|(token, _)| token.len())
        {
            Some((token, directive)) => {
                out.push_str(&jiff::fmt::strtime::format(directive, at).map_err(invalid)?);
                rest = &rest[token.len()..];
            }
            None => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    Ok(out)
}

impl TimeDelta {
    fn days(self) -> i64 {
        self.0.as_secs().div_euclid(86_400)
    }
}

impl Object for TimeDelta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "days" => Value::from(self.days()),
            "seconds" => Value::from(self.0.as_secs().rem_euclid(86_400)),
            "microseconds" => Value::from(self.0.subsec_micros()),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let () = from_args(args)?;
        match method {
            "total_seconds" => Ok(Value::from(self.0.as_secs_f64())),
            "in_seconds" => Ok(Value::from(self.0.as_secs())),
            "in_minutes" => Ok(Value::from(self.0.as_secs() / 60)),
            "in_hours" => Ok(Value::from(self.0.as_secs() / 3_600)),
            "in_days" => Ok(Value::from(self.0.as_secs() / 86_400)),
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("a timedelta has no method \"{method}\""))),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days();
        let rest = self.0.as_secs().rem_euclid(86_400);
        if days != 0 {
            let plural = if days.abs() == 1 { "" } else { "s" };
            write!(f, "{days} day{plural}, ")?;
        }
        write!(f, "{}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60)
    }
}
