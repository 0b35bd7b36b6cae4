//! Share groups asked: each side knows what its members hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wire::messages::share_fetch::{AcknowledgementBatch, FetchPartition, FetchTopic, ForgottenTopic};
use wire::messages::share_group_heartbeat::{ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse};
use wire::messages::*;
use wire::{ApiKey, Uuid};

use super::pool::{NO_PARTITION, POOLS, Pool, PoolSeat, RELEASE, RENEW, Said, Session, Wants};
use super::script::{LASTING, Text};
use super::side::Side;
use super::tree::Node;
use crate::client::Client;

/// Reads each partition first: what a broker has not loaded it does not lend yet.
const STARTER: Text = "AAAAAAAAAAAAAAAAAAAAAA";
/// Partitions of the topics that last.
const PARTITIONS: [(Text, i32); 2] = [("lasting-x", 2), ("lasting-y", 3)];
/// Long enough for a busy broker; whoever finds something answers at once.
const PATIENCE_MS: i32 = 5000;

/// More than there are.
const MANY: i32 = 1000;
/// Of which nothing is read.
const ADMINISTERED: Text = POOLS[2];

type Key = (Text, Text);

impl Side {
    pub(super) async fn play_pool(&mut self, v: i16, ask: &Pool) -> Node {
        self.learn_topics(&LASTING).await;
        match ask {
            Pool::Configure { group } => {
                self.configure_group(group, "share.auto.offset.reset", "earliest").await
            }
            Pool::Join { group, member, topics } => {
                let request = ShareGroupHeartbeatRequest {
                    subscribed_topic_names: Some(topics.iter().map(|topic| self.name(topic)).collect()),
                    ..self.pool_beating(group, member, 0)
                };
                self.pool_beat(v, (group, member), &request, topics).await
            }
            Pool::Beat { group, member, ahead, topics } => {
                let epoch = match self.pools.seats.get(&(*group, *member)) {
                    Some(seat) if seat.epoch > 0 => seat.epoch,
                    // One that never joined says it did.
                    _ => 1,
                };
                let names =
                    topics.as_ref().map(|topics| topics.iter().map(|topic| self.name(topic)).collect());
                let request = ShareGroupHeartbeatRequest {
                    subscribed_topic_names: names,
                    ..self.pool_beating(group, member, epoch + ahead)
                };
                if request.member_epoch == 0 {
                    return Node::Leaf("it would join".into());
                }
                self.pool_beat(v, (group, member), &request, topics.as_deref().unwrap_or_default()).await
            }
            Pool::Leave { group, member, epoch } => {
                let request = self.pool_beating(group, member, *epoch);
                let api = ApiKey::ShareGroupHeartbeat;
                let (answer, node): (ShareGroupHeartbeatResponse, _) = self.ask(api, v, &request).await;
                if let Some(seat) =
                    self.pools.seats.get_mut(&(*group, *member)).filter(|_| answer.error_code == 0)
                {
                    seat.epoch = 0;
                }
                node
            }
            Pool::Describe { group } => {
                let request = share_group_describe::ShareGroupDescribeRequest {
                    group_ids: vec![self.name(group)],
                    include_authorized_operations: true,
                };
                let api = ApiKey::ShareGroupDescribe;
                let (_, node): (share_group_describe::ShareGroupDescribeResponse, _) =
                    self.ask(api, v, &request).await;
                let crowded = self.pools.crowded.contains(group);
                node.map(&|name, node| {
                    Some(if name == "assignment" && crowded { counted(&node) } else { node })
                })
            }
            Pool::Fetch { group, member, session, places, said, wants } => {
                self.pool_fetch(v, (group, member), *session, places, said.as_ref(), *wants).await.1
            }
            Pool::Acknowledge { group, member, session, said } => {
                self.pool_acknowledge(v, (group, member), *session, said).await
            }
            Pool::Offsets { group, topics } => self.pool_offsets(v, group, topics.as_deref()).await.1,
            Pool::Alter { group, topic, partition, offset } => {
                use alter_share_group_offsets as alter;
                if self.is_read(group) {
                    return Node::Leaf("it would change under readers".into());
                }
                let request = alter::AlterShareGroupOffsetsRequest {
                    group_id: self.name(group),
                    topics: vec![alter::AlterShareGroupOffsetsRequestTopic {
                        topic_name: self.name(topic),
                        partitions: vec![alter::AlterShareGroupOffsetsRequestPartition {
                            partition_index: *partition,
                            start_offset: *offset,
                        }],
                    }],
                };
                let api = ApiKey::AlterShareGroupOffsets;
                self.ask::<_, alter::AlterShareGroupOffsetsResponse>(api, v, &request).await.1
            }
            Pool::Forget { group, topic } => {
                use delete_share_group_offsets as delete;
                if self.is_read(group) {
                    return Node::Leaf("it would change under readers".into());
                }
                let request = delete::DeleteShareGroupOffsetsRequest {
                    group_id: self.name(group),
                    topics: vec![delete::DeleteShareGroupOffsetsRequestTopic {
                        topic_name: self.name(topic),
                    }],
                };
                let api = ApiKey::DeleteShareGroupOffsets;
                self.ask::<_, delete::DeleteShareGroupOffsetsResponse>(api, v, &request).await.1
            }
            Pool::Delete { group } => {
                if self.is_read(group) {
                    return Node::Leaf("it would change under readers".into());
                }
                let request = delete_groups::DeleteGroupsRequest { groups_names: vec![self.name(group)] };
                self.ask::<_, delete_groups::DeleteGroupsResponse>(ApiKey::DeleteGroups, v, &request).await.1
            }
        }
    }

