//! Classic groups of several members, each on a connection of its own: a join is answered when all have joined.

use std::time::Duration;

use bytes::Bytes;
use testkit::Random;
use tokio::task::JoinHandle;
use wire::ApiKey;
use wire::messages::*;

use super::script::{PATIENCE_MS, TOPICS, Text};
use super::side::Side;
use super::tree::Node;
use crate::client::Client;

pub(super) const CROWDS: [Text; 2] = ["crowd-a", "crowd-b"];
const MEMBERS: [Text; 3] = ["m0", "m1", "m2"];

/// What several share comes first in all of them: Kafka counts votes in no certain order.
const PROTOCOLS: [&[Text]; 4] = [&["range"], &["range", "roundrobin"], &["sticky", "range"], &["odd"]];

#[derive(Debug, Clone)]
pub(super) enum Crowd {
    /// One member joins; where that makes the others join again they do, but for the one that leaves.
    Gather {
        group: Text,
        first: Text,
        /// Comes without its id, as after a restart.
        anew: bool,
        fixed: bool,
        protocols: &'static [Text],
        leaver: Option<Text>,
    },
    /// Everyone asks for its assignment, the leader last.
    Assign {
        group: Text,
        late: Option<Text>,
        protocol: Option<Text>,
    },
    Beat {
        group: Text,
        member: Text,
        behind: i32,
        former: bool,
    },
    Leave {
        group: Text,
        members: Vec<Text>,
        by_instance: bool,
    },
    Commit {
        group: Text,
        member: Text,
        topic: Text,
        offset: i64,
        behind: i32,
    },
    Describe {
        group: Text,
    },
}

/// A member as its client knows it.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    id: String,
    former_id: String,
    instance: Option<String>,
    protocols: &'static [Text],
    generation: i32,
    protocol: Option<String>,
    leads: bool,
}

/// How often a group that asks for others is looked at, 2 ms apart, before they join.
const LOOKS_AT_ASKED: usize = 25;

type Joining = JoinHandle<join_group::JoinGroupResponse>;

impl Crowd {
    pub(super) fn choose(random: &mut Random) -> (ApiKey, Crowd) {
        let group = *random.pick(&CROWDS);
        let member = *random.pick(&MEMBERS);
        let behind = *random.pick(&[0, 0, 0, 1, -1]);
        match random.below(12) {
            0..4 => {
                let protocols = match random.below(9) {
                    0..4 => PROTOCOLS[0],
                    4..6 => PROTOCOLS[1],
                    6..8 => PROTOCOLS[2],
                    _ => PROTOCOLS[3],
                };
                let leaver = random.one_in(4).then(|| *random.pick(&MEMBERS));
                let (anew, fixed) = (random.one_in(3), random.one_in(3));
                (ApiKey::JoinGroup, Crowd::Gather { group, first: member, anew, fixed, protocols, leaver })
            }
            4..7 => {
                let late = random.one_in(4).then_some(member);
                let protocol = *random.pick(&[None, None, None, Some("range"), Some("odd")]);
                (ApiKey::SyncGroup, Crowd::Assign { group, late, protocol })
            }
            7..9 => (ApiKey::Heartbeat, Crowd::Beat { group, member, behind, former: random.one_in(4) }),
            9 => {
                let members =
                    if random.one_in(2) { vec![member] } else { vec![member, *random.pick(&MEMBERS)] };
                (ApiKey::LeaveGroup, Crowd::Leave { group, members, by_instance: random.one_in(2) })
            }
            10 => {
                let (topic, offset) = (*random.pick(&TOPICS), *random.pick(&[0, 3, 8]));
                (ApiKey::OffsetCommit, Crowd::Commit { group, member, topic, offset, behind })
            }
            _ => (ApiKey::DescribeGroups, Crowd::Describe { group }),
        }
    }

    pub(super) fn only_looks(&self) -> bool {
        matches!(self, Crowd::Describe { .. })
    }
}

