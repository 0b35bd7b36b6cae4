//! What is refused of a streams group's heartbeat, whatever the group: in Kafka's words.

use broker::BrokerConfig;
use testkit::TempDir;
use wire::messages::streams_group_heartbeat::{
    RequestTaskIds, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse, Subtopology, TaskOffset,
    TopicInfo, Topology,
};
use wire::{ApiKey, ErrorCode};

use crate::client::Client;
use crate::server::Server;

type Request = StreamsGroupHeartbeatRequest;

const INVALID: ErrorCode = ErrorCode::InvalidRequest;
const TOPOLOGY: ErrorCode = ErrorCode::StreamsInvalidTopology;

fn tasks() -> Option<Vec<RequestTaskIds>> {
    Some(vec![RequestTaskIds { subtopology_id: "0".into(), partitions: vec![0] }])
}

fn offsets() -> Option<Vec<TaskOffset>> {
    Some(vec![TaskOffset { subtopology_id: "0".into(), partition: 0, offset: 7 }])
}

fn joining(subtopology: Subtopology) -> Request {
    Request {
        group_id: "refused".into(),
        member_id: "m".into(),
        rebalance_timeout_ms: 30_000,
        topology: Some(Topology { epoch: 0, subtopologies: vec![subtopology] }),
        process_id: Some("p".into()),
        active_tasks: Some(Vec::new()),
        standby_tasks: Some(Vec::new()),
        warmup_tasks: Some(Vec::new()),
        ..Default::default()
    }
}

fn plain() -> Subtopology {
    Subtopology { subtopology_id: "0".into(), source_topics: vec!["lines".into()], ..Default::default() }
}

fn join() -> Request {
    joining(plain())
}

/// Of a member that has joined.
fn beating(epoch: i32) -> Request {
    Request { member_epoch: epoch, topology: None, rebalance_timeout_ms: -1, ..join() }
}

fn cases() -> Vec<(Request, ErrorCode, &'static str)> {
    let changelog = TopicInfo { name: "log".into(), partitions: 3, ..Default::default() };
    let topics = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let own = topics(&["__consumer_offsets", "fine", "__consumer_offsets", "__transaction_state"]);
    vec![
        (Request { warmup_tasks: tasks(), ..beating(1) }, INVALID, "WarmupTasks are not supported yet."),
        (Request { warmup_tasks: tasks(), ..join() }, INVALID, "WarmupTasks are not supported yet."),
        (Request { task_offsets: offsets(), ..beating(1) }, INVALID, "TaskOffsets are not supported yet."),
        (
            Request { task_end_offsets: offsets(), ..beating(1) },
            INVALID,
            "TaskEndOffsets are not supported yet.",
        ),
        (
            Request { instance_id: Some("i".into()), ..join() },
            INVALID,
            "Static membership is not yet supported.",
        ),
        (
            joining(Subtopology { source_topic_regex: topics(&["a.*"]), ..plain() }),
            INVALID,
            "Regular expressions for source topics are not supported yet.",
        ),
        (Request { member_id: String::new(), ..join() }, INVALID, "MemberId can't be empty."),
        (Request { group_id: String::new(), ..join() }, INVALID, "GroupId can't be empty."),
        (Request { rack_id: Some(String::new()), ..join() }, INVALID, "RackId can't be empty."),
        (
            Request { rebalance_timeout_ms: -1, ..join() },
            INVALID,
            "RebalanceTimeoutMs must be provided in first request.",
        ),
        (
            Request { active_tasks: tasks(), ..join() },
            INVALID,
            "ActiveTasks must be empty when (re-)joining.",
        ),
        (
            Request { standby_tasks: tasks(), ..join() },
            INVALID,
            "StandbyTasks must be empty when (re-)joining.",
        ),
        (Request { topology: None, ..join() }, INVALID, "Topology must be non-null when (re-)joining."),
        (
            Request { topology: join().topology, ..beating(1) },
            INVALID,
            "Topology can only be provided when (re-)joining.",
        ),
        (beating(-2), INVALID, "InstanceId can't be null."),
        (beating(-3), INVALID, "MemberEpoch is -3, but must be greater than or equal to -2."),
        (
            Request { standby_tasks: None, ..beating(1) },
            INVALID,
            "If one task-type is non-null, all must be non-null.",
        ),
        (
            joining(Subtopology { state_changelog_topics: vec![changelog], ..plain() }),
            TOPOLOGY,
            "Changelog topic log must have an undefined partition count, but it is set to 3.",
        ),
        (
            joining(Subtopology { source_topics: own, ..plain() }),
            TOPOLOGY,
            "Use of Kafka internal topics __consumer_offsets,__transaction_state in a Kafka Streams topology is \
             prohibited.",
        ),
        (
            joining(Subtopology { repartition_sink_topics: topics(&["a b", "", "a b"]), ..plain() }),
            TOPOLOGY,
            "Topic names a b, are not valid topic names.",
        ),
    ]
}

async fn check(client: &mut Client, who: &str) {
    for (request, code, message) in cases() {
        let answer: StreamsGroupHeartbeatResponse =
            client.call(ApiKey::StreamsGroupHeartbeat, 0, &request).await;
        let found = (answer.error_code, answer.error_message.as_deref());
        assert_eq!(found, (code.number(), Some(message)), "{who}: {request:?}");
    }
}

#[tokio::test]
async fn odd_heartbeats_are_refused_in_kafkas_words() {
    let dir = TempDir::new();
    let server = Server::with_system_clock(BrokerConfig::new(dir.path())).await;
    check(&mut server.client().await, "Pumphouse").await;
    server.stop().await;
    // What is expected is what a real Kafka says.
    match std::env::var("PUMPHOUSE_PEER_BROKER") {
        Ok(peer) => {
            let mut client = Client::connect(peer.parse().expect("an address")).await;
            check(&mut client, "Apache Kafka").await;
        }
        Err(_) => crate::differential::skip(
            "refusals of streams groups: a real Apache Kafka (PUMPHOUSE_PEER_BROKER is not set)",
        ),
    }
}
