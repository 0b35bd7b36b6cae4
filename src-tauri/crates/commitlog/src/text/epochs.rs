use std::fmt::Write;

use wire::batch::Offset;

use super::{TextProblem, entries, number};

/// Which leader epoch starts at which offset: `leader-epoch-checkpoint` (KIP-101).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EpochCache {
    /// Ascending in both fields.
    entries: Vec<(i32, Offset)>,
}

impl EpochCache {
    pub(crate) fn parse(text: &str) -> Result<EpochCache, TextProblem> {
        let mut cache = EpochCache::default();
        for (line, fields) in entries(text, 2)? {
            cache.assign(number(line, fields[0])?, Offset(number(line, fields[1])?));
        }
        Ok(cache)
    }

    pub(crate) fn format(&self) -> String {
        let mut text = format!("0\n{}\n", self.entries.len());
        for (epoch, start) in &self.entries {
            let _ = writeln!(text, "{epoch} {start}");
        }
        text
    }

    pub(crate) fn latest(&self) -> Option<i32> {
        self.entries.last().map(|&(epoch, _)| epoch)
    }

    /// Notes that `epoch` writes at `start`. True when that was news.
    pub(crate) fn assign(&mut self, epoch: i32, start: Offset) -> bool {
        if epoch < 0 || self.latest().is_some_and(|latest| epoch <= latest) {
            return false;
        }
        while self.entries.last().is_some_and(|&(_, known)| known >= start) {
            self.entries.pop();
        }
        self.entries.push((epoch, start));
        true
    }

    /// The largest known epoch not above `epoch`, and where it ends.
    pub(crate) fn end_of(&self, epoch: i32, log_end: Offset) -> Option<(i32, Offset)> {
        let latest = self.latest()?;
        if epoch == latest {
            return Some((epoch, log_end));
        }
        let above = self.entries.partition_point(|&(known, _)| known <= epoch);
        let &(_, end) = self.entries.get(above)?;
        match above.checked_sub(1) {
            Some(floor) => Some((self.entries[floor].0, end)),
            None => Some((epoch, end)),
        }
    }

    /// Forgets epochs that begin at `end` or later. True when something changed.
    pub(crate) fn truncate_end(&mut self, end: Offset) -> bool {
        let before = self.entries.len();
        self.entries.retain(|&(_, start)| start < end);
        self.entries.len() != before
    }

    /// Forgets epochs that ended before `start`. True when something changed.
    pub(crate) fn truncate_start(&mut self, start: Offset) -> bool {
        let before = self.entries.clone();
        let keep = self.entries.partition_point(|&(_, known)| known <= start).saturating_sub(1);
        self.entries.drain(..keep);
        if let Some(first) = self.entries.first_mut() {
            first.1 = first.1.max(start);
        }
        self.entries != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache() -> EpochCache {
        EpochCache::parse("0\n3\n0 0\n2 10\n5 30\n").expect("sound")
    }

    fn check(epoch: i32, expected: Option<(i32, i64)>) {
        let found = cache().end_of(epoch, Offset(50)).map(|(epoch, end)| (epoch, end.0));
        assert_eq!(found, expected, "epoch {epoch}");
    }

    #[test]
    fn ends_of_epochs() {
        check(5, Some((5, 50)));
        check(2, Some((2, 30)));
        check(3, Some((2, 30)));
        check(0, Some((0, 10)));
        check(6, None);
        assert_eq!(EpochCache::default().end_of(0, Offset(1)), None);
    }

    #[test]
    fn truncation_at_both_ends() {
        let mut cut = cache();
        assert!(cut.truncate_end(Offset(30)));
        assert_eq!(cut.latest(), Some(2));
        assert!(cut.truncate_start(Offset(12)));
        assert_eq!(cut.format(), "0\n1\n2 12\n");
        assert!(!cut.truncate_start(Offset(12)));
    }

    #[test]
    fn an_epoch_without_records_is_replaced() {
        let mut epochs = cache();
        assert!(epochs.assign(6, Offset(30)));
        assert!(!epochs.assign(6, Offset(40)));
        assert_eq!(epochs.format(), "0\n3\n0 0\n2 10\n6 30\n");
    }
}
