use uuid::Uuid;

use super::TextProblem;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A UUID the way Kafka writes it: URL-safe base64 without padding, 22 characters.
#[must_use]
pub fn uuid_text(id: Uuid) -> String {
    // 128 bits and 4 zero bits make 22 digits of 6 bits.
    let bits = id.as_u128();
    (0..22)
        .map(|digit| {
            let shift = 122 - 6 * digit;
            let value = if shift >= 0 { bits >> shift } else { bits << -shift };
            char::from(ALPHABET[(value & 63) as usize])
        })
        .collect()
}

/// A random UUID whose text does not begin with a hyphen: Kafka makes none of those, for its tools take them for
/// options.
#[must_use]
pub fn random_uuid() -> Uuid {
    loop {
        let id = Uuid::new_v4();
        if !uuid_text(id).starts_with('-') {
            return id;
        }
    }
}

/// Reads [`uuid_text`] back.
#[must_use]
pub fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() != 22 {
        return None;
    }
    let mut bits = 0u128;
    for (index, byte) in text.bytes().enumerate() {
        let value = ALPHABET.iter().position(|&letter| letter == byte)? as u128;
        bits = if index == 21 { (bits << 2) | (value >> 4) } else { (bits << 6) | value };
        if index == 21 && value & 15 != 0 {
            return None;
        }
    }
    Some(Uuid::from_u128(bits))
}

/// The text of `partition.metadata`.
pub(crate) fn format_partition_metadata(topic_id: Uuid) -> String {
    format!("version: 0\ntopic_id: {}", uuid_text(topic_id))
}

/// Reads `partition.metadata`.
pub(crate) fn parse_partition_metadata(text: &str) -> Result<Uuid, TextProblem> {
    let mut lines = text.lines();
    if lines.next().map(str::trim) != Some("version: 0") {
        return Err(TextProblem::new(1, "\"version: 0\" is expected"));
    }
    lines
        .next()
        .and_then(|line| line.trim().strip_prefix("topic_id: "))
        .and_then(parse_uuid)
        .ok_or_else(|| TextProblem::new(2, "\"topic_id: \" and a UUID in 22 characters are expected"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bits: u128, text: &str) {
        let id = Uuid::from_u128(bits);
        assert_eq!(uuid_text(id), text);
        assert_eq!(parse_uuid(text), Some(id));
    }

    #[test]
    fn uuids_as_kafka_writes_them() {
        check(0, "AAAAAAAAAAAAAAAAAAAAAA");
        check(1, "AAAAAAAAAAAAAAAAAAAAAQ");
        check(u128::MAX, "_____________________w");
        check(0xfb << 120, "-wAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(parse_uuid("AAAAAAAAAAAAAAAAAAAAAB"), None);
        assert_eq!(parse_uuid("short"), None);
    }

    #[test]
    fn partition_metadata_round_trips() {
        let id = Uuid::from_u128(0x1234_5678);
        assert_eq!(parse_partition_metadata(&format_partition_metadata(id)), Ok(id));
        assert_eq!(parse_partition_metadata("").map_err(|p| p.line), Err(1));
        assert_eq!(parse_partition_metadata("version: 0\n").map_err(|p| p.line), Err(2));
    }
}