    /// Whether there are share sessions of a group without members: an administrator could change it.
    fn is_read(&self, group: Text) -> bool {
        let mut of = self.pools.seats.iter().filter(|((of, _), _)| *of == group);
        let reads = self.pools.loaded.iter().any(|(of, ..)| *of == group);
        reads && of.all(|(_, seat)| seat.epoch == 0)
    }

    fn pool_beating(&self, group: Text, member: Text, member_epoch: i32) -> ShareGroupHeartbeatRequest {
        ShareGroupHeartbeatRequest {
            group_id: self.name(group),
            member_id: member.into(),
            member_epoch,
            ..Default::default()
        }
    }

    /// A heartbeat, and once the topics have a state the next one, by which Kafka assigns them.
    async fn pool_beat(
        &mut self,
        v: i16,
        key: Key,
        request: &ShareGroupHeartbeatRequest,
        topics: &[Text],
    ) -> Node {
        let api = ApiKey::ShareGroupHeartbeat;
        let (answer, node): (ShareGroupHeartbeatResponse, _) = self.ask(api, v, request).await;
        if answer.error_code != 0 {
            return node;
        }
        self.learn_pool(key, answer.member_epoch, answer.assignment);
        let topics = PARTITIONS.iter().filter(|(topic, _)| topics.contains(topic));
        for (topic, partitions) in topics.clone() {
            if let Err(fault) = self.wait_for_state(key.0, topic, *partitions).await {
                return Node::Leaf(fault);
            }
        }
        let epoch = answer.member_epoch;
        let again = self.pool_beating(key.0, key.1, epoch);
        let (answer, node): (ShareGroupHeartbeatResponse, _) = self.ask(api, v, &again).await;
        if answer.error_code != 0 {
            return node;
        }
        self.learn_pool(key, answer.member_epoch, answer.assignment);
        if key.0 != ADMINISTERED {
            for (topic, partitions) in topics {
                for partition in 0..*partitions {
                    self.load(key.0, topic, partition).await;
                }
            }
        }
        // Told by the first or by the second: what it has now.
        let assigned = self.pools.seats.get(&key).map(|seat| self.normalised(Node::of(&seat.assigned)));
        let crowded = self.pools.crowded.contains(key.0);
        let assigned = assigned.map(|node| if crowded { counted(&node) } else { node });
        node.map(&|name, node| {
            Some(if name == "assignment" { assigned.clone().unwrap_or(node) } else { node })
        })
    }

