//! What a group's topics are, as one number, by Kafka's rule (KIP-1101): it is written down with the group, so that
//! a change while the broker was down is noticed, whoever reads the log next.

use twox_hash::XxHash3_64;
use wire::Uuid;

/// Of how the numbers are made.
const VERSION: u8 = 0;

/// A topic's id, name and partitions, each with the racks of its replicas: here that of the one broker, if it has one.
pub(crate) fn topic_hash(id: Uuid, name: &str, partitions: i32, rack: Option<&str>) -> i64 {
    let (most, least) = id.0.split_at(8);
    let mut bytes = vec![VERSION];
    // The halves of an id and all numbers stand little-endian.
    bytes.extend(most.iter().rev());
    bytes.extend(least.iter().rev());
    put_text(&mut bytes, name);
    bytes.extend(partitions.to_le_bytes());
    for partition in 0..partitions {
        bytes.extend(partition.to_le_bytes());
        if let Some(rack) = rack {
            // Before the text, too, as if it stood alone.
            bytes.extend(utf16_units(rack).to_le_bytes());
            put_text(&mut bytes, rack);
        }
    }
    XxHash3_64::oneshot(&bytes).cast_signed()
}

/// A text in UTF-16, and its length behind it.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend(utf16_units(text).to_le_bytes());
}

fn utf16_units(text: &str) -> i32 {
    i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)
}

/// All topics of a group, by their hashes in the order of their names. 0 stands for no topics.
pub(crate) fn group_hash(topics: impl Iterator<Item = i64>) -> i64 {
    let bytes: Vec<u8> = topics.flat_map(i64::to_le_bytes).collect();
    if bytes.is_empty() { 0 } else { XxHash3_64::oneshot(&bytes).cast_signed() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_kafkas() {
        // Computed by hash4j 0.22.0, as Kafka 4.3.1 calls it.
        let orders = Uuid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        let mut other = [0; 16];
        (other[7], other[15]) = (1, 2);
        let name = "\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}-long-topic-name-that-passes-two-hundred-and-forty-bytes";
        let (a, b) = (topic_hash(orders, "orders", 3, None), topic_hash(Uuid(other), name, 100, None));
        assert_eq!((a, b), (3_653_115_502_262_934_565, -6_993_448_532_917_986_421));
        assert_eq!(group_hash([a, b].into_iter()), 6_189_570_159_566_838_876);
        assert_eq!(group_hash(std::iter::empty()), 0);
        assert_eq!(topic_hash(orders, "orders", 3, Some("eu-1\u{e9}")), -8_471_409_745_267_778_587);
    }
}
