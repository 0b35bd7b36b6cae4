//! Topic and directory ids: 16 bytes, written by Kafka as URL-safe base64 without padding.

use std::fmt;

/// A Kafka id. All zeros means "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Uuid(pub [u8; 16]);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// "No id".
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// Whether this stands for "no id".
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Reads Kafka's own text form: 22 characters of URL-safe base64.
    pub fn parse(text: &str) -> Option<Uuid> {
        if text.len() != 22 {
            return None;
        }
        let mut bits: u32 = 0;
        let mut bit_count = 0;
        let mut bytes = [0; 16];
        let mut at = 0;
        for symbol in text.bytes() {
            let value = ALPHABET.iter().position(|&known| known == symbol)?;
            bits = (bits << 6) | value as u32;
            bit_count += 6;
            if bit_count >= 8 && at < 16 {
                bit_count -= 8;
                bytes[at] = (bits >> bit_count) as u8;
                at += 1;
            }
        }
        Some(Uuid(bytes))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in self.0.chunks(3) {
            let mut bits = 0u32;
            for index in 0..3 {
                bits = (bits << 8) | u32::from(*group.get(index).unwrap_or(&0));
            }
            for index in 0..=group.len() {
                let symbol = ALPHABET[(bits >> (18 - 6 * index)) as usize & 63];
                write!(f, "{}", symbol as char)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: [u8; 16], text: &str) {
        assert_eq!(Uuid(bytes).to_string(), text);
        assert_eq!(Uuid::parse(text), Some(Uuid(bytes)));
    }

    #[test]
    fn text_is_kafkas() {
        check([0; 16], "AAAAAAAAAAAAAAAAAAAAAA");
        check([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "AAAAAAAAAAAAAAAAAAAAAQ");
        check([0xff; 16], "_____________________w");
        assert_eq!(Uuid::parse("short"), None);
        assert_eq!(Uuid::parse("!AAAAAAAAAAAAAAAAAAAAA"), None);
    }
}
