//! Streams groups (KIP-1071) at the coordinator: their heartbeats, and what time does.

use tracing::info;
use wire::ErrorCode;

use super::membership::Membership;
use super::{Cell, Coordinator, Host, Stored, streams_records};
use crate::groups::Refusal;
use crate::groups::streams::{Beaten, Change, Group, Heartbeat, Step};

impl Coordinator {
    fn streams_step<'a>(&self, host: &'a impl Host, group: &str) -> Step<'a> {
        Step {
            now: self.now(),
            clock_ms: host.clock_ms(),
            topics: host.catalog(),
            settings: host.streams_settings(group),
        }
    }

    /// StreamsGroupHeartbeat. The caller makes the topics that are missing.
    pub(crate) fn streams_heartbeat(&self, host: &impl Host, beat: &Heartbeat) -> Result<Beaten, Refusal> {
        let missing = (beat.member_epoch != 0).then(|| not_found(&beat.group));
        self.beat(&beat.group, missing, |cell| self.streams_heartbeat_in(host, cell, beat))
    }

    fn streams_heartbeat_in(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        beat: &Heartbeat,
    ) -> Result<Beaten, Refusal> {
        let step = self.streams_step(host, &beat.group);
        if let Membership::Classic(old) = &cell.membership {
            if beat.member_epoch != 0 || old.members().next().is_some() {
                return Err(not_streams(&beat.group));
            }
            // Where only offsets were committed a group is known already.
            let unknown = cell.is_unused();
            let mut group = Group::new();
            let (mut beaten, _) = group.heartbeat(&step, beat)?;
            group.forget_what_is_not_written();
            if unknown {
                beaten.endpoint_epoch = 0;
            }
            info!(group = %beat.group, "streams group made");
            let records = std::iter::once(Stored::no_group(&beat.group))
                .chain(streams_records::stored(&beat.group, &group, group.everything()))
                .collect();
            cell.membership = Membership::Streams(Box::new(group));
            self.write(host, cell, records)?;
            return Ok(beaten);
        }
        let Membership::Streams(group) = &mut cell.membership else { return Err(not_streams(&beat.group)) };
        if beat.member_epoch < 0 {
            let id = group.leave(&beat.group, &beat.member_id, beat.shutdown)?;
            let changes = group.remove(&[id]);
            let beaten = Beaten {
                member_id: beat.member_id.clone(),
                member_epoch: beat.member_epoch,
                tasks: None,
                status: Vec::new(),
                endpoint_epoch: 0,
                endpoints: None,
                missing: Vec::new(),
            };
            self.save_streams(host, cell, changes)?;
            return Ok(beaten);
        }
        let (beaten, changes) = group.heartbeat(&step, beat)?;
        self.save_streams(host, cell, changes)?;
        Ok(beaten)
    }

    /// Removes the members whose time is over, and ends a new group's wait.
    pub(super) fn pass_streams_time(&self, host: &impl Host, cell: &mut Cell) {
        let step = self.streams_step(host, &cell.id);
        let Membership::Streams(group) = &mut cell.membership else { return };
        let overdue = group.overdue(step.now);
        for member in &overdue {
            info!(group = %cell.id, %member, "member removed");
        }
        let mut changes = group.remove(&overdue);
        changes.extend(group.end_delay(&step));
        // A failed write is made up for by the next one.
        let _ = self.save_streams(host, cell, changes);
    }

    fn save_streams(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        mut changes: Vec<Change>,
    ) -> Result<(), Refusal> {
        if changes.is_empty() {
            return Ok(());
        }
        self.queue(cell);
        let Membership::Streams(group) = &cell.membership else { return Ok(()) };
        if cell.unsaved {
            changes.extend(group.everything());
        }
        let records = streams_records::stored(&cell.id, group, changes);
        self.write(host, cell, records)
    }
}

fn not_found(group: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Streams group {group} not found."))
}

pub(crate) fn not_streams(group: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {group} is not a streams group."))
}
