//! Consumer groups (KIP-848) at the coordinator: their heartbeats, their classic members, what time does.

use tracing::{debug, info};
use wire::ErrorCode;

use super::membership::Membership;
use super::{Cell, Coordinator, Host, Stored, consumer_records};
use crate::groups::classic::{Claim, Join, Joined, Sync, Synced};
use crate::groups::consumer::{Beaten, Change, ClassicJoin, Downgrade, Group, Heartbeat, Overdue, Step};
use crate::groups::{Refusal, classic};

impl Coordinator {
    pub(super) fn step<'a>(&self, host: &'a impl Host, group: &str) -> Step<'a> {
        Step {
            now: self.now(),
            clock_ms: host.clock_ms(),
            topics: host.catalog(),
            settings: host.consumer_settings(group),
        }
    }

    /// ConsumerGroupHeartbeat.
    pub(crate) fn consumer_heartbeat(&self, host: &impl Host, beat: &Heartbeat) -> Result<Beaten, Refusal> {
        let missing = (beat.member_epoch != 0).then(|| not_found(&beat.group));
        self.beat(&beat.group, missing, |cell| self.consumer_heartbeat_in(host, cell, beat))
    }

    fn consumer_heartbeat_in(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        beat: &Heartbeat,
    ) -> Result<Beaten, Refusal> {
        let step = self.step(host, &beat.group);
        let joins = beat.member_epoch == 0;
        let (beaten, changes) = match &mut cell.membership {
            Membership::Consumer(group) if beat.member_epoch < 0 => {
                let instance = beat.instance_id.as_deref();
                let (beaten, changes, leaving) =
                    group.leave(&beat.group, &beat.member_id, instance, beat.member_epoch)?;
                self.save(host, cell, changes)?;
                self.fence(host, cell, &leaving)?;
                return Ok(beaten);
            }
            Membership::Consumer(group) => group.heartbeat(&step, beat)?,
            Membership::Streams(_) => return Err(not_consumer(&beat.group)),
            Membership::Classic(_) if !joins => return Err(not_consumer(&beat.group)),
            Membership::Classic(old) => {
                let mut group = Group::new();
                if old.members().next().is_some() {
                    check_upgrade(&step, &beat.group, old)?;
                    group = Group::from_classic(step.now, old, step.topics)?;
                }
                let (beaten, _) = group.heartbeat(&step, beat)?;
                let answers = old.abort();
                info!(group = %beat.group, upgraded = old.members().count(), "consumer group made");
                let records = std::iter::once(Stored::no_group(&beat.group))
                    .chain(consumer_records::stored(&beat.group, &group, group.everything()))
                    .collect();
                cell.membership = Membership::Consumer(group);
                self.act(host, cell, answers);
                self.write(host, cell, records)?;
                return Ok(beaten);
            }
        };
        self.save(host, cell, changes)?;
        Ok(beaten)
    }

    /// JoinGroup to a consumer group. None: it had no members and is a classic group now.
    pub(super) fn classic_join(&self, host: &impl Host, cell: &mut Cell, join: &Join) -> Option<Joined> {
        let step = self.step(host, &cell.id);
        let (empty, is_streams) =
            (cell.membership.is_empty(), matches!(cell.membership, Membership::Streams(_)));
        if is_streams && !empty {
            return Some(Joined::error(ErrorCode::InconsistentGroupProtocol, ""));
        }
        if empty && !matches!(cell.membership, Membership::Classic(_)) {
            let records = cell.tombstones();
            cell.membership = Membership::Classic(classic::Group::new(step.now, self.limits.groups));
            // The group is empty with or without its tombstones.
            let _ = self.write(host, cell, records);
            return None;
        }
        let Membership::Consumer(group) = &mut cell.membership else { return None };
        let join = ClassicJoin {
            member_id: join.member_id.clone(),
            fresh_id: join.fresh_id.clone(),
            instance_id: join.instance_id.clone(),
            client_id: join.client_id.clone(),
            client_host: join.client_host.clone(),
            protocol_type: join.protocol_type.clone(),
            protocols: join.protocols.clone(),
            session_timeout_ms: i32::try_from(join.session_timeout_ms).unwrap_or(i32::MAX),
            rebalance_timeout_ms: i32::try_from(join.rebalance_timeout_ms).unwrap_or(i32::MAX),
            needs_known_id: join.needs_known_id,
        };
        let joined = group.classic_join(&step, &join).and_then(|(joined, changes)| {
            self.save(host, cell, changes)?;
            Ok(joined)
        });
        let joined = match joined {
            Ok(joined) => joined,
            Err(refusal) => {
                debug!(group = %cell.id, member = %join.member_id, %refusal, "classic member refused");
                let required = refusal.code == ErrorCode::MemberIdRequired;
                let id = if required { &join.fresh_id } else { "" };
                return Some(Joined::error(refusal.code, id));
            }
        };
        if let Some(downgrade) = &joined.downgrade {
            // A failed write is made up for by the next one.
            let _ = self.downgrade(host, cell, downgrade);
        }
        Some(Joined {
            error: ErrorCode::None,
            generation: joined.generation,
            protocol_type: Some("consumer".to_owned()),
            protocol: Some(joined.protocol),
            leader: String::new(),
            skip_assignment: false,
            member_id: joined.member_id,
            members: Vec::new(),
        })
    }

    /// SyncGroup to a consumer group. None: it is a classic one.
    pub(super) fn classic_sync(&self, host: &impl Host, cell: &mut Cell, sync: &Sync) -> Option<Synced> {
        let step = self.step(host, &cell.id);
        let Membership::Consumer(group) = &mut cell.membership else { return None };
        let claim = Claim {
            member_id: &sync.member_id,
            instance_id: sync.instance_id.as_deref(),
            generation: sync.generation,
        };
        let asked = (sync.protocol_type.as_deref(), sync.protocol.as_deref());
        let answer = match group.classic_sync(&step, &cell.id, claim, asked) {
            Err(refusal) => Synced::error(refusal.code),
            Ok(assignment) => Synced {
                error: ErrorCode::None,
                protocol_type: sync.protocol_type.clone(),
                protocol: sync.protocol.clone(),
                assignment,
            },
        };
        self.queue(cell);
        Some(answer)
    }

    /// Heartbeat to a consumer group. None: it is a classic one.
    pub(super) fn classic_heartbeat(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        claim: Claim<'_>,
    ) -> Option<ErrorCode> {
        let step = self.step(host, &cell.id);
        let Membership::Consumer(group) = &mut cell.membership else { return None };
        let answer = group.classic_heartbeat(&step, &cell.id, claim);
        self.queue(cell);
        Some(answer.map_or_else(|refusal| refusal.code, |()| ErrorCode::None))
    }

    /// LeaveGroup to a consumer group: a code for each who is to go, and all go at once. None: it is no consumer
    /// group.
    pub(super) fn classic_leave(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        members: &[(&str, Option<&str>)],
    ) -> Option<Vec<ErrorCode>> {
        let Membership::Consumer(group) = &cell.membership else { return None };
        let found: Vec<Result<String, Refusal>> = members
            .iter()
            .map(|(member_id, instance_id)| group.classic_leave(&cell.id, member_id, *instance_id))
            .collect();
        let mut ids: Vec<String> = found.iter().flatten().cloned().collect();
        ids.sort();
        ids.dedup();
        let fenced = self.fence(host, cell, &ids);
        let code = |found: Result<String, Refusal>| match (found, &fenced) {
            (Err(refusal), _) => refusal.code,
            (Ok(_), Err(refusal)) => refusal.code,
            (Ok(_), Ok(())) => ErrorCode::None,
        };
        Some(found.into_iter().map(code).collect())
    }

    /// Removes the members whose time is over.
    pub(super) fn fence_overdue(&self, host: &impl Host, cell: &mut Cell) {
        let Membership::Consumer(group) = &cell.membership else { return };
        let overdue: Vec<(String, Overdue)> = group.overdue(self.now());
        for (member, why) in &overdue {
            info!(group = %cell.id, %member, ?why, "member removed");
        }
        let ids: Vec<String> = overdue.into_iter().map(|(id, _)| id).collect();
        // A failed write is made up for by the next one.
        let _ = self.fence(host, cell, &ids);
    }

    /// Takes members out; if only classic ones stay, the group becomes a classic group.
    fn fence(&self, host: &impl Host, cell: &mut Cell, ids: &[String]) -> Result<(), Refusal> {
        let step = self.step(host, &cell.id);
        let Membership::Consumer(group) = &mut cell.membership else { return Ok(()) };
        if ids.is_empty() {
            return Ok(());
        }
        if let Some(downgrade) = group.downgrade_without(&step.settings, ids) {
            return self.downgrade(host, cell, &downgrade);
        }
        let changes = group.remove(&step, ids);
        self.save(host, cell, changes)
    }

    /// Makes the group a classic one.
    fn downgrade(&self, host: &impl Host, cell: &mut Cell, downgrade: &Downgrade) -> Result<(), Refusal> {
        let step = self.step(host, &cell.id);
        let Membership::Consumer(group) = &cell.membership else { return Ok(()) };
        let mut records = consumer_records::tombstones(&cell.id, group);
        let mut classic = group.to_classic(&step, self.limits.groups, downgrade);
        records.push(Stored::group(&cell.id, &classic));
        info!(group = %cell.id, members = classic.members().count(), "became a classic group");
        let effects = if downgrade.rebalances { classic.start_rebalance(step.now) } else { Vec::new() };
        cell.membership = Membership::Classic(classic);
        self.act(host, cell, effects);
        self.write(host, cell, records)
    }

    /// Writes down what changed in a consumer group.
    fn save(&self, host: &impl Host, cell: &mut Cell, mut changes: Vec<Change>) -> Result<(), Refusal> {
        if changes.is_empty() {
            return Ok(());
        }
        self.queue(cell);
        let Membership::Consumer(group) = &cell.membership else { return Ok(()) };
        if cell.unsaved {
            changes.extend(group.everything());
        }
        let records = consumer_records::stored(&cell.id, group, changes);
        self.write(host, cell, records)
    }

    pub(super) fn write(
        &self,
        host: &impl Host,
        cell: &mut Cell,
        records: Vec<Stored>,
    ) -> Result<(), Refusal> {
        let written = host.write(&cell.id, &records);
        cell.unsaved = written.is_err();
        written.map_err(|code| Refusal::new(code, "The group's records could not be written."))
    }
}

/// Whether a classic group may become a consumer group with its members inside.
fn check_upgrade(step: &Step<'_>, id: &str, group: &classic::Group) -> Result<(), Refusal> {
    let problem = if !step.settings.migration.upgrades() {
        "the online upgrade is disabled."
    } else if group.protocol_type() != Some("consumer") {
        "the group does not use the consumer embedded protocol."
    } else if group.members().count() > step.settings.members_max {
        "the group size exceeds the consumer group maximum size."
    } else {
        return Ok(());
    };
    let message = format!("Cannot upgrade classic group {id} to consumer group because {problem}");
    Err(Refusal::new(ErrorCode::GroupIdNotFound, message))
}

fn not_found(group: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {group} not found."))
}

pub(crate) fn not_consumer(group: &str) -> Refusal {
    Refusal::new(ErrorCode::GroupIdNotFound, format!("Group {group} is not a consumer group."))
}
