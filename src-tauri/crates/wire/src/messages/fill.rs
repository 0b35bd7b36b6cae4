//! Messages filled with something in every field, for the tests.

use bytes::Bytes;

use crate::codec::{Cx, Records, Span};
use crate::uuid::Uuid;

/// A small generator (xorshift): what it makes depends on its seed alone.
pub(crate) struct Random {
    state: u64,
    /// Whether nullable fields may be null.
    pub(crate) nulls: bool,
}

impl Random {
    pub(crate) fn new(seed: u64, nulls: bool) -> Self {
        Self { state: seed | 1, nulls }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub(crate) fn nullable<T>(&mut self, fill: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nulls && self.next().is_multiple_of(2) { None } else { Some(fill(self)) }
    }
}

pub(crate) trait Fill {
    fn fill(random: &mut Random, cx: Cx) -> Self;
}

macro_rules! numbers {
    ($($ty:ty),*) => { $(
        impl Fill for $ty {
            fn fill(random: &mut Random, _: Cx) -> Self {
                random.next() as $ty
            }
        }
    )* };
}
numbers!(i8, i16, u16, i32, i64, f64);

impl Fill for bool {
    fn fill(random: &mut Random, _: Cx) -> Self {
        random.next().is_multiple_of(2)
    }
}

impl Fill for Uuid {
    fn fill(random: &mut Random, _: Cx) -> Self {
        let (high, low) = (random.next(), random.next());
        Uuid((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }
}

impl Fill for String {
    fn fill(random: &mut Random, _: Cx) -> Self {
        "närrisch".repeat(random.next() as usize % 40)
    }
}

impl Fill for Bytes {
    fn fill(random: &mut Random, _: Cx) -> Self {
        vec![random.next() as u8; random.next() as usize % 300].into()
    }
}

impl<T: Fill> Fill for Vec<T> {
    fn fill(random: &mut Random, cx: Cx) -> Self {
        (0..random.next() % 4).map(|_| T::fill(random, cx)).collect()
    }
}

impl Fill for Option<Span> {
    /// Empty: a span is only a length until a request gives it bytes.
    fn fill(random: &mut Random, _: Cx) -> Self {
        random.nullable(|_| Span { start: 0, end: 0 })
    }
}

impl Fill for Option<Records> {
    fn fill(random: &mut Random, _: Cx) -> Self {
        random.nullable(|random| Records(vec![7; random.next() as usize % 5000].into()))
    }
}

impl Fill for Option<String> {
    fn fill(random: &mut Random, cx: Cx) -> Self {
        random.nullable(|random| String::fill(random, cx))
    }
}

impl Fill for Option<Bytes> {
    fn fill(random: &mut Random, cx: Cx) -> Self {
        random.nullable(|random| Bytes::fill(random, cx))
    }
}

impl<T: Fill> Fill for Option<Vec<T>> {
    fn fill(random: &mut Random, cx: Cx) -> Self {
        random.nullable(|random| Vec::fill(random, cx))
    }
}
