//! The groups as they were written down.

use super::membership::Membership;
use super::{Cell, Coordinator, Host, Loaded, records};
use crate::groups::classic;
use crate::groups::consumer::{Group, Replayed};
use crate::groups::streams;

impl Coordinator {
    /// Takes in one record of `__consumer_offsets` at start.
    pub(crate) fn load(&self, loaded: Loaded) {
        match loaded {
            Loaded::Offset { group, topic, partition, committed: Some(committed) } => {
                let cell = self.get_or_new(&group);
                let mut cell = cell.lock();
                cell.kept = true;
                cell.offsets.insert((topic, partition), committed);
            }
            Loaded::Offset { group, topic, partition, committed: None } => {
                if let Some(cell) = self.get(&group) {
                    cell.lock().offsets.remove(&(topic, partition));
                }
            }
            Loaded::Group { group, value: Some(value) } => {
                let cell = self.get_or_new(&group);
                let restored = records::restore(self.now(), self.limits.groups, value);
                let mut cell = cell.lock();
                cell.membership = Membership::Classic(restored);
                cell.kept = true;
            }
            Loaded::Group { group, value: None } => {
                if let Some(cell) = self.get(&group) {
                    let mut cell = cell.lock();
                    cell.kept = false;
                    // The group may have become a consumer group in between.
                    if let Membership::Classic(_) = cell.membership {
                        self.empty(&mut cell);
                    }
                }
            }
            Loaded::Consumer { group, record } => self.load_consumer(&group, record),
            Loaded::Streams { group, record } => self.load_streams(&group, record),
            Loaded::Other => {}
        }
    }

    fn load_consumer(&self, id: &str, record: Replayed) {
        let gone = matches!(
            record,
            Replayed::Epoch(None)
                | Replayed::TargetEpoch(None)
                | Replayed::Member(_, None)
                | Replayed::Target(_, None)
                | Replayed::Current(_, None)
                | Replayed::Regex(_, None)
        );
        let cell = match self.get(id) {
            Some(cell) => cell,
            None if gone => return,
            None => self.get_or_new(id),
        };
        let mut cell = cell.lock();
        if !matches!(cell.membership, Membership::Consumer(_)) {
            if gone {
                return;
            }
            cell.membership = Membership::Consumer(Group::new());
        }
        if let Membership::Consumer(group) = &mut cell.membership
            && !group.replay(record)
        {
            self.empty(&mut cell);
        }
    }

    fn load_streams(&self, id: &str, record: streams::Replayed) {
        let cell = match self.get(id) {
            Some(cell) => cell,
            None if record.is_gone() => return,
            None => self.get_or_new(id),
        };
        let mut cell = cell.lock();
        if !matches!(cell.membership, Membership::Streams(_)) {
            if record.is_gone() {
                return;
            }
            cell.membership = Membership::Streams(Box::default());
        }
        if let Membership::Streams(group) = &mut cell.membership
            && !group.replay(record)
        {
            self.empty(&mut cell);
        }
    }

    fn empty(&self, cell: &mut Cell) {
        cell.membership = Membership::Classic(classic::Group::new(self.now(), self.limits.groups));
    }

    /// Every record is read: groups of which nothing is left go, members get a session's time to come back.
    pub(crate) fn loaded(&self, host: &impl Host) {
        for cell in self.all() {
            let mut cell = cell.lock();
            if cell.is_unused() {
                let id = cell.id.clone();
                drop(cell);
                self.groups.lock().remove(&id);
                continue;
            }
            let id = cell.id.clone();
            match &mut cell.membership {
                Membership::Classic(_) => {}
                Membership::Consumer(group) => group.loaded(self.now(), &host.consumer_settings(&id)),
                Membership::Streams(group) => group.loaded(self.now(), &host.streams_settings(&id)),
            }
            self.queue(&mut cell);
        }
    }
}