impl Side {
    pub(super) async fn play_crowd(&mut self, v: i16, ask: &Crowd) -> Node {
        match ask {
            Crowd::Gather { group, first, anew, fixed, protocols, leaver } => {
                self.gather(v, group, (first, *anew, *fixed, protocols), *leaver).await
            }
            Crowd::Assign { group, late, protocol } => self.assign(v, group, *late, *protocol).await,
            Crowd::Beat { group, member, behind, former } => {
                let seat = self.seats.get(&(*group, *member));
                let (id, instance, generation) = seat.map_or_else(Default::default, |seat| {
                    let id = if *former { &seat.former_id } else { &seat.id };
                    (id.clone(), seat.instance.clone(), seat.generation)
                });
                let request = heartbeat::HeartbeatRequest {
                    group_id: self.name(group),
                    generation_id: generation - behind,
                    member_id: id,
                    group_instance_id: instance.filter(|_| v >= 3),
                };
                self.ask::<_, heartbeat::HeartbeatResponse>(ApiKey::Heartbeat, v, &request).await.1
            }
            Crowd::Leave { group, members, by_instance } => {
                let mut leaving: Vec<Text> = members.clone();
                leaving.dedup();
                // Before version 3 one leaves at a time.
                leaving.truncate(if v < 3 { 1 } else { leaving.len() });
                // Which of the others leads then is Kafka's hash map's choice.
                let many = self.seated(group).len() > leaving.len() + 1;
                leaving.retain(|member| !many || !self.leads(group, member));
                if leaving.is_empty() {
                    return Node::Leaf("nobody leaves".into());
                }
                self.take_leave(v, group, &leaving, *by_instance).await
            }
            Crowd::Commit { group, member, topic, offset, behind } => {
                self.learn_topics(&[topic]).await;
                let seat = self.seats.get(&(*group, *member));
                let (id, instance, generation) = seat.map_or_else(Default::default, |seat| {
                    (seat.id.clone(), seat.instance.clone(), seat.generation)
                });
                let request = offset_commit::OffsetCommitRequest {
                    group_id: self.name(group),
                    generation_id_or_member_epoch: generation - behind,
                    member_id: id,
                    group_instance_id: instance.filter(|_| v >= 7),
                    topics: vec![offset_commit::OffsetCommitRequestTopic {
                        name: self.name(topic),
                        topic_id: self.topic_ids.get(*topic).copied().unwrap_or_default(),
                        partitions: vec![offset_commit::OffsetCommitRequestPartition {
                            committed_offset: *offset,
                            ..Default::default()
                        }],
                    }],
                    ..Default::default()
                };
                self.ask::<_, offset_commit::OffsetCommitResponse>(ApiKey::OffsetCommit, v, &request).await.1
            }
            Crowd::Describe { group } => self.describe_crowd(v, group).await.1,
        }
    }

    async fn describe_crowd(&mut self, v: i16, group: &str) -> (describe_groups::DescribedGroup, Node) {
        let request = describe_groups::DescribeGroupsRequest {
            groups: vec![self.name(group)],
            include_authorized_operations: false,
        };
        let (mut answer, node): (describe_groups::DescribeGroupsResponse, _) =
            self.ask(ApiKey::DescribeGroups, v, &request).await;
        (answer.groups.swap_remove(0), node)
    }

    fn seated(&self, group: Text) -> Vec<Text> {
        self.seats.keys().filter(|(of, _)| *of == group).map(|(_, member)| *member).collect()
    }

    fn leads(&self, group: Text, member: Text) -> bool {
        self.seats.get(&(group, member)).is_some_and(|seat| seat.leads)
    }