    fn learn_pool(
        &mut self,
        key: Key,
        epoch: i32,
        assignment: Option<wire::messages::share_group_heartbeat::Assignment>,
    ) {
        let seat = self.pools.seats.entry(key).or_default();
        seat.epoch = epoch;
        if let Some(assignment) = assignment {
            seat.assigned = assignment;
        }
        if self.pools.seats.iter().filter(|((of, _), seat)| *of == key.0 && seat.epoch > 0).count() > 1 {
            self.pools.crowded.insert(key.0);
        }
    }

    /// Waits until the group has a state in a topic.
    async fn wait_for_state(&mut self, group: Text, topic: Text, partitions: i32) -> Result<(), String> {
        let name = self.name(topic);
        for _ in 0..1000 {
            let (answer, _) = self.pool_offsets(0, group, None).await;
            let known = answer.groups[0].topics.iter().find(|topic| topic.topic_name == name);
            if known.is_some_and(|topic| topic.partitions.len() == usize::try_from(partitions).unwrap_or(0)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(format!("{group} has no state in {topic} after its member's heartbeat"))
    }

    /// Reads one record of a partition and gives it back, so that the broker has loaded what the group stands for.
    async fn load(&mut self, group: Text, topic: Text, partition: i32) {
        if !self.pools.loaded.insert((group, topic, partition)) {
            return;
        }
        let key = (group, STARTER);
        let wants = Wants { records: 1, batch: 1, strictly: true, forgets: false };
        // The session of the last one goes: this one is for one partition alone.
        self.pool_fetch(2, key, Session::Opens, &[(topic, partition)], None, wants).await;
        self.pool_acknowledge(2, key, Session::GoesOn, &Said::release()).await;
    }

    async fn pool_offsets(
        &mut self,
        v: i16,
        group: Text,
        topics: Option<&[Text]>,
    ) -> (describe_share_group_offsets::DescribeShareGroupOffsetsResponse, Node) {
        let topic = |name: &Text| describe_share_group_offsets::DescribeShareGroupOffsetsRequestTopic {
            topic_name: self.name(name),
            // Kafka asks its own persister for one that does not exist, and asks again until the client gives up.
            partitions: vec![0, 1],
        };
        let request = describe_share_group_offsets::DescribeShareGroupOffsetsRequest {
            groups: vec![describe_share_group_offsets::DescribeShareGroupOffsetsRequestGroup {
                group_id: self.name(group),
                topics: topics.map(|topics| topics.iter().map(topic).collect()),
            }],
        };
        self.ask(ApiKey::DescribeShareGroupOffsets, v, &request).await
    }

    /// Every member reads by a connection of its own, as clients do: a share session is bound to one.
    async fn ask_as<Q, A>(&mut self, key: Key, api: ApiKey, v: i16, request: &Q) -> (A, Node)
    where
        Q: wire::codec::Wire,
        A: wire::codec::Wire + std::fmt::Debug + Default,
    {
        let own = match self.pools.clients.remove(&key) {
            Some(client) => client,
            None => Client::connect(self.address()).await,
        };
        let usual = self.replace_client(own);
        let answered = self.ask(api, v, request).await;
        let own = self.replace_client(usual);
        self.pools.clients.insert(key, own);
        answered
    }

    async fn pool_acknowledge(&mut self, v: i16, key: Key, session: Session, said: &Said) -> Node {
        let seat = self.pools.seats.get(&key).cloned().unwrap_or_default();
        // What is held when a session ends goes back later, in another thread: nothing is.
        let release = Said::release();
        let said = if session == Session::Closes { &release } else { said };
        let mut topics: Vec<share_acknowledge::AcknowledgeTopic> = Vec::new();
        for (topic_id, partition_index, batches) in said.of(&seat.held) {
            let batches = batches.into_iter().map(|batch| share_acknowledge::AcknowledgementBatch {
                first_offset: batch.first_offset,
                last_offset: batch.last_offset,
                acknowledge_types: batch.acknowledge_types,
            });
            let partition = share_acknowledge::AcknowledgePartition {
                partition_index,
                acknowledgement_batches: batches.collect(),
            };
            match topics.iter_mut().find(|topic| topic.topic_id == topic_id) {
                Some(topic) => topic.partitions.push(partition),
                None => {
                    let partitions = vec![partition];
                    topics.push(share_acknowledge::AcknowledgeTopic { topic_id, partitions });
                }
            }
        }
        let request = share_acknowledge::ShareAcknowledgeRequest {
            group_id: Some(self.name(key.0)),
            member_id: Some(key.1.into()),
            share_session_epoch: session.epoch(&seat),
            is_renew_ack: v >= 2 && said.words.contains(&RENEW),
            topics,
        };
        let (answer, node): (share_acknowledge::ShareAcknowledgeResponse, _) =
            self.ask_as(key, ApiKey::ShareAcknowledge, v, &request).await;
        let done: Vec<(Uuid, i32)> = answer
            .responses
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(move |partition| (topic.topic_id, partition)))
            .filter(|(_, partition)| partition.error_code == 0)
            .map(|(topic, partition)| (topic, partition.partition_index))
            .collect();
        let said = if said.words.contains(&RENEW) { Vec::new() } else { said.of(&seat.held) };
        self.move_on(key, session, answer.error_code, &said, &done);
        node
    }

    async fn pool_fetch(
        &mut self,
        v: i16,
        key: Key,
        session: Session,
        places: &[(Text, i32)],
        said: Option<&Said>,
        wants: Wants,
    ) -> (share_fetch::ShareFetchResponse, Node) {
        let seat = self.pools.seats.get(&key).cloned().unwrap_or_default();
        let release = Said::release();
        let said = if session == Session::Closes { Some(&release) } else { said };
        let mut topics: Vec<FetchTopic> = Vec::new();
        let mut put = |topic_id: Uuid, partition_index: i32, batches: Vec<AcknowledgementBatch>| {
            let at = topics.iter().position(|topic| topic.topic_id == topic_id).unwrap_or_else(|| {
                topics.push(FetchTopic { topic_id, partitions: Vec::new() });
                topics.len() - 1
            });
            let partitions = &mut topics[at].partitions;
            match partitions.iter_mut().find(|partition| partition.partition_index == partition_index) {
                Some(partition) => partition.acknowledgement_batches.extend(batches),
                None => partitions.push(FetchPartition { partition_index, acknowledgement_batches: batches }),
            }
        };
        let id = |name: &str| self.topic_ids.get(name).copied().unwrap_or(Uuid([9; 16]));
        if !wants.forgets {
            for (topic, partition) in places {
                put(id(topic), *partition, Vec::new());
            }
        }
        let releases = said.is_some_and(|said| said.words.contains(&RELEASE));
        let said = said.map(|said| said.of(&seat.held)).unwrap_or_default();
        for (topic, partition, batches) in &said {
            put(*topic, *partition, batches.clone());
        }
        let asked: Vec<(Uuid, i32)> = topics
            .iter()
            .flat_map(|topic| {
                topic.partitions.iter().map(|partition| (topic.topic_id, partition.partition_index))
            })
            .collect();
        let forgotten: Vec<(Uuid, i32)> = places
            .iter()
            .filter(|_| wants.forgets)
            .map(|(topic, partition)| (id(topic), *partition))
            .collect();
        let mut reads = if session == Session::Opens { BTreeSet::new() } else { seat.reads.clone() };
        reads.extend(asked);
        reads.retain(|place| !forgotten.contains(place));
        let there: Vec<&(Uuid, i32)> =
            reads.iter().filter(|(_, partition)| *partition != NO_PARTITION).collect();
        let loaded = |(topic, partition): &(Uuid, i32)| {
            self.pools
                .loaded
                .iter()
                .any(|(of, name, index)| *of == key.0 && id(name) == *topic && index == partition)
        };
        if !there.iter().all(|place| loaded(place)) {
            return (Default::default(), Node::Leaf("nobody has read it before".into()));
        }
        // Which of several gives the few that are asked for depends on the topics' ids.
        let records = match wants.records {
            // What the same request gives back comes again as soon as that is written, in another thread.
            _ if releases => 0,
            records if there.len() > 1 && records > 0 => MANY,
            records => records,
        };
        let request = share_fetch::ShareFetchRequest {
            group_id: Some(self.name(key.0)),
            member_id: Some(key.1.into()),
            share_session_epoch: session.epoch(&seat),
            max_wait_ms: PATIENCE_MS,
            min_bytes: 0,
            max_bytes: 1 << 20,
            max_records: records,
            batch_size: wants.batch,
            share_acquire_mode: i8::from(v >= 2 && wants.strictly),
            is_renew_ack: false,
            topics,
            forgotten_topics_data: forgotten
                .iter()
                .map(|(topic_id, partition)| ForgottenTopic {
                    topic_id: *topic_id,
                    partitions: vec![*partition],
                })
                .collect(),
        };
        let (answer, node): (share_fetch::ShareFetchResponse, _) =
            self.ask_as(key, ApiKey::ShareFetch, v, &request).await;
        let partitions = || {
            let topics = answer.responses.iter();
            topics.flat_map(|topic| topic.partitions.iter().map(move |partition| (topic.topic_id, partition)))
        };
        let done: Vec<(Uuid, i32)> = partitions()
            .filter(|(_, partition)| partition.acknowledge_error_code == 0)
            .map(|(topic, partition)| (topic, partition.partition_index))
            .collect();
        self.move_on(key, session, answer.error_code, &said, &done);
        let names: BTreeMap<Uuid, String> =
            self.topic_ids.iter().map(|(name, topic)| (*topic, name.clone())).collect();
        let seat = self.pools.seats.entry(key).or_default();
        if answer.error_code == 0 && session != Session::Closes {
            seat.reads = reads;
        }
        for (topic, partition) in partitions() {
            let records = partition.acquired_records.iter();
            let held = records
                .map(|range| (topic, partition.partition_index, range.first_offset, range.last_offset));
            seat.held.extend(held);
        }
        // Not by the topics' ids, which are each broker's own.
        seat.held.sort_by_key(|(topic, partition, first, _)| (names.get(topic).cloned(), *partition, *first));
        (answer, node)
    }

    /// The session's next epoch, and what is no longer held: what was said of the partitions that are done.
    fn move_on(
        &mut self,
        key: Key,
        session: Session,
        code: i16,
        said: &[(Uuid, i32, Vec<AcknowledgementBatch>)],
        done: &[(Uuid, i32)],
    ) {
        let seat: &mut PoolSeat = self.pools.seats.entry(key).or_default();
        if code != 0 {
            return;
        }
        seat.session_epoch = match session {
            Session::Opens => 1,
            Session::GoesOn | Session::Skips => seat.session_epoch + 1,
            Session::Closes => 0,
        };
        if session == Session::Closes {
            seat.held.clear();
            seat.reads.clear();
        }
        for (topic, partition, batches) in
            said.iter().filter(|(topic, index, _)| done.contains(&(*topic, *index)))
        {
            for batch in batches {
                let (first, last) = (batch.first_offset, batch.last_offset);
                let left = seat.held.drain(..).flat_map(|held| {
                    let (id, index, from, to) = held;
                    match (id, index) == (*topic, *partition) {
                        true => {
                            vec![(id, index, from, to.min(first - 1)), (id, index, from.max(last + 1), to)]
                        }
                        false => vec![held],
                    }
                });
                seat.held = left.filter(|(_, _, from, to)| from <= to).collect();
            }
        }
    }
}

/// How many partitions: which of them falls to whom depends on the topics' ids, as soon as there are several members.
fn counted(assignment: &Node) -> Node {
    fn count(node: &Node) -> usize {
        match node {
            Node::Struct(fields) => {
                let counts = fields.iter().map(|(name, node)| match node {
                    Node::List(items) if name == "partitions" => items.len(),
                    node => count(node),
                });
                counts.sum()
            }
            Node::List(items) => items.iter().map(count).sum(),
            Node::Leaf(_) => 0,
        }
    }
    Node::Leaf(format!("{} partitions", count(assignment)))
}
