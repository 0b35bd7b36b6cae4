//! Airflow's `macros`, and the filters for dates.

use std::io;
use std::sync::Arc;

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use minijinja::value::{Kwargs, Object, Value, from_args};
use minijinja::{Environment, Error, ErrorKind, State};
use serde::Serialize;

use super::datetime::{DateTime, TimeDelta, invalid, moment, parse, strftime};

/// Registers what stands for itself in any template.
pub(super) fn register(env: &mut Environment<'static>) {
    env.add_filter("ds", |value: Value| dated(&value, "%Y-%m-%d"));
    env.add_filter("ds_nodash", |value: Value| dated(&value, "%Y%m%d"));
    env.add_filter("ts", |value: Value| Ok::<_, Error>(moment(&value)?.isoformat('T')));
    env.add_filter("ts_nodash", |value: Value| dated(&value, "%Y%m%dT%H%M%S"));
    env.add_filter("ts_nodash_with_tz", |value: Value| dated(&value, "%Y%m%dT%H%M%S%z"));
    env.add_global("macros", Value::from_object(Macros));
    env.add_function(super::arithmetic::ADD, super::arithmetic::add);
    env.add_function(super::arithmetic::SUBTRACT, super::arithmetic::subtract);
}

fn dated(value: &Value, format: &str) -> Result<String, Error> {
    moment(value)?.strftime(format)
}

#[derive(Debug)]
struct Macros;

impl Object for Macros {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "ds_add" => Value::from_function(ds_add),
            "ds_format" => Value::from_function(ds_format),
            "datetime_diff_for_humans" => Value::from_function(diff_for_humans),
            "timedelta" => Value::from_function(timedelta),
            "random" => Value::from_function(random),
            "datetime" => Value::from_object(DateTimeClass),
            "json" => Value::from_object(Json),
            "uuid" => Value::from_object(Uuids),
            "time" => Value::from_object(Time),
            _ => return None,
        })
    }
}

fn ds_add(ds: &str, days: i64) -> Result<String, Error> {
    let date: jiff::civil::Date =
        strtime::parse("%Y-%m-%d", ds).and_then(|parsed| parsed.to_date()).map_err(invalid)?;
    let span = Span::new().try_days(days).map_err(invalid)?;
    Ok(date.checked_add(span).map_err(invalid)?.strftime("%Y-%m-%d").to_string())
}

fn ds_format(ds: Value, input: &str, output: &str) -> Result<String, Error> {
    let text = ds.to_string();
    let civil = strtime::parse(input, &text)
        .and_then(|parsed| parsed.to_datetime().or_else(|_| parsed.to_date().map(Into::into)))
        .map_err(|error| invalid(format!("ds_format(\"{text}\", \"{input}\"): {error}")))?;
    strftime(&civil.to_zoned(TimeZone::UTC).map_err(invalid)?, output)
}

fn diff_for_humans(at: Value, since: Option<Value>) -> Result<String, Error> {
    let at = moment(&at)?.timestamp();
    let (since, now) = match since {
        Some(since) if !since.is_none() => (moment(&since)?.timestamp(), false),
        _ => (Timestamp::now(), true),
    };
    let distance = at.duration_since(since);
    let seconds = distance.as_secs().unsigned_abs();
    const UNITS: &[(&str, u64)] = &[
        ("year", 365 * 86_400),
        ("month", 30 * 86_400),
        ("week", 7 * 86_400),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
        ("second", 1),
    ];
    let (unit, length) = UNITS.iter().find(|(_, length)| seconds >= *length).unwrap_or(&("second", 1));
    let count = seconds / length;
    let plural = if count == 1 { "" } else { "s" };
    let direction = match (now, distance.is_negative()) {
        (true, true) => "ago",
        (true, false) => "from now",
        (false, true) => "before",
        (false, false) => "after",
    };
    Ok(match (now, direction) {
        (true, "from now") => format!("in {count} {unit}{plural}"),
        _ => format!("{count} {unit}{plural} {direction}"),
    })
}