    async fn gather(
        &mut self,
        v: i16,
        group: Text,
        (first, anew, fixed, protocols): (Text, bool, bool, &'static [Text]),
        leaver: Option<Text>,
    ) -> Node {
        let others: Vec<Text> = self.seated(group).into_iter().filter(|member| *member != first).collect();
        let seat = self.seats.get(&(group, first)).cloned().unwrap_or_else(|| Seat {
            id: String::new(),
            former_id: String::new(),
            instance: (fixed && v >= 5).then(|| format!("i-{first}")),
            protocols,
            generation: -1,
            protocol: None,
            leads: false,
        });
        // A dynamic member without its id would be one more, and before version 5 everyone is one.
        let id = if anew && seat.instance.is_some() && v >= 5 { "" } else { &seat.id };
        let mut told = Vec::new();
        let mut joining = self.send_join(v, group, &seat, id, protocols).await;
        self.until_answered_or_asked(group, &joining, others.len() + 1).await;
        if joining.is_finished() {
            let answer = joining.await.expect("no panic");
            if !answer.member_id.is_empty() {
                self.mean(&Node::of(&answer.member_id), &format!("{first} of {group}"));
            }
            joining = if answer.error_code == MEMBER_ID_REQUIRED {
                told.push((format!("{first} is asked to come back"), self.normalised(Node::of(&answer))));
                self.send_join(v, group, &seat, &answer.member_id, protocols).await
            } else {
                tokio::spawn(async { answer })
            };
            self.until_answered_or_asked(group, &joining, others.len() + 1).await;
        }
        let mut waiting = vec![(first, Seat { protocols, ..seat }, joining)];
        if !waiting[0].2.is_finished() {
            let leaver = leaver.filter(|leaver| others.contains(leaver));
            let leaver = leaver.filter(|leaver| others.len() == 1 || !self.leads(group, leaver));
            for member in others.iter().filter(|member| Some(**member) != leaver) {
                let seat = self.seats[&(group, *member)].clone();
                let joining = self.send_join(v, group, &seat, &seat.id, seat.protocols).await;
                waiting.push((*member, seat, joining));
            }
            if let Some(leaver) = leaver {
                let left = self.take_leave(5, group, &[leaver], false).await;
                told.push((format!("{leaver} leaves"), left));
            }
        }
        let mut answers = Vec::new();
        for (member, seat, joining) in waiting {
            let answer = joining.await.expect("every join is answered");
            if answer.error_code == 0 {
                self.mean(&Node::of(&answer.member_id), &format!("{member} of {group}"));
                let former = if answer.member_id == seat.id { &seat.former_id } else { &seat.id };
                let seat = Seat {
                    id: answer.member_id.clone(),
                    former_id: former.clone(),
                    generation: answer.generation_id,
                    protocol: answer.protocol_name.clone(),
                    ..seat
                };
                self.seats.insert((group, member), seat);
                let leader = answer.leader.clone();
                for (_, seat) in self.seats.iter_mut().filter(|((of, _), _)| *of == group) {
                    seat.leads = seat.id == leader;
                }
            } else if [UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID].contains(&answer.error_code) {
                self.seats.remove(&(group, member));
            }
            answers.push((member, answer));
        }
        // Only now every id is known that may be in them.
        for (member, answer) in answers {
            told.push((member.to_owned(), self.normalised(Node::of(&answer))));
        }
        Node::Struct(told)
    }

    async fn send_join(&self, v: i16, group: Text, seat: &Seat, id: &str, protocols: &[Text]) -> Joining {
        let protocol = |name: &Text| join_group::JoinGroupRequestProtocol {
            name: (*name).into(),
            metadata: Bytes::from_static(b"\0\x01\0\0\0\0\xff\xff\xff\xff"),
        };
        let request = join_group::JoinGroupRequest {
            group_id: self.name(group),
            session_timeout_ms: PATIENCE_MS,
            rebalance_timeout_ms: PATIENCE_MS,
            member_id: id.into(),
            group_instance_id: seat.instance.clone().filter(|_| v >= 5),
            protocol_type: "consumer".into(),
            protocols: protocols.iter().map(protocol).collect(),
            reason: None,
        };
        let mut client = Client::connect(self.address()).await;
        let sent = client.send(ApiKey::JoinGroup, v, &request).await;
        tokio::spawn(async move { client.answer(ApiKey::JoinGroup, v, sent).await })
    }

    /// Until the join is answered, or the group shows that the others are to join too.
    ///
    /// A group that was preparing before shows nothing of a join that is still on its way and will be refused: it is
    /// looked at for a while more.
    async fn until_answered_or_asked(&mut self, group: Text, joining: &Joining, members: usize) {
        let mut asked = 0;
        for _ in 0..1000 {
            if joining.is_finished() {
                return;
            }
            let (described, _) = self.describe_crowd(5, group).await;
            if described.group_state == "PreparingRebalance" && described.members.len() >= members {
                asked += 1;
                if asked == LOOKS_AT_ASKED {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn assign(&mut self, v: i16, group: Text, late: Option<Text>, protocol: Option<Text>) -> Node {
        let mut members = self.seated(group);
        let Some(leader) = members.iter().copied().find(|member| self.leads(group, member)) else {
            return Node::Leaf("nobody leads".into());
        };
        members.retain(|member| *member != leader);
        members.push(leader);
        let assignments: Vec<_> = members
            .iter()
            .map(|member| sync_group::SyncGroupRequestAssignment {
                member_id: self.seats[&(group, *member)].id.clone(),
                assignment: Bytes::from(format!("what {member} reads")),
            })
            .collect();
        let name = self.name(group);
        let mut asked = Vec::new();
        for member in members {
            let seat = &self.seats[&(group, member)];
            let behind = i32::from(late == Some(member) && member != leader);
            let request = sync_group::SyncGroupRequest {
                group_id: name.clone(),
                generation_id: seat.generation - behind,
                member_id: seat.id.clone(),
                group_instance_id: seat.instance.clone().filter(|_| v >= 3),
                protocol_type: Some("consumer".into()),
                // The leader's is right, or the others would wait for it.
                protocol_name: if member == leader {
                    seat.protocol.clone()
                } else {
                    protocol.map(Into::into)
                },
                assignments: if member == leader { assignments.clone() } else { Vec::new() },
            };
            let mut client = Client::connect(self.address()).await;
            let sent = client.send(ApiKey::SyncGroup, v, &request).await;
            asked.push((member, client, sent));
        }
        let mut told = Vec::new();
        // The leader's was sent last; nobody waits for longer than for it.
        for (member, mut client, sent) in asked {
            let answer: sync_group::SyncGroupResponse = client.answer(ApiKey::SyncGroup, v, sent).await;
            told.push((member.to_owned(), self.normalised(Node::of(&answer))));
        }
        Node::Struct(told)
    }

    async fn take_leave(&mut self, v: i16, group: Text, members: &[Text], by_instance: bool) -> Node {
        let identity = |member: &Text| {
            let seat = self.seats.get(&(group, *member));
            let instance = seat.and_then(|seat| seat.instance.clone());
            let unnamed = by_instance && instance.is_some() && v >= 3;
            leave_group::MemberIdentity {
                member_id: seat.filter(|_| !unnamed).map(|seat| seat.id.clone()).unwrap_or_default(),
                group_instance_id: instance,
                reason: None,
            }
        };
        let identities: Vec<_> = members.iter().map(identity).collect();
        let request = leave_group::LeaveGroupRequest {
            group_id: self.name(group),
            member_id: identities[0].member_id.clone(),
            members: identities,
        };
        let (answer, node): (leave_group::LeaveGroupResponse, _) =
            self.ask(ApiKey::LeaveGroup, v, &request).await;
        if answer.error_code == 0 {
            for member in members {
                self.seats.remove(&(group, *member));
            }
        }
        node
    }
}

const UNKNOWN_MEMBER_ID: i16 = 25;
const MEMBER_ID_REQUIRED: i16 = 79;
const FENCED_INSTANCE_ID: i16 = 82;
