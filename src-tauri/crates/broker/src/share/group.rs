//! Membership of a share group (KIP-932) as a state machine: members come, beat and go; partitions are
//! distributed anew whenever members, subscriptions or topics change.
//!
//! Time arrives as an argument; what must be written down leaves as values.

use std::collections::{BTreeMap, BTreeSet};

use wire::{ErrorCode, Uuid};

use super::assignor::{Assignment, Subscriber, assign};
use crate::groups::{FIRST_EPOCH, Millis, group_hash};

/// The member epoch that joins.
const JOIN: i32 = 0;
/// The member epoch that leaves.
pub(crate) const LEAVE: i32 = -1;

/// What configuration says about members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemberLimits {
    pub(crate) session_ms: Millis,
    pub(crate) heartbeat_ms: i32,
    pub(crate) members_max: usize,
}

/// A topic as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicNow {
    pub(crate) id: Uuid,
    pub(crate) partitions: i32,
    /// Changes with what the topic is.
    pub(crate) hash: i64,
}

/// A heartbeat's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Beat {
    pub(crate) group_id: String,
    pub(crate) member_id: String,
    pub(crate) member_epoch: i32,
    pub(crate) rack_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) topics: Option<Vec<String>>,
}

/// The answer to a heartbeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beaten {
    pub(crate) member_epoch: i32,
    /// None: as before.
    pub(crate) assignment: Option<Assignment>,
}

/// What must be done after a step, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// These partitions are the group's from now on; their state begins at this epoch.
    Initialize { topic: Uuid, partitions: Vec<i32>, epoch: i32 },
    /// Write the group's epoch and hash.
    Group,
    /// Write which partitions are initialized.
    Initialized,
    /// Write a member's subscription.
    Member(String),
    /// Write the target assignment of everyone.
    Target,
    /// Write what a member has.
    Current(String),
    /// Unwrite a member.
    Gone(String),
}

/// A heartbeat refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

/// A member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ShareMember {
    pub(crate) rack_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) topics: BTreeSet<String>,
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) assigned: Assignment,
    pub(crate) deadline: Millis,
}

/// A share group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareGroup {
    pub(crate) epoch: i32,
    pub(crate) metadata_hash: i64,
    pub(crate) assignment_epoch: i32,
    pub(crate) members: BTreeMap<String, ShareMember>,
    pub(crate) target: BTreeMap<String, Assignment>,
    /// Topics with a state: their names, and the partitions that have one.
    pub(crate) initialized: BTreeMap<Uuid, (String, BTreeSet<i32>)>,
}

impl Default for ShareGroup {
    fn default() -> Self {
        Self {
            epoch: FIRST_EPOCH,
            metadata_hash: 0,
            assignment_epoch: FIRST_EPOCH,
            members: BTreeMap::new(),
            target: BTreeMap::new(),
            initialized: BTreeMap::new(),
        }
    }
}

