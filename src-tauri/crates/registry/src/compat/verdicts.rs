//! Verdicts on pairs of types, remembered while a check goes on.

use std::collections::HashMap;
use std::hash::Hash;

/// A pair that is being checked counts as compatible: a type that holds itself
/// is as compatible as the rest of it.
#[derive(Debug)]
pub(super) struct Verdicts<P> {
    known: HashMap<P, Verdict>,
    /// Pairs found compatible, in order: those after a pair that turns out bad
    /// may have relied on it.
    assumed: Vec<P>,
    /// Unions try their branches in silence.
    probes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Being checked, or checked and good.
    Compatible,
    /// Known to be bad, though the reason was not wanted then.
    Probed,
    Incompatible,
}

impl<P> Default for Verdicts<P> {
    fn default() -> Self {
        Self { known: HashMap::new(), assumed: Vec::new(), probes: 0 }
    }
}

impl<P: Copy + Eq + Hash> Verdicts<P> {
    /// What is known of a pair, if that is enough: a bad one is looked at
    /// again when its reasons are wanted for the first time.
    pub(super) fn known(&self, pair: P) -> Option<bool> {
        match self.known.get(&pair)? {
            Verdict::Compatible => Some(true),
            Verdict::Incompatible => Some(false),
            Verdict::Probed => (self.probes > 0).then_some(false),
        }
    }

    /// Begins a check; the mark is for [`Self::end`].
    pub(super) fn begin(&mut self, pair: P) -> usize {
        self.known.insert(pair, Verdict::Compatible);
        self.assumed.push(pair);
        self.assumed.len() - 1
    }

    /// Ends a check, and forgets what relied on it if it was in vain.
    pub(super) fn end(&mut self, pair: P, mark: usize, is_compatible: bool) {
        if is_compatible {
            return;
        }
        for relied in self.assumed.drain(mark..) {
            self.known.remove(&relied);
        }
        let verdict = if self.probes > 0 { Verdict::Probed } else { Verdict::Incompatible };
        self.known.insert(pair, verdict);
    }

    /// Reasons are not wanted from here on.
    pub(super) fn begin_probe(&mut self) {
        self.probes += 1;
    }

    pub(super) fn end_probe(&mut self) {
        self.probes -= 1;
    }

    pub(super) fn is_probing(&self) -> bool {
        self.probes > 0
    }

    /// Pairs looked at so far.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }
}
