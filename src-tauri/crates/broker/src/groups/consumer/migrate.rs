//! From a classic group to a consumer group and back, with the members inside (an upgrade one by one).

use wire::ErrorCode;

use super::group::insert;
use super::member::{ClassicPart, Held, Member};
use super::{Catalog, Change, Group, Millis, Refusal, Settings, Step, protocol};
use crate::groups::classic;
use crate::groups::java::timeline_map_order;

/// How a consumer group becomes a classic one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downgrade {
    /// The classic group's first generation.
    pub generation: i32,
    /// Everyone is asked to join anew.
    pub rebalances: bool,
    /// Members that are not in it.
    pub leaving: Vec<String>,
    /// Who took the place of the last member of the consumer protocol: it comes last.
    pub newest: Option<String>,
}

impl Group {
    /// A consumer group with the members and the assignment of a classic one. The classic group's generation becomes the epoch of everyone.
    pub fn from_classic(now: Millis, group: &classic::Group, topics: &dyn Catalog) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::new(
                ErrorCode::GroupIdNotFound,
                "Cannot upgrade the classic group to consumer group because the embedded consumer protocol is \
                 malformed.",
            )
        };
        let mut upgraded =
            Self { epoch: group.generation(), target_epoch: group.generation(), ..Self::new() };
        let chosen = group.protocol().unwrap_or_default();
        for old in group.members() {
            let mut protocols = old.protocols.clone();
            // The group's own protocol leads: by it the member is answered from now on.
            protocols.sort_by_key(|known| known.name != chosen);
            let metadata = protocols.first().map(|known| known.metadata.clone()).unwrap_or_default();
            let (_, subscription) = protocol::subscription(&metadata).ok_or_else(malformed)?;
            let target = protocol::assignment(&old.assignment, topics).ok_or_else(malformed)?;
            let mut member = Member::new(&old.id, now + old.session_timeout_ms);
            member.instance_id.clone_from(&old.instance_id);
            member.rack_id.clone_from(&subscription.rack_id);
            member.client_id.clone_from(&old.client_id);
            member.client_host.clone_from(&old.client_host);
            member.names = subscription.topics.iter().cloned().collect();
            member.rebalance_timeout_ms = i32::try_from(old.rebalance_timeout_ms).unwrap_or(i32::MAX);
            let session_ms = i32::try_from(old.session_timeout_ms).unwrap_or(i32::MAX);
            member.classic = Some(ClassicPart::new(session_ms, protocols));
            member.epoch = upgraded.epoch;
            member.previous_epoch = upgraded.epoch;
            let mut assigned = Held::new();
            for (topic, partitions) in &target {
                for partition in partitions {
                    // A leader may have given one partition to two: the first keeps it.
                    if !upgraded.taken.contains(&(*topic, *partition)) {
                        insert(&mut assigned, *topic, *partition, upgraded.epoch);
                    }
                }
            }
            member.assigned = assigned;
            member.target = Some(target);
            upgraded.put(member);
        }
        Ok(upgraded)
    }

    /// Every record the group consists of.
    pub fn everything(&self) -> Vec<Change> {
        let ids = || self.members.keys().cloned();
        let mut changes: Vec<Change> = ids().map(Change::Member).collect();
        changes.extend(self.regexes.keys().cloned().map(Change::Regex));
        changes.push(Change::Epoch);
        changes.extend(ids().map(Change::Target));
        changes.push(Change::TargetEpoch);
        changes.extend(ids().map(Change::Current));
        changes
    }

    /// What becomes of the group when these members leave, if only members of the classic protocol stay.
    pub fn downgrade_without(&self, settings: &Settings, leaving: &[String]) -> Option<Downgrade> {
        let mut staying = self.members.values().filter(|member| !leaving.contains(&member.id)).peekable();
        let alike = staying.peek().is_some() && staying.all(Member::is_classic);
        let count = self.members.len().saturating_sub(leaving.len());
        let fits = settings.migration.downgrades() && count <= settings.classic_members_max;
        let downgrade = || Downgrade {
            generation: self.epoch,
            rebalances: true,
            leaving: leaving.to_vec(),
            newest: None,
        };
        (alike && fits).then(downgrade)
    }

    /// What becomes of the group when a static member, the last of the consumer protocol, comes by the classic one.
    pub(super) fn downgrade_by(&self, settings: &Settings, replaced: &str) -> Option<Downgrade> {
        let last = self.members.values().all(|member| member.is_classic() != (member.id == replaced));
        let fits = settings.migration.downgrades() && self.members.len() <= settings.classic_members_max;
        let downgrade =
            || Downgrade { generation: self.epoch, rebalances: false, leaving: Vec::new(), newest: None };
        (last && fits).then(downgrade)
    }

    /// The classic group of those who stay, stable with the targets as assignments.
    pub fn to_classic(
        &self,
        step: &Step<'_>,
        limits: classic::Limits,
        downgrade: &Downgrade,
    ) -> classic::Group {
        let newest = downgrade.newest.as_deref();
        let ids: Vec<&str> = self.members.keys().map(String::as_str).collect();
        let order = timeline_map_order(&ids, self.most_members + 1).into_iter().map(|place| ids[place]);
        let staying: Vec<(&Member, &ClassicPart)> = order
            .filter(|id| Some(*id) != newest && !downgrade.leaving.iter().any(|leaving| leaving == id))
            .chain(newest)
            .filter_map(|id| self.members.get(id))
            .filter_map(|member| Some((member, member.classic.as_ref()?)))
            .collect();
        // The first protocol of the first member that everyone knows.
        let knows = |part: &ClassicPart, name: &str| part.protocols.iter().any(|known| known.name == name);
        let chosen = staying.first().and_then(|(_, first)| {
            first
                .protocols
                .iter()
                .find(|protocol| staying.iter().all(|(_, part)| knows(part, &protocol.name)))
        });
        let chosen = chosen.map(|protocol| protocol.name.clone());
        let members = staying.iter().map(|(member, part)| {
            let metadata = part
                .protocols
                .iter()
                .find(|known| Some(&known.name) == chosen.as_ref())
                .map(|known| known.metadata.clone())
                .unwrap_or_default();
            let version = protocol::subscription(&metadata).map_or(0, |(version, _)| version);
            classic::Member::restored(
                step.now,
                (member.id.clone(), member.instance_id.clone()),
                (member.client_id.clone(), member.client_host.clone()),
                (i64::from(part.session_timeout_ms), i64::from(member.rebalance_timeout_ms)),
                part.protocols.clone(),
                protocol::write_assignment(version, &member.target(), step.topics),
            )
        });
        let restored = classic::Restored {
            generation: downgrade.generation,
            protocol_type: Some(protocol::CONSUMER.to_owned()),
            protocol: chosen.clone(),
            leader: staying.first().map(|(member, _)| member.id.clone()),
            members: members.collect(),
        };
        classic::Group::restore(step.now, limits, restored)
    }
}