impl ShareGroup {
    /// Kafka's word for the state.
    pub(crate) fn state(&self) -> &'static str {
        if self.members.is_empty() { "Empty" } else { "Stable" }
    }

    /// Whether the member would be the group's first or the group has room for it.
    fn check(&self, limits: MemberLimits, beat: &Beat) -> Result<(), Refused> {
        let refuse = |code, message| Err(Refused { code, message });
        let Some(member) = self.members.get(&beat.member_id) else {
            if beat.member_epoch != JOIN {
                let message =
                    format!("Member {} is not a member of group {}.", beat.member_id, beat.group_id);
                return refuse(ErrorCode::UnknownMemberId, message);
            }
            if self.members.len() >= limits.members_max {
                let max = limits.members_max;
                let message = format!("The share group has reached its maximum capacity of {max} members.");
                return refuse(ErrorCode::GroupMaxSizeReached, message);
            }
            return Ok(());
        };
        let (told, known) = (beat.member_epoch, member.epoch);
        if told > known || (told != JOIN && told < known && told != member.previous_epoch) {
            let than = if told > known { "greater" } else { "smaller" };
            let message = format!(
                "The share group member has a {than} member epoch ({told}) than the one known by the group \
                 coordinator ({known}). The member must abandon all its partitions and rejoin."
            );
            return refuse(ErrorCode::FencedMemberEpoch, message);
        }
        Ok(())
    }

    /// A member joins or beats. `topic` knows the topics there are.
    pub(crate) fn beat(
        &mut self,
        now: Millis,
        limits: MemberLimits,
        beat: Beat,
        topic: impl Fn(&str) -> Option<TopicNow>,
    ) -> Result<(Beaten, Vec<Effect>), Refused> {
        self.check(limits, &beat)?;
        let id = beat.member_id;
        let known = self.members.get(&id).cloned();
        let mut member = known.clone().unwrap_or_default();
        member.deadline = now + limits.session_ms;
        member.client_id = beat.client_id;
        member.client_host = beat.client_host;
        if beat.rack_id.is_some() {
            member.rack_id = beat.rack_id;
        }
        let tells_all = beat.topics.is_some();
        if let Some(topics) = beat.topics {
            member.topics = topics.into_iter().collect();
        }
        let mut effects = Vec::new();
        // Subscribed to nothing, one that joins changes nothing for the group.
        let none = BTreeSet::new();
        let subscribes = known.as_ref().map_or(&none, |known| &known.topics) != &member.topics;
        let written = |member: &ShareMember| {
            (member.rack_id.clone(), member.client_id.clone(), member.client_host.clone())
        };
        if subscribes || known.as_ref().is_none_or(|known| written(known) != written(&member)) {
            effects.push(Effect::Member(id.clone()));
        }
        self.members.insert(id.clone(), member);
        self.rebalance(subscribes, topic, &mut effects);
        let target = self.target.get(&id).cloned().unwrap_or_default();
        let mut moved = false;
        if let Some(member) = self.members.get_mut(&id)
            && member.epoch != self.assignment_epoch
        {
            moved = member.assigned != target;
            // Kafka needs two heartbeats for partitions that are new to the group: by the first the member has an
            // epoch between.
            let between = effects.contains(&Effect::Initialized);
            member.previous_epoch = if between { self.assignment_epoch - 1 } else { member.epoch };
            member.epoch = self.assignment_epoch;
            member.assigned = target.clone();
            effects.push(Effect::Current(id));
        }
        let tell = moved || tells_all || beat.member_epoch != self.assignment_epoch;
        Ok((Beaten { member_epoch: self.assignment_epoch, assignment: tell.then_some(target) }, effects))
    }

    /// A member leaves.
    pub(crate) fn leave(
        &mut self,
        group_id: &str,
        member_id: &str,
        topic: impl Fn(&str) -> Option<TopicNow>,
    ) -> Result<Vec<Effect>, Refused> {
        if self.members.remove(member_id).is_none() {
            let message = format!("Member {member_id} is not a member of group {group_id}.");
            return Err(Refused { code: ErrorCode::UnknownMemberId, message });
        }
        self.target.remove(member_id);
        let mut effects = vec![Effect::Gone(member_id.to_owned())];
        self.count_departure(topic, &mut effects);
        Ok(effects)
    }

    /// Members that were not heard from for too long leave; returns who.
    pub(crate) fn tick(
        &mut self,
        now: Millis,
        topic: impl Fn(&str) -> Option<TopicNow>,
    ) -> (Vec<String>, Vec<Effect>) {
        let late = self.members.iter().filter(|(_, member)| member.deadline <= now);
        let late: Vec<String> = late.map(|(id, _)| id.clone()).collect();
        let mut effects = Vec::new();
        for id in &late {
            self.members.remove(id);
            self.target.remove(id);
            effects.push(Effect::Gone(id.clone()));
        }
        if !late.is_empty() {
            self.count_departure(topic, &mut effects);
        }
        (late, effects)
    }

    /// When the next member is late.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        self.members.values().map(|member| member.deadline).min()
    }

    /// Topics that somebody subscribes to, as they are now.
    fn subscribed(&self, topic: impl Fn(&str) -> Option<TopicNow>) -> BTreeMap<String, TopicNow> {
        let names: BTreeSet<&String> = self.members.values().flat_map(|member| &member.topics).collect();
        names.into_iter().filter_map(|name| topic(name).map(|now| (name.clone(), now))).collect()
    }

    /// Who is left learns of it by the next heartbeat of any of them.
    fn count_departure(&mut self, topic: impl Fn(&str) -> Option<TopicNow>, effects: &mut Vec<Effect>) {
        self.epoch += 1;
        self.metadata_hash = hash(&self.subscribed(topic));
        effects.push(Effect::Group);
    }

    /// Distributes anew if members or topics changed.
    fn rebalance(
        &mut self,
        changed: bool,
        topic: impl Fn(&str) -> Option<TopicNow>,
        effects: &mut Vec<Effect>,
    ) {
        let topics = self.subscribed(topic);
        let hash = hash(&topics);
        let changed = changed || hash != self.metadata_hash;
        if !changed && self.assignment_epoch >= self.epoch {
            return;
        }
        if changed {
            self.epoch += 1;
            self.metadata_hash = hash;
            effects.push(Effect::Group);
        }
        if self.initialize(&topics, effects) {
            effects.push(Effect::Initialized);
            // What Kafka assigns by the next heartbeat, at one more epoch, is assigned by this one.
            self.epoch += 1;
        }
        let subscribers = self.members.iter().map(|(id, member)| {
            let ids = member.topics.iter().filter_map(|name| topics.get(name)).map(|topic| topic.id);
            let current = self.target.get(id).cloned().unwrap_or_default();
            (id.clone(), Subscriber { topics: ids.collect(), current })
        });
        let partitions =
            topics.values().map(|topic| (topic.id, (0..topic.partitions).collect::<BTreeSet<i32>>()));
        let mut wishes = self.members.values().map(|member| &member.topics);
        let first = wishes.next();
        let alike = wishes.all(|wish| Some(wish) == first);
        self.target = assign(&subscribers.collect(), &partitions.collect(), alike);
        self.assignment_epoch = self.epoch;
        effects.push(Effect::Target);
    }

    fn initialize(&mut self, topics: &BTreeMap<String, TopicNow>, effects: &mut Vec<Effect>) -> bool {
        let mut any = false;
        for (name, topic) in topics {
            let (_, known) =
                self.initialized.entry(topic.id).or_insert_with(|| (name.clone(), BTreeSet::new()));
            let fresh: Vec<i32> =
                (0..topic.partitions).filter(|partition| known.insert(*partition)).collect();
            if !fresh.is_empty() {
                any = true;
                let (topic, epoch) = (topic.id, self.epoch);
                effects.push(Effect::Initialize { topic, partitions: fresh, epoch });
            }
        }
        any
    }
}

