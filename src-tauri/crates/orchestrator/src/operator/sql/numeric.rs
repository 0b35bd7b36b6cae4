//! PostgreSQL's binary formats for what sqlx has no Rust type for here.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Number, Value};

/// PostgreSQL counts from here.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);
/// The same in seconds since 1970.
const EPOCH_S: i64 = 946_684_800;

/// `numeric`: groups of four decimal digits. Integers and what a double keeps become numbers, else text.
pub(super) fn numeric(bytes: &[u8]) -> Option<Value> {
    let word = |at: usize| Some(i16::from_be_bytes(bytes.get(at * 2..at * 2 + 2)?.try_into().ok()?));
    let (count, weight, sign, scale) = (word(0)?, word(1)?, word(2)? as u16, word(3)?);
    match sign {
        0xC000 => return Some(Value::from("NaN")),
        0xD000 => return Some(Value::from("Infinity")),
        0xF000 => return Some(Value::from("-Infinity")),
        _ => {}
    }
    let group = |at: i16| if at >= 0 && at < count { word(4 + at as usize) } else { Some(0) };
    let mut text = String::new();
    if sign == 0x4000 {
        text.push('-');
    }
    if weight < 0 {
        text.push('0');
    }
    for at in 0..=weight.max(-1) {
        let digits = group(at)?;
        text.push_str(&if at == 0 { digits.to_string() } else { format!("{digits:04}") });
    }
    if scale > 0 {
        let mut fraction = String::new();
        let mut at = weight + 1;
        // Leading zero groups when the first digits lie further behind the point.
        while fraction.len() < scale as usize {
            fraction.push_str(&format!("{:04}", group(at)?));
            at += 1;
        }
        fraction.truncate(scale as usize);
        text.push('.');
        text.push_str(&fraction);
    }
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Value::from(whole));
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    match text.parse::<f64>().ok().and_then(Number::from_f64).filter(|_| digits <= 15) {
        Some(number) => Some(Value::Number(number)),
        None => Some(Value::from(text)),
    }
}

/// Decimal text as `numeric`.
pub(super) fn numeric_bytes(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (0x4000u16, rest),
        None => (0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0
        || whole.len() + fraction.len() > 10_000
        || !plain(whole)
        || !plain(fraction)
    {
        // `1e3` and its like: by way of a double.
        let number: f64 =
            text.parse().ok().filter(|number: &f64| number.is_finite() && text.contains(['e', 'E']))?;
        return numeric_bytes(&format!("{number}"));
    }
    let lead = (4 - whole.len() % 4) % 4;
    let tail = (4 - fraction.len() % 4) % 4;
    let padded = format!("{}{whole}{fraction}{}", "0".repeat(lead), "0".repeat(tail));
    let groups: Vec<u16> =
        (0..padded.len() / 4).map(|at| padded[at * 4..at * 4 + 4].parse().unwrap_or(0)).collect();
    let weight = i16::try_from((lead + whole.len()) / 4).ok()? - 1;
    let scale = i16::try_from(fraction.len()).ok()?;
    let count = i16::try_from(groups.len()).ok()?;
    let mut bytes = Vec::with_capacity(8 + groups.len() * 2);
    bytes.extend(count.to_be_bytes());
    bytes.extend(weight.to_be_bytes());
    bytes.extend(sign.to_be_bytes());
    bytes.extend(scale.to_be_bytes());
    bytes.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
    Some(bytes)
}

pub(super) fn date(bytes: &[u8]) -> Option<String> {
    let days = i32::from_be_bytes(bytes.try_into().ok()?);
    if days == i32::MAX || days == i32::MIN {
        return Some(if days > 0 { "infinity" } else { "-infinity" }.into());
    }
    let date = EPOCH.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).ok()?;
    Some(date.to_string())
}

pub(super) fn date_bytes(text: &str) -> Option<[u8; 4]> {
    let date: Date = text.parse().ok()?;
    let days = EPOCH.until(date).ok()?.get_days();
    Some(days.to_be_bytes())
}

fn micros(bytes: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}

fn special(micros: i64) -> Option<String> {
    match micros {
        i64::MAX => Some("infinity".into()),
        i64::MIN => Some("-infinity".into()),
        _ => None,
    }
}

pub(super) fn timestamp(bytes: &[u8]) -> Option<String> {
    let micros = micros(bytes)?;
    if let Some(text) = special(micros) {
        return Some(text);
    }
    let at: DateTime = EPOCH.at(0, 0, 0, 0).checked_add(SignedDuration::from_micros(micros)).ok()?;
    Some(at.to_string())
}

pub(super) fn timestamptz(bytes: &[u8]) -> Option<String> {
    let micros = micros(bytes)?;
    if let Some(text) = special(micros) {
        return Some(text);
    }
    let at = Timestamp::from_microsecond(micros.checked_add(EPOCH_S * 1_000_000)?).ok()?;
    Some(dag::time::iso(at))
}

