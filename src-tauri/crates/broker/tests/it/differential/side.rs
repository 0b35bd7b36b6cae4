//! One of the two brokers: its connection, and what its ids stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::net::SocketAddr;
use std::time::Duration;

use wire::batch::batches;
use wire::codec::{Wire, decode, encode};
use wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use wire::messages::find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use wire::{ApiKey, Uuid};

use super::club::ClubSeat;
use super::crowd::Seat;
use super::flow::FlowSeat;
use super::pool::Pools;
use super::script::Text;
use super::tree::Node;
use crate::client::Client;

pub(super) struct Side {
    address: SocketAddr,
    client: Client,
    prefix: String,
    apis: BTreeSet<i16>,
    pub(super) topic_ids: BTreeMap<String, Uuid>,
    /// Members by group, with their generation.
    pub(super) members: BTreeMap<String, (String, i32)>,
    /// Ids and epochs by what the script calls the producers.
    pub(super) producers: BTreeMap<String, (i64, i16)>,
    /// Members of the groups of several, by group and what the script calls them.
    pub(super) seats: BTreeMap<(Text, Text), Seat>,
    pub(super) club_seats: BTreeMap<(Text, Text), ClubSeat>,
    pub(super) flow_seats: BTreeMap<(Text, Text), FlowSeat>,
    pub(super) pools: Pools,
    /// Fetch sessions: id, next epoch, and the version each began with.
    pub(super) sessions: BTreeMap<Text, (i32, i32, i16)>,
    /// What an id that was answered stands for.
    meanings: BTreeMap<String, String>,
}

/// Fields that tell where and when, not what.
const ELSEWHERE: [&str; 6] =
    ["throttle_time_ms", "host", "port", "cluster_id", "client_host", "transaction_start_time_ms"];

/// How the names of configurations begin that Kafka has not.
const OURS: &str = "\"confluent.";

