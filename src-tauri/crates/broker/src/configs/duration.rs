//! Lengths of time in ISO 8601, as far as Java's `Duration` reads them: days, hours, minutes, seconds.

/// Milliseconds of `PnDTnHnMn.nS`; none if it is not one, or negative.
pub(crate) fn duration_ms(text: &str) -> Option<i64> {
    let rest = text.trim().strip_prefix(['P', 'p'])?;
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (rest, ""),
    };
    if days.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = 0f64;
    total += parts(days, &[('D', 86_400_000.0)])?;
    total += parts(time, &[('H', 3_600_000.0), ('M', 60_000.0), ('S', 1000.0)])?;
    (total <= i64::MAX as f64).then_some(total as i64)
}

/// Numbers with units in their order, each at most once; only seconds may have a fraction.
fn parts(mut text: &str, units: &[(char, f64)]) -> Option<f64> {
    let mut total = 0.0;
    for (unit, ms) in units {
        let Some(at) = text.find([*unit, unit.to_ascii_lowercase()]) else { continue };
        let number = &text[..at];
        let digits = |byte: u8| byte.is_ascii_digit() || (*unit == 'S' && byte == b'.');
        if number.is_empty() || !number.bytes().all(digits) {
            return None;
        }
        total += number.parse::<f64>().ok()? * ms;
        text = &text[at + 1..];
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(duration_ms(text), expected, "{text}");
    }

    #[test]
    fn durations_are_read_as_java_does() {
        check("PT1H", Some(3_600_000));
        check("P2DT3H4M5.5S", Some(2 * 86_400_000 + 3 * 3_600_000 + 4 * 60_000 + 5_500));
        check("pt0s", Some(0));
        check("P1D", Some(86_400_000));
        for refused in ["", "P", "PT", "1H", "PT-1H", "PT1", "PT1S1M", "P1H", "PT1.5H", "PTxS"] {
            check(refused, None);
        }
    }
}