/// A civil time, or with a zone an absolute one in UTC.
pub(super) fn timestamp_bytes(text: &str) -> Option<[u8; 8]> {
    let text = text.trim();
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => text.parse::<DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp(),
    };
    Some((at.as_microsecond().checked_sub(EPOCH_S * 1_000_000)?).to_be_bytes())
}

pub(super) fn time(bytes: &[u8]) -> Option<String> {
    let micros = micros(bytes)?;
    let time = jiff::civil::Time::midnight().checked_add(SignedDuration::from_micros(micros)).ok()?;
    Some(time.to_string())
}

/// Months, days and microseconds, as PostgreSQL keeps them apart: `P1Y2M3DT4H5M6S`.
pub(super) fn interval(bytes: &[u8]) -> Option<String> {
    let micros = i64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
    let days = i32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?);
    let months = i32::from_be_bytes(bytes.get(12..16)?.try_into().ok()?);
    let part = |count: i64, unit: &str| if count == 0 { String::new() } else { format!("{count}{unit}") };
    let seconds = micros % 60_000_000;
    let fraction = (seconds % 1_000_000).unsigned_abs();
    let seconds = match (seconds, fraction) {
        (0, _) => String::new(),
        (_, 0) => format!("{}S", seconds / 1_000_000),
        _ => {
            let sign = if seconds < 0 { "-" } else { "" };
            format!("{sign}{}.{fraction:06}S", (seconds / 1_000_000).unsigned_abs())
        }
    };
    let date =
        [part(i64::from(months / 12), "Y"), part(i64::from(months % 12), "M"), part(i64::from(days), "D")];
    let time = [part(micros / 3_600_000_000, "H"), part(micros / 60_000_000 % 60, "M"), seconds].concat();
    let (date, separator) = (date.concat(), if time.is_empty() { "" } else { "T" });
    Some(match date.is_empty() && time.is_empty() {
        true => "PT0S".to_owned(),
        false => format!("P{date}{separator}{time}"),
    })
}

pub(super) fn uuid(bytes: &[u8]) -> Option<String> {
    Some(uuid::Uuid::from_slice(bytes).ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[u16], expected: Value) {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        assert_eq!(numeric(&bytes), Some(expected));
    }

    #[test]
    fn numerics() {
        check(&[0, 0, 0, 0], Value::from(0));
        check(&[2, 1, 0, 0, 1, 2345], Value::from(12_345));
        check(&[2, 0, 0, 2, 12, 3400], Value::from(12.34));
        check(&[1, -1i16 as u16, 0x4000, 4, 50], Value::from(-0.005));
        check(&[1, -2i16 as u16, 0, 8, 1], Value::from(0.0000_0001));
        check(&[1, 1, 0, 0, 7], Value::from(70_000));
        check(&[0, 0, 0xC000, 0], Value::from("NaN"));
        check(&[5, 4, 0, 0, 1, 0, 0, 0, 1], Value::from(10_000_000_000_000_001_i64));
        assert_eq!(numeric(&[0, 1]), None);
    }

    #[test]
    fn numerics_go_both_ways() {
        let check = |text: &str, expected: Value| {
            let bytes = numeric_bytes(text).unwrap();
            assert_eq!(numeric(&bytes), Some(expected), "{text}");
        };
        check("0", Value::from(0));
        check("-12345.5", Value::from(-12_345.5));
        check("0.0001", Value::from(0.0001));
        check("70000", Value::from(70_000));
        check("1e3", Value::from(1_000));
        check("123456789012345678.25", Value::from("123456789012345678.25"));
        assert_eq!(numeric_bytes("abc"), None);
        assert_eq!(numeric_bytes(""), None);
    }

    #[test]
    fn times() {
        assert_eq!(date(&1i32.to_be_bytes()).as_deref(), Some("2000-01-02"));
        assert_eq!(date(&date_bytes("1999-12-31").unwrap()).as_deref(), Some("1999-12-31"));
        assert_eq!(timestamp(&0i64.to_be_bytes()).as_deref(), Some("2000-01-01T00:00:00"));
        let at = timestamp_bytes("2026-01-02T03:04:05+02:00").unwrap();
        assert_eq!(timestamptz(&at).as_deref(), Some("2026-01-02T01:04:05+00:00"));
        let interval = |months: i32, days: i32, micros: i64| {
            let bytes = [&micros.to_be_bytes()[..], &days.to_be_bytes(), &months.to_be_bytes()].concat();
            super::interval(&bytes).unwrap()
        };
        assert_eq!(interval(14, 1, 7_200_000_000), "P1Y2M1DT2H");
        assert_eq!(interval(0, 1, -1_500_000), "P1DT-1.500000S");
        assert_eq!(interval(0, 0, 0), "PT0S");
        assert_eq!(time(&3_600_000_000i64.to_be_bytes()).as_deref(), Some("01:00:00"));
    }
}