/// Changes when a topic comes, goes or grows. Stable over restarts of this version of the broker; another hash
/// only makes one more epoch.
fn hash(topics: &BTreeMap<String, TopicNow>) -> i64 {
    group_hash(topics.values().map(|topic| topic.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: MemberLimits = MemberLimits { session_ms: 100, heartbeat_ms: 10, members_max: 2 };
    const TOPIC: Uuid = Uuid([1; 16]);

    fn two(name: &str) -> Option<TopicNow> {
        (name == "t").then_some(TopicNow { id: TOPIC, partitions: 2, hash: 2 })
    }

    fn beat(member: &str, epoch: i32, topics: Option<&[&str]>) -> Beat {
        Beat {
            member_id: member.into(),
            member_epoch: epoch,
            topics: topics.map(|topics| topics.iter().map(|topic| (*topic).to_owned()).collect()),
            ..Default::default()
        }
    }

    fn held(beaten: &Beaten) -> Option<Vec<i32>> {
        beaten.assignment.as_ref().map(|held| held.values().flatten().copied().collect())
    }

    #[test]
    fn members_come_share_and_go() {
        let mut group = ShareGroup::default();
        let (first, effects) = group.beat(0, LIMITS, beat("a", 0, Some(&["t"])), two).unwrap();
        // As Kafka: one epoch for the member, another for the partitions that its topic brought.
        assert_eq!((first.member_epoch, held(&first)), (3, Some(vec![0, 1])));
        let initialize = Effect::Initialize { topic: TOPIC, partitions: vec![0, 1], epoch: 2 };
        let member = |id: &str| Effect::Member(id.into());
        let expected = [
            member("a"),
            Effect::Group,
            initialize,
            Effect::Initialized,
            Effect::Target,
            Effect::Current("a".into()),
        ];
        assert_eq!(effects, expected);
        // Nothing changed: nothing to say or write.
        let (quiet, effects) = group.beat(10, LIMITS, beat("a", 3, None), two).unwrap();
        assert_eq!((held(&quiet), effects), (None, vec![]));
        let (second, _) = group.beat(10, LIMITS, beat("b", 0, Some(&["t"])), two).unwrap();
        assert_eq!((second.member_epoch, held(&second).unwrap().len()), (4, 1));
        // The first is told at its next beat, and again if that answer was lost.
        for _ in 0..2 {
            let (first, _) = group.beat(20, LIMITS, beat("a", 3, None), two).unwrap();
            assert_eq!((first.member_epoch, held(&first).unwrap().len()), (4, 1));
        }
        assert_eq!(group.next_deadline(), Some(110));
        let (late, _) = group.tick(110, two);
        assert_eq!((late, group.state()), (vec!["b".to_owned()], "Stable"));
        let effects = group.leave("g", "a", two).unwrap();
        assert_eq!((effects[0].clone(), group.state()), (Effect::Gone("a".into()), "Empty"));
    }

    #[test]
    fn topics_that_come_or_grow_are_taken_in() {
        let mut group = ShareGroup::default();
        let (none, _) = group.beat(0, LIMITS, beat("a", 0, Some(&["t"])), |_: &str| None).unwrap();
        assert_eq!((none.member_epoch, held(&none)), (2, Some(vec![])));
        let (came, _) = group.beat(1, LIMITS, beat("a", 2, None), two).unwrap();
        assert_eq!((came.member_epoch, held(&came)), (4, Some(vec![0, 1])));
        let three = |_: &str| Some(TopicNow { id: TOPIC, partitions: 3, hash: 3 });
        let (grew, effects) = group.beat(2, LIMITS, beat("a", 4, None), three).unwrap();
        assert_eq!((grew.member_epoch, held(&grew)), (6, Some(vec![0, 1, 2])));
        assert!(effects.contains(&Effect::Initialize { topic: TOPIC, partitions: vec![2], epoch: 5 }));
    }

    #[test]
    fn wrong_epochs_and_strangers_are_refused() {
        let mut group = ShareGroup::default();
        let mut refused = |beat: Beat| group.beat(0, LIMITS, beat, two).err().map(|refused| refused.code);
        assert_eq!(refused(beat("a", 3, None)), Some(ErrorCode::UnknownMemberId));
        assert_eq!(refused(beat("a", 0, Some(&["t"]))), None);
        assert_eq!(refused(beat("b", 0, Some(&["t"]))), None);
        assert_eq!(refused(beat("c", 0, Some(&["t"]))), Some(ErrorCode::GroupMaxSizeReached));
        assert_eq!(refused(beat("a", 9, None)), Some(ErrorCode::FencedMemberEpoch));
        assert_eq!(refused(beat("a", 3, None)), None);
        assert_eq!(refused(beat("a", 0, Some(&["t"]))), None);
        assert_eq!(group.leave("g", "z", two).unwrap_err().code, ErrorCode::UnknownMemberId);
    }
}
