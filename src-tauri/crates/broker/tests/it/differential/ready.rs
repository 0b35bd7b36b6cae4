//! Waiting until a broker has heard of the topics it made: Kafka's parts learn of them one after the other, and each
//! answers by what it knows by then.

use std::time::Duration;

use wire::ApiKey;
use wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
};
use wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};

use super::script::{LASTING, LASTING_PARTITIONS, TOPICS};
use super::side::Side;

/// Looks, 20 ms apart.
const LOOKS: usize = 500;
const NOT_LEADER: i16 = 6;
const UNKNOWN: i16 = 3;

impl Side {
    /// Until the broker leads every partition it shows.
    pub(super) async fn lead(&mut self) {
        let names: Vec<String> = TOPICS.iter().chain(&LASTING).map(|name| self.name(name)).collect();
        for _ in 0..LOOKS {
            let request = MetadataRequest {
                topics: Some(
                    names
                        .iter()
                        .map(|name| MetadataRequestTopic { name: Some(name.clone()), ..Default::default() })
                        .collect(),
                ),
                allow_auto_topic_creation: false,
                ..Default::default()
            };
            let (shown, _): (MetadataResponse, _) = self.ask(ApiKey::Metadata, 12, &request).await;
            let topics = shown.topics.into_iter().filter(|topic| topic.error_code == 0);
            let topics = topics.map(|topic| ListOffsetsTopic {
                name: topic.name.unwrap_or_default(),
                partitions: topic
                    .partitions
                    .iter()
                    .map(|partition| ListOffsetsPartition {
                        partition_index: partition.partition_index,
                        current_leader_epoch: -1,
                        timestamp: -1,
                        ..Default::default()
                    })
                    .collect(),
            });
            let request =
                ListOffsetsRequest { replica_id: -1, topics: topics.collect(), ..Default::default() };
            let (told, _): (ListOffsetsResponse, _) = self.ask(ApiKey::ListOffsets, 7, &request).await;
            let mut partitions = told.topics.iter().flat_map(|topic| &topic.partitions);
            if partitions.all(|partition| ![NOT_LEADER, UNKNOWN].contains(&partition.error_code)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("partitions without a leader for too long");
    }

    /// Until the group coordinator knows the lasting topics with all their partitions.
    pub(super) async fn group_coordinator_knows(&mut self) {
        // Not listed with the groups of the script.
        let group_id = format!("ready-{}", self.prefix());
        let joining = ConsumerGroupHeartbeatRequest {
            group_id,
            member_id: "ready".into(),
            rebalance_timeout_ms: 60_000,
            topic_partitions: Some(Vec::new()),
            subscribed_topic_names: Some(LASTING.iter().map(|name| self.name(name)).collect()),
            ..Default::default()
        };
        let leaving = ConsumerGroupHeartbeatRequest { member_epoch: -1, ..joining.clone() };
        let mut last = None;
        for _ in 0..LOOKS {
            let api = ApiKey::ConsumerGroupHeartbeat;
            let (told, _): (ConsumerGroupHeartbeatResponse, _) = self.ask(api, 1, &joining).await;
            let given = told.assignment.iter().flat_map(|assignment| &assignment.topic_partitions);
            let given: usize = given.map(|topic| topic.partitions.len()).sum();
            self.ask::<_, ConsumerGroupHeartbeatResponse>(api, 1, &leaving).await;
            if given == LASTING_PARTITIONS {
                return;
            }
            last = Some(told);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the group coordinator of {} does not know the topics for too long: {last:?}", self.address());
    }
}