/// Python's order of arguments: days, seconds, microseconds, …
fn timedelta(days: Option<f64>, kwargs: Kwargs) -> Result<Value, Error> {
    let mut seconds = days.or(kwargs.get::<Option<f64>>("days")?).unwrap_or(0.0) * 86_400.0;
    for (name, length) in [
        ("weeks", 604_800.0),
        ("hours", 3_600.0),
        ("minutes", 60.0),
        ("seconds", 1.0),
        ("milliseconds", 1e-3),
        ("microseconds", 1e-6),
    ] {
        seconds += kwargs.get::<Option<f64>>(name)?.unwrap_or(0.0) * length;
    }
    kwargs.assert_all_used()?;
    SignedDuration::try_from_secs_f64(seconds)
        .map(|span| Value::from_object(TimeDelta(span)))
        .map_err(invalid)
}

fn random() -> f64 {
    let bits = uuid::Uuid::new_v4().as_u128() as u64;
    // 53 bits fill a double's mantissa.
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// `macros.datetime(2026, 1, 1)` and its class methods.
#[derive(Debug)]
struct DateTimeClass;

impl Object for DateTimeClass {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let field = |at: usize, default: i64| -> Result<i64, Error> {
            args.get(at).map_or(Ok(default), |value| i64::try_from(value.clone()))
        };
        let small = |at: usize, default: i64| -> Result<i8, Error> {
            i8::try_from(field(at, default)?).map_err(invalid)
        };
        let year = i16::try_from(field(0, 1)?).map_err(invalid)?;
        let nanos = i32::try_from(field(6, 0)?.saturating_mul(1_000)).map_err(invalid)?;
        let civil = jiff::civil::DateTime::new(
            year,
            small(1, 1)?,
            small(2, 1)?,
            small(3, 0)?,
            small(4, 0)?,
            small(5, 0)?,
            nanos,
        )
        .map_err(invalid)?;
        Ok(Value::from_object(DateTime::zoned(civil.to_zoned(TimeZone::UTC).map_err(invalid)?)))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "now" | "utcnow" | "today" => Ok(DateTime::value(Timestamp::now())),
            "fromisoformat" => {
                let (text,): (&str,) = from_args(args)?;
                parse(text)
                    .map(Value::from_object)
                    .ok_or_else(|| invalid(format!("\"{text}\" is no datetime")))
            }
            "strptime" => {
                let (text, format): (&str, &str) = from_args(args)?;
                let parsed = strtime::parse(format, text).map_err(invalid)?;
                let at = match parsed.to_timestamp() {
                    Ok(at) => at.to_zoned(TimeZone::UTC),
                    Err(_) => parsed
                        .to_datetime()
                        .or_else(|_| parsed.to_date().map(Into::into))
                        .and_then(|civil| civil.to_zoned(TimeZone::UTC))
                        .map_err(invalid)?,
                };
                Ok(Value::from_object(DateTime::zoned(at)))
            }
            "fromtimestamp" | "utcfromtimestamp" => {
                let (seconds,): (f64,) = from_args(args)?;
                let span = SignedDuration::try_from_secs_f64(seconds).map_err(invalid)?;
                Timestamp::from_duration(span).map(DateTime::value).map_err(invalid)
            }
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("datetime has no method \"{method}\""))),
        }
    }
}

#[derive(Debug)]
struct Json;

impl Object for Json {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "dumps" => {
                let (value, kwargs): (Value, Kwargs) = from_args(args)?;
                let indent: Option<usize> = kwargs.get("indent")?;
                let json = super::to_json(&value)?;
                let text = match indent {
                    Some(_) => serde_json::to_string_pretty(&json),
                    None => Ok(dumps(&json)),
                };
                text.map(Value::from).map_err(invalid)
            }
            "loads" => {
                let (text,): (&str,) = from_args(args)?;
                let json: serde_json::Value = serde_json::from_str(text).map_err(invalid)?;
                Ok(super::from_json(json))
            }
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("json has no function \"{method}\""))),
        }
    }
}

/// Python's separators: a comma and a space.
struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

fn dumps(json: &serde_json::Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    match json.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        // A JSON value always has a text.
        Err(_) => json.to_string(),
    }
}

#[derive(Debug)]
struct Uuids;

impl Object for Uuids {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "uuid4" => Ok(Value::from(uuid::Uuid::new_v4().to_string())),
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("uuid has no function \"{method}\" here"))),
        }
    }
}

#[derive(Debug)]
struct Time;

impl Object for Time {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "time" => Ok(Value::from(Timestamp::now().as_microsecond() as f64 / 1e6)),
            _ => Err(Error::new(ErrorKind::UnknownMethod, format!("time has no function \"{method}\" here"))),
        }
    }
}
