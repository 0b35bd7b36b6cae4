//! What bytes without a schema most likely are.

use serde::de::IgnoredAny;

use crate::{Decoded, Encoding, Limits, framing, text};

pub(crate) fn guess(bytes: Option<&[u8]>, limits: Limits) -> Decoded {
    let empty = |encoding| Decoded::new(encoding, String::new(), false);
    let Some(bytes) = bytes else { return empty(Encoding::Null) };
    if bytes.is_empty() {
        return empty(Encoding::Empty);
    }
    if let Ok(whole) = std::str::from_utf8(bytes) {
        let (cut, truncated) = text::cut(whole, limits.text_bytes_max);
        if is_json(whole) {
            return Decoded::new(Encoding::Json, cut.into(), truncated);
        }
        if whole.chars().all(is_printable) {
            return Decoded::new(Encoding::Text, cut.into(), truncated);
        }
    }
    let error = framing(bytes).map(|id| format!("framed with schema id {id}, which was not looked up"));
    let (text, truncated) = text::hex(bytes, limits.text_bytes_max);
    Decoded { error, ..Decoded::new(Encoding::Hex, text, truncated) }
}

/// Valid JSON that nests no deeper than the parser's own bound.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn is_printable(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], encoding: Encoding, text: &str) {
        let decoded = guess(Some(bytes), Limits::default());
        assert_eq!((decoded.encoding, decoded.text.as_str()), (encoding, text));
    }

    #[test]
    fn bytes_are_shown_as_the_most_readable_thing_they_can_be() {
        check(b"", Encoding::Empty, "");
        check(b"hello\tworld\n", Encoding::Text, "hello\tworld\n");
        check("grüße 🌊".as_bytes(), Encoding::Text, "grüße 🌊");
        check(br#"{"n": 12345678901234567890123}"#, Encoding::Json, r#"{"n": 12345678901234567890123}"#);
        check(b"42", Encoding::Json, "42");
        check(b"{half", Encoding::Text, "{half");
        check(&[0xff, 0x00, 0x10], Encoding::Hex, "ff0010");
        check(b"a\0b", Encoding::Hex, "610062");
        assert_eq!(guess(None, Limits::default()).encoding, Encoding::Null);
    }

    #[test]
    fn a_frame_without_its_schema_is_named() {
        let decoded = guess(Some(&[0, 0, 0, 0, 9, 2]), Limits::default());
        assert_eq!(decoded.encoding, Encoding::Hex);
        assert!(decoded.error.is_some_and(|error| error.contains("schema id 9")));
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let decoded = guess(Some("ääää".as_bytes()), Limits::text(5));
        assert_eq!((decoded.text.as_str(), decoded.truncated), ("ää", true));
        let decoded = guess(Some(&[0xff; 100]), Limits::text(5));
        assert_eq!((decoded.text.as_str(), decoded.truncated), ("ffff", true));
    }

    #[test]
    fn deep_json_is_text_and_never_a_crash() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(guess(Some(deep.as_bytes()), Limits::text(10)).encoding, Encoding::Text);
    }
}
