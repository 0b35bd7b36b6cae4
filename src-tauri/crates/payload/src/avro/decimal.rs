//! Decimals: an unscaled two's complement number and a scale, as text.

use num_bigint::BigInt;

/// A larger number is damage rather than a decimal: a thousand bytes are 2,400
/// digits.
pub(crate) const UNSCALED_BYTES_MAX: usize = 1024;

/// Places of a `big-decimal` beyond which the text would be mostly zeros.
pub(crate) const SCALE_MAX: i64 = 10_000;

/// Big-endian two's complement `unscaled` × 10^-`scale`, as `-12.30`.
pub(crate) fn to_text(unscaled: &[u8], scale: i64) -> Option<String> {
    if unscaled.len() > UNSCALED_BYTES_MAX || scale.abs() > SCALE_MAX {
        return None;
    }
    let digits = BigInt::from_signed_bytes_be(unscaled).to_string();
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    if scale <= 0 {
        let zeros = if digits == "0" { 0 } else { usize::try_from(-scale).ok()? };
        return Some(format!("{sign}{digits}{}", "0".repeat(zeros)));
    }
    let scale = usize::try_from(scale).ok()?;
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    Some(format!("{sign}{whole}.{fraction}"))
}

/// Why a text is no decimal of the scale wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ParseError {
    NotDecimal,
    /// The text has this many places that are not zero.
    TooManyPlaces(usize),
    TooLong,
}

/// The unscaled number of `text` at `scale`.
pub(crate) fn unscaled(text: &str, scale: usize) -> Result<BigInt, ParseError> {
    let (digits, places) = split(text)?;
    let kept = digits.len() - places;
    let (whole, fraction) = digits.split_at(kept);
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > scale {
        return Err(ParseError::TooManyPlaces(fraction.len()));
    }
    let number = format!("{whole}{fraction:0<scale$}");
    let number: BigInt = number.parse().map_err(|_| ParseError::NotDecimal)?;
    Ok(if text.starts_with('-') { -number } else { number })
}

/// The unscaled number of `text` and the scale it is written with.
pub(crate) fn unscaled_as_written(text: &str) -> Result<(BigInt, i64), ParseError> {
    let (_, places) = split(text)?;
    // Zeros at the end count here: 1.10 is not 1.1.
    let digits: String = text.chars().filter(|&c| c != '.' && c != '+').collect();
    let number = digits.parse().map_err(|_| ParseError::NotDecimal)?;
    Ok((number, i64::try_from(places).map_err(|_| ParseError::TooLong)?))
}

/// The digits without sign and point, and how many stand after the point.
fn split(text: &str) -> Result<(String, usize), ParseError> {
    if text.len() > UNSCALED_BYTES_MAX {
        return Err(ParseError::TooLong);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || unsigned.ends_with('.') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError::NotDecimal);
    }
    Ok((digits, fraction.len()))
}

/// `number` in `size` bytes, its sign extended; `None` if it needs more.
pub(crate) fn to_fixed(number: &BigInt, size: usize) -> Option<Vec<u8>> {
    let short = number.to_signed_bytes_be();
    let missing = size.checked_sub(short.len())?;
    let fill = if number.sign() == num_bigint::Sign::Minus { 0xff } else { 0 };
    let mut bytes = vec![fill; missing];
    bytes.extend_from_slice(&short);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unscaled_bytes: &[u8], scale: usize, expected: &str) {
        assert_eq!(to_text(unscaled_bytes, scale as i64).as_deref(), Some(expected));
        let back = unscaled(expected, scale).expect("it reads back");
        assert_eq!(back, BigInt::from_signed_bytes_be(unscaled_bytes));
    }

    #[test]
    fn a_decimal_is_its_digits_with_a_point() {
        check(&[0], 0, "0");
        check(&[0], 2, "0.00");
        check(&[5], 2, "0.05");
        check(&[0xff], 2, "-0.01");
        check(&[0x04, 0xd2], 2, "12.34");
        check(&[0xfb, 0x2e], 2, "-12.34");
        check(&[0x7f; 16], 3, "169473963133173273960190490760135540.607");
    }

    #[test]
    fn places_the_schema_has_no_room_for_are_refused() {
        assert_eq!(unscaled("1.230", 2), Ok(BigInt::from(123)));
        assert_eq!(unscaled("1.234", 2), Err(ParseError::TooManyPlaces(3)));
        for text in ["", "-", ".5", "5.", "1e3", "0x1", "1.2.3", "１"] {
            assert_eq!(unscaled(text, 2), Err(ParseError::NotDecimal), "{text}");
        }
        assert_eq!(unscaled_as_written("-1.10"), Ok((BigInt::from(-110), 2)));
    }

    #[test]
    fn fixed_decimals_are_filled_with_their_sign() {
        assert_eq!(to_fixed(&BigInt::from(-2), 3), Some(vec![0xff, 0xff, 0xfe]));
        assert_eq!(to_fixed(&BigInt::from(200), 2), Some(vec![0, 200]));
        assert_eq!(to_fixed(&BigInt::from(200), 1), None);
    }
}