impl Side {
    pub(super) async fn connect(address: SocketAddr, prefix: &str) -> Self {
        let mut client = Client::connect(address).await;
        let request = ApiVersionsRequest::default();
        let answer: ApiVersionsResponse = client.call(ApiKey::ApiVersions, 0, &request).await;
        Self {
            address,
            client,
            prefix: prefix.to_owned(),
            apis: answer.api_keys.iter().map(|api| api.api_key).collect(),
            topic_ids: BTreeMap::new(),
            members: BTreeMap::new(),
            producers: BTreeMap::new(),
            seats: BTreeMap::new(),
            club_seats: BTreeMap::new(),
            flow_seats: BTreeMap::new(),
            pools: Pools::default(),
            sessions: BTreeMap::new(),
            meanings: BTreeMap::new(),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Speaks by another connection from now on.
    pub(super) fn replace_client(&mut self, client: Client) -> Client {
        std::mem::replace(&mut self.client, client)
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The numbers of the APIs it advertises.
    pub(super) fn apis(&self) -> BTreeSet<i16> {
        self.apis.clone()
    }

    /// Names of a run do not meet those of another.
    pub(super) fn name(&self, name: &str) -> String {
        // What is no name at all is sent as it is.
        if name.is_empty() { String::new() } else { format!("{}{name}", self.prefix) }
    }

    /// Waits until the coordinators answer: Kafka makes their topics when first asked.
    pub(super) async fn warm_up(&mut self) {
        for key_type in [0, 1] {
            if key_type == 1 && !self.apis.contains(&ApiKey::EndTxn.number()) {
                continue;
            }
            let request = FindCoordinatorRequest {
                key_type,
                coordinator_keys: vec![self.name("warm-up")],
                ..Default::default()
            };
            for _ in 0..400 {
                let answer: FindCoordinatorResponse =
                    self.client.call(ApiKey::FindCoordinator, 4, &request).await;
                if answer.coordinators[0].error_code == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// One request, its answer, and that as a tree without what differs by nature.
    pub(super) async fn ask<Q: Wire, A: Wire + Debug + Default>(
        &mut self,
        api: ApiKey,
        version: i16,
        request: &Q,
    ) -> (A, Node) {
        self.ask_raw(api, version, &encode(request, api.cx(version))).await
    }

    /// The same for a request whose body is given (Produce carries its records). A connection that is closed
    /// is an answer too.
    pub(super) async fn ask_raw<A: Wire + Debug + Default>(
        &mut self,
        api: ApiKey,
        version: i16,
        body: &[u8],
    ) -> (A, Node) {
        match self.client.wire.request(api.number(), version, api.is_flexible(version), body).await {
            Ok(bytes) => {
                let bytes = if api.response_has_tags(version) { &bytes[1..] } else { &bytes[..] };
                let answer: A = decode(bytes, api.cx(version)).expect("the answer reads");
                let node = self.normalised(Node::of(&answer));
                (answer, node)
            }
            Err(_) => {
                self.client = Client::connect(self.address).await;
                (A::default(), Node::Leaf("the connection is closed".to_owned()))
            }
        }
    }

    /// Learns the ids of the script's topics.
    pub(super) async fn learn_topics(&mut self, names: &[&str]) {
        let topic = |name: &&str| MetadataRequestTopic { name: Some(self.name(name)), ..Default::default() };
        let request = MetadataRequest {
            topics: Some(names.iter().map(topic).collect()),
            allow_auto_topic_creation: false,
            ..Default::default()
        };
        let answer: MetadataResponse = self.client.call(ApiKey::Metadata, 12, &request).await;
        for topic in answer.topics.into_iter().filter(|topic| topic.error_code == 0) {
            let name = topic.name.unwrap_or_default();
            let short = name.strip_prefix(&self.prefix).unwrap_or(&name).to_owned();
            self.mean(&Node::of(&topic.topic_id), &format!("topic {short}"));
            self.topic_ids.insert(short, topic.topic_id);
        }
    }

    /// Says what an id stands for in every later answer.
    pub(super) fn mean(&mut self, id: &Node, meaning: &str) {
        self.meanings.insert(id.to_string(), meaning.to_owned());
    }

    pub(super) fn normalised(&self, node: Node) -> Node {
        node.map(&|name, node| {
            if ELSEWHERE.contains(&name) {
                return None;
            }
            let leaf = |text: &str| Some(Node::Leaf(text.to_owned()));
            let text = node.to_string();
            match name {
                "error_message" | "acknowledge_error_message" | "batch_index_error_message"
                    if text != "None" =>
                {
                    leaf("a message")
                }
                "configs" => Some(node.without("name", OURS)),
                "records" => leaf(&records(&text)),
                // Java's sets; structs are ordered by their keys.
                "subscribed_topic_names" => Some(node.sorted()),
                "partitions" if !node.has_structs() => Some(node.sorted()),
                "log_append_time_ms" | "last_timestamp" if !text.starts_with('-') => leaf("a time"),
                // The broker's own time, not one that the script gave.
                "timestamp" if text.parse().is_ok_and(|at: i64| at > SCRIPT_MS_MAX) => leaf("a time"),
                "topic_id" | "producer_id" | "member_id" | "leader" => {
                    let meaning = self.meanings.get(&text);
                    Some(meaning.map_or(node, |meaning| Node::Leaf(meaning.clone())))
                }
                _ => Some(node),
            }
        })
    }
}

/// After every time in the script, long before today.
const SCRIPT_MS_MAX: i64 = 1_750_000_000_000;

/// Batches as `Debug` prints their bytes, without who wrote them and under which leader.
fn records(text: &str) -> String {
    if text == "None" {
        return text.to_owned();
    }
    let bytes = unescape(text);
    let mut shown = Vec::new();
    for batch in batches(&bytes) {
        // The last one may be cut off at the limit; a client passes it over.
        let Ok(batch) = batch else { break };
        let header = &batch.header;
        let sound = batch.verify_crc().is_ok();
        let values: Vec<String> = batch
            .records(1 << 20)
            .expect("records that unpack")
            .iter()
            .map(|record| record.map_or_else(|error| error.to_string(), |record| format!("{record:?}")))
            .collect();
        let values = if header.is_control() { "a marker".to_owned() } else { values.join(", ") };
        let time = match header.timestamp_type() {
            wire::batch::TimestampType::LogAppendTime => "appended".to_owned(),
            _ if header.is_control() => "a time".to_owned(),
            _ => header.max_timestamp.to_string(),
        };
        shown.push(format!(
            "{}..{} {:?} transactional {} control {} sound {sound} at {time} epoch {} sequence {}: {values}",
            header.base_offset.0,
            header.last_offset().0,
            header.compression(),
            header.is_transactional(),
            header.is_control(),
            header.producer_epoch,
            header.base_sequence,
        ));
    }
    shown.join("; ")
}

/// Reads back `b"…"`.
fn unescape(text: &str) -> Vec<u8> {
    let inner = text.trim_start_matches("b\"").trim_end_matches('"');
    let mut bytes = Vec::new();
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next().unwrap() {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'0' => bytes.push(0),
            b'x' => {
                let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap() as u8;
                let high = digit();
                bytes.push(high * 16 + digit());
            }
            other => bytes.push(other),
        }
    }
    bytes
}

#[test]
fn bytes_survive_their_debug_text() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(unescape(&Node::of(&bytes::Bytes::from(bytes.clone())).to_string()), bytes);
}
