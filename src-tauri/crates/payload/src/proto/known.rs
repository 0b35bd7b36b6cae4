//! Google's well-known types, which have JSON forms of their own.
//!
//! A value its form cannot say, such as a time beyond the year 9999, is shown
//! by its plain fields; both are taken when it is written.

use jiff::SignedDuration;
use jiff::civil::DateTime;

use super::graph::Message;
use super::read::{Reader, Stop};
use super::slots::{Slot, Slots};
use super::wire::Raw;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Any,
    Duration,
    FieldMask,
    List,
    Struct,
    Timestamp,
    Value,
    Wrapper,
}

impl Known {
    pub(super) fn of(full_name: &str) -> Option<Self> {
        Some(match full_name.strip_prefix("google.protobuf.")? {
            "Any" => Self::Any,
            "Duration" => Self::Duration,
            "FieldMask" => Self::FieldMask,
            "ListValue" => Self::List,
            "Struct" => Self::Struct,
            "Timestamp" => Self::Timestamp,
            "Value" => Self::Value,
            "BoolValue" | "BytesValue" | "DoubleValue" | "FloatValue" | "Int32Value" | "Int64Value"
            | "StringValue" | "UInt32Value" | "UInt64Value" => Self::Wrapper,
            _ => return None,
        })
    }
}

/// 0001-01-01T00:00:00Z, the first moment of the type.
const SECONDS_MIN: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z, the last.
const SECONDS_MAX: i64 = 253_402_300_799;
/// Ten thousand years.
const DURATION_SECONDS_MAX: i64 = 315_576_000_000;
const NANOS: i32 = 1_000_000_000;
const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Reader<'_> {
    /// Writes the type's own form; false if it has none for this value.
    pub(super) fn known(
        &mut self,
        known: Known,
        message: &Message,
        slots: &Slots,
        depth: usize,
    ) -> Result<bool, Stop> {
        let Some(first) = message.fields.first() else { return Ok(false) };
        match known {
            Known::Any => self.any(slots, depth),
            Known::Timestamp => self.form(timestamp_text(seconds(slots), nanos(slots))),
            Known::Duration => self.form(duration_text(seconds(slots), nanos(slots))),
            Known::FieldMask => {
                let paths = self.paths(slots)?;
                self.form(mask_text(&paths))
            }
            Known::Wrapper | Known::Struct | Known::List => {
                self.slot(first, slots.get(&0), depth)?;
                Ok(true)
            }
            Known::Value => match slots.iter().next() {
                Some((1, Slot::One(Raw::Fixed64(bits)))) if !f64::from_bits(*bits).is_finite() => Ok(false),
                Some((index, slot)) => {
                    let field = &message.fields[*index];
                    self.slot(field, Some(slot), depth)?;
                    Ok(true)
                }
                None => {
                    self.text.push("null")?;
                    Ok(true)
                }
            },
        }
    }

    fn form(&mut self, text: Option<String>) -> Result<bool, Stop> {
        match text {
            Some(text) => {
                self.text.push_string(&text)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn paths(&self, slots: &Slots) -> Result<Vec<String>, Stop> {
        let Some(Slot::Many(values)) = slots.get(&0) else { return Ok(Vec::new()) };
        let mut paths = Vec::new();
        for raw in values {
            if let Raw::Bytes(span) = raw {
                paths.push(self.utf8(*span)?.to_owned());
            }
        }
        Ok(paths)
    }
}

fn seconds(slots: &Slots) -> i64 {
    match slots.get(&0) {
        Some(Slot::One(Raw::Varint(value))) => *value as i64,
        _ => 0,
    }
}

fn nanos(slots: &Slots) -> i32 {
    match slots.get(&1) {
        Some(Slot::One(Raw::Varint(value))) => *value as i32,
        _ => 0,
    }
}

fn timestamp_text(seconds: i64, nanos: i32) -> Option<String> {
    if !(SECONDS_MIN..=SECONDS_MAX).contains(&seconds) || !(0..NANOS).contains(&nanos) {
        return None;
    }
    // A civil time goes to the end of the year 9999, unlike jiff's own moments.
    let at = EPOCH.checked_add(SignedDuration::new(seconds, nanos)).ok()?;
    Some(format!("{at}Z"))
}

/// RFC 3339 with any offset, as seconds and nanoseconds.
pub(super) fn timestamp(text: &str) -> Option<(i64, i32)> {
    let since = match text.strip_suffix('Z') {
        Some(civil) => civil.parse::<DateTime>().ok()?.duration_since(EPOCH),
        None => text.parse::<jiff::Timestamp>().ok()?.as_duration(),
    };
    let borrow = i64::from(since.subsec_nanos() < 0);
    let seconds = since.as_secs() - borrow;
    let nanos = since.subsec_nanos() + borrow as i32 * NANOS;
    (SECONDS_MIN..=SECONDS_MAX).contains(&seconds).then_some((seconds, nanos))
}

fn duration_text(seconds: i64, nanos: i32) -> Option<String> {
    let in_range = (-DURATION_SECONDS_MAX..=DURATION_SECONDS_MAX).contains(&seconds)
        && nanos.unsigned_abs() < NANOS.unsigned_abs()
        && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0));
    if !in_range {
        return None;
    }
    let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
    let fraction = format!("{:09}", nanos.unsigned_abs());
    let fraction = match fraction.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    };
    Some(format!("{sign}{}{fraction}s", seconds.unsigned_abs()))
}

