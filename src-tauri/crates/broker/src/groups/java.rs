//! In which order Java's collections hand out what they hold.
//!
//! Kafka's assignors walk through hash maps, and that for streams takes the first of equals from a heap: who gets which
//! partition or task depends on it, and the ids of members, processes and topics alone decide. To give the same, this
//! walks the same way.

use std::cmp::Ordering;

use wire::Uuid;

/// `java.lang.String.hashCode`.
fn hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `org.apache.kafka.common.Uuid.hashCode`.
fn hash_of_id(id: Uuid) -> i32 {
    id.0.chunks_exact(4).fold(0, |hash, word| hash ^ i32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

/// The order of a `java.util.HashMap` that was made for `expected` keys (16 if that is not said) and got these, in
/// their order: their places. Keys are told apart.
pub(crate) fn hash_map_order(keys: &[&str], expected: Option<usize>) -> Vec<usize> {
    let hashes: Vec<i32> = keys.iter().map(|key| hash(key)).collect();
    order(&hashes, expected)
}

/// As [`hash_map_order`], of topics.
pub(super) fn topic_map_order(keys: &[Uuid]) -> Vec<usize> {
    let hashes: Vec<i32> = keys.iter().map(|key| hash_of_id(*key)).collect();
    order(&hashes, None)
}

/// These in the order of a `java.util.HashSet` that is the copy of a collection of them.
pub(super) fn copied_topics(topics: Vec<Uuid>) -> Vec<Uuid> {
    let hashes: Vec<i32> = topics.iter().map(|topic| hash_of_id(*topic)).collect();
    order(&hashes, Some(copied(hashes.len()))).into_iter().map(|place| topics[place]).collect()
}

/// As [`copied_topics`], of numbers.
pub(super) fn copied_numbers(numbers: Vec<i32>) -> Vec<i32> {
    order(&numbers, Some(copied(numbers.len()))).into_iter().map(|place| numbers[place]).collect()
}

/// For how many keys a set is made that is copied from this many.
fn copied(count: usize) -> usize {
    (count * 4 / 3 + 1).max(16)
}

fn order(hashes: &[i32], expected: Option<usize>) -> Vec<usize> {
    let mut capacity = expected.unwrap_or(16).max(1).next_power_of_two();
    // Three quarters full is full.
    while hashes.len() * 4 > capacity * 3 {
        capacity *= 2;
    }
    let bin = |place: &usize| {
        let hash = hashes[*place].cast_unsigned();
        (hash ^ (hash >> 16)) as usize & (capacity - 1)
    };
    let mut places: Vec<usize> = (0..hashes.len()).collect();
    places.sort_by_key(bin);
    places
}

/// The order of Kafka's own `TimelineHashMap` with these keys, of which it had `most` at a time.
pub(super) fn timeline_map_order(keys: &[&str], most: usize) -> Vec<usize> {
    let mut capacity: usize = 2;
    while most * 3 > capacity * 4 {
        capacity *= 2;
    }
    let slot = |place: &usize| {
        let spread = i64::from(hash(keys[*place])).wrapping_mul(-7_046_029_254_386_353_131);
        spread.cast_unsigned() >> (u64::BITS - capacity.ilog2())
    };
    // Within a slot the last comes first.
    let mut places: Vec<usize> = (0..keys.len()).rev().collect();
    places.sort_by_key(slot);
    places
}

/// Members in the order in which Kafka's assignors are told of them: those of the group's map, which had `most` at a
/// time, and who joins just now.
pub(super) fn members_in_order<'a>(
    ids: impl Iterator<Item = &'a str>,
    newest: Option<&'a str>,
    most: usize,
) -> Vec<&'a str> {
    let known: Vec<&str> = ids.filter(|id| Some(*id) != newest).collect();
    timeline_map_order(&known, most).into_iter().map(|place| known[place]).chain(newest).collect()
}

/// `java.util.PriorityQueue`: of equals, the one its heap has on top.
#[derive(Debug, Default)]
pub(super) struct PriorityQueue<T> {
    heap: Vec<T>,
}

impl<T> PriorityQueue<T> {
    pub(super) fn new() -> Self {
        Self { heap: Vec::new() }
    }

    pub(super) fn push(&mut self, item: T, compare: impl Fn(&T, &T) -> Ordering) {
        self.heap.push(item);
        let mut at = self.heap.len() - 1;
        while at > 0 {
            let parent = (at - 1) / 2;
            if compare(&self.heap[at], &self.heap[parent]) != Ordering::Less {
                break;
            }
            self.heap.swap(at, parent);
            at = parent;
        }
    }

    pub(super) fn pop(&mut self, compare: impl Fn(&T, &T) -> Ordering) -> Option<T> {
        if self.heap.is_empty() {
            return None;
        }
        let top = self.heap.swap_remove(0);
        let mut at = 0;
        loop {
            let (left, right) = (2 * at + 1, 2 * at + 2);
            if left >= self.heap.len() {
                break;
            }
            let right_is_less =
                right < self.heap.len() && compare(&self.heap[left], &self.heap[right]) == Ordering::Greater;
            let child = if right_is_less { right } else { left };
            if compare(&self.heap[at], &self.heap[child]) != Ordering::Greater {
                break;
            }
            self.heap.swap(at, child);
            at = child;
        }
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_orders_are_those_of_java() {
        // As Java 17 and Kafka 4.3.1 hand them out.
        let keys: Vec<String> = (0..14).map(|i| format!("member-{}", i * i * 7919)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(hash_map_order(&keys, None), [13, 3, 2, 4, 6, 11, 5, 10, 9, 0, 7, 12, 1, 8]);
        assert_eq!(hash_map_order(&keys[..3], Some(3)), [2, 0, 1]);
        assert_eq!(timeline_map_order(&keys, keys.len()), [6, 13, 2, 12, 0, 7, 11, 5, 4, 1, 10, 8, 9, 3]);
    }

    #[test]
    fn of_equals_the_heap_decides() {
        let by_weight = |a: &(i32, usize), b: &(i32, usize)| a.0.cmp(&b.0);
        let mut queue = PriorityQueue::new();
        for (place, weight) in [3, 1, 1, 2, 1, 3, 1, 2].into_iter().enumerate() {
            queue.push((weight, place), by_weight);
        }
        let mut order = Vec::new();
        for _ in 0..4 {
            let (weight, place) = queue.pop(by_weight).unwrap();
            order.push(place);
            queue.push((weight + 1, place), by_weight);
        }
        order.extend(std::iter::from_fn(|| queue.pop(by_weight)).map(|(_, place)| place));
        // As Java 17's.
        assert_eq!(order, [1, 4, 2, 6, 2, 6, 7, 1, 3, 4, 0, 5]);
    }
}
