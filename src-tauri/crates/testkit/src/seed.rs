use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Where a test's randomness comes from: `PUMPHOUSE_SEED`, or a fresh one that is printed when the test fails.
#[derive(Debug)]
pub struct Seed {
    value: u64,
}

impl Seed {
    /// # Panics
    /// When `PUMPHOUSE_SEED` is set to what is no number.
    #[must_use]
    pub fn from_env() -> Seed {
        let value = match std::env::var("PUMPHOUSE_SEED") {
            Ok(text) => match text.parse() {
                Ok(value) => value,
                Err(_) => panic!("PUMPHOUSE_SEED={text} is no whole number"),
            },
            // The standard library's hasher keys are the one source of randomness it has.
            Err(_) => RandomState::new().build_hasher().finish(),
        };
        Seed { value }
    }

    /// This one, to repeat what happened under it.
    #[must_use]
    pub fn of(value: u64) -> Seed {
        Seed { value }
    }

    #[must_use]
    pub fn value(&self) -> u64 {
        self.value
    }

    /// Numbers that depend on the seed alone.
    #[must_use]
    pub fn random(&self) -> Random {
        Random { state: self.value }
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("repeat with PUMPHOUSE_SEED={}", self.value);
        }
    }
}

/// A small generator (SplitMix64): not for secrets.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next_u64() % bound as u64) as usize }
    }

    /// True once in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next_u64() as u8).collect()
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_alone_decides() {
        let seed = Seed { value: 42 };
        assert_eq!(seed.random().bytes(20), seed.random().bytes(20));
        assert_ne!(seed.random().bytes(20), Seed { value: 43 }.random().bytes(20));
        let mut random = seed.random();
        assert!((0..1_000).all(|_| random.below(7) < 7));
        assert_eq!(random.below(0), 0);
    }
}