/// `-1.5s` as seconds and nanoseconds of one sign.
pub(super) fn duration(text: &str) -> Option<(i64, i32)> {
    let text = text.strip_suffix('s')?;
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    (seconds <= DURATION_SECONDS_MAX).then_some((sign * seconds, sign as i32 * nanos))
}

/// Names joined by commas, in JSON's way of writing them; none when that could
/// not be read back.
fn mask_text(paths: &[String]) -> Option<String> {
    let mut names = Vec::with_capacity(paths.len());
    for path in paths {
        let name = camel(path);
        if name.contains(',') || name.is_empty() || snake(&name) != *path {
            return None;
        }
        names.push(name);
    }
    Some(names.join(","))
}

/// The paths of a mask's text.
pub(super) fn mask(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(snake).collect()
}

fn camel(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    let mut is_upper = false;
    for c in path.chars() {
        match c {
            '_' => is_upper = true,
            c if std::mem::take(&mut is_upper) => name.push(c.to_ascii_uppercase()),
            c => name.push(c),
        }
    }
    name
}

fn snake(name: &str) -> String {
    let mut path = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            path.push('_');
        }
        path.push(c.to_ascii_lowercase());
    }
    path
}

/// Whether the type inside an `Any` keeps its own form, under `value`.
pub(super) fn has_own_form(message: &Message) -> bool {
    message.known.is_some() || message.name == "google.protobuf.Empty"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_duration(seconds: i64, nanos: i32, text: Option<&str>) {
        assert_eq!(duration_text(seconds, nanos).as_deref(), text);
        if let Some(text) = text {
            assert_eq!(duration(text), Some((seconds, nanos)));
        }
    }

    #[test]
    fn durations_have_one_sign() {
        check_duration(0, 0, Some("0s"));
        check_duration(1, 500_000_000, Some("1.5s"));
        check_duration(0, -1, Some("-0.000000001s"));
        check_duration(-315_576_000_000, -999_999_999, Some("-315576000000.999999999s"));
        check_duration(1, -1, None);
        check_duration(315_576_000_001, 0, None);
        check_duration(0, 1_000_000_000, None);
        for text in ["", "1", "s", "1.0000000001s", "+1s", "1.-5s", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(timestamp_text(0, 1).as_deref(), Some("1970-01-01T00:00:00.000000001Z"));
        assert_eq!(timestamp_text(SECONDS_MIN, 0).as_deref(), Some("0001-01-01T00:00:00Z"));
        assert_eq!(timestamp_text(SECONDS_MIN - 1, 0), None);
        assert_eq!(
            timestamp_text(SECONDS_MAX, 999_999_999).as_deref(),
            Some("9999-12-31T23:59:59.999999999Z")
        );
        assert_eq!(timestamp("1969-12-31T23:59:59.5Z"), Some((-1, 500_000_000)));
        assert_eq!(timestamp("2024-02-29T12:00:00+02:00"), timestamp("2024-02-29T10:00:00Z"));
        assert_eq!(timestamp("9999-12-31T23:59:59.999999999Z"), Some((SECONDS_MAX, 999_999_999)));
        assert_eq!(timestamp("yesterday"), None);
        assert_eq!(timestamp("2024-02-29T10:00:00"), None);
    }

    #[test]
    fn masks_are_camel_case() {
        let paths = ["user_name".to_owned(), "a.b_c".to_owned()];
        assert_eq!(mask_text(&paths).as_deref(), Some("userName,a.bC"));
        assert_eq!(mask("userName,a.bC"), paths);
        assert_eq!(mask_text(&["Odd__name".to_owned()]), None);
        assert_eq!(mask_text(&[]).as_deref(), Some(""));
    }
}
