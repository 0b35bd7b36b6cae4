//! Messages: browse, tail, read one, produce.

use std::time::Duration;

use api::ApiError;
use api::messages::*;
use cluster::{BrowseRequest, MESSAGES_MAX, ProduceRequest, TailRequest};

use crate::error::{invalid, of_cluster};
use crate::platform::Services;

/// A long poll's longest wait.
const WAIT_MS_MAX: u32 = 5000;

pub(super) async fn browse(it: &Services, params: MessagesBrowse) -> Result<MessagePage, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let page = cluster
        .browse(BrowseRequest {
            topic: params.topic,
            partitions: params.partitions,
            seek: match params.seek {
                Seek::Newest => cluster::Seek::Newest,
                Seek::Oldest => cluster::Seek::Oldest,
                Seek::Offset { offset } => cluster::Seek::Offset(offset),
                Seek::Time { timestamp_ms } => cluster::Seek::TimeMs(timestamp_ms),
            },
            positions: params.positions.map(|positions| positions.into_iter().map(position_in).collect()),
            limit: params.limit as usize,
            contains: params.contains,
        })
        .await
        .map_err(of_cluster)?;
    Ok(MessagePage {
        messages: page.messages.into_iter().map(message).collect(),
        positions: page.positions.into_iter().map(position_out).collect(),
        scanned: page.scanned,
        scanned_bytes: page.scanned_bytes,
        elapsed_ms: u64::try_from(page.elapsed.as_millis()).unwrap_or(u64::MAX),
        end_reached: page.end_reached,
    })
}

pub(super) async fn tail(it: &Services, params: MessagesTail) -> Result<MessageTail, ApiError> {
    if params.limit == 0 || params.limit as usize > MESSAGES_MAX {
        return Err(invalid(format!("limit must be 1 to {MESSAGES_MAX}, not {}", params.limit)));
    }
    let cluster = it.clusters.get(&params.cluster)?;
    let tail = cluster
        .tail(TailRequest {
            topic: params.topic,
            positions: params.positions.into_iter().map(position_in).collect(),
            partitions: params.partitions,
            contains: params.contains,
            wait: Duration::from_millis(params.wait_ms.min(WAIT_MS_MAX).into()),
            limit: params.limit as usize,
        })
        .await
        .map_err(of_cluster)?;
    Ok(MessageTail {
        messages: tail.messages.into_iter().map(message).collect(),
        positions: tail.positions.into_iter().map(position_out).collect(),
        skipped: tail.skipped,
    })
}

pub(super) async fn get(it: &Services, params: MessageGet) -> Result<Message, ApiError> {
    let cluster = it.clusters.get(&params.cluster)?;
    let found = cluster.message(&params.topic, params.partition, params.offset).await.map_err(of_cluster)?;
    Ok(message(found))
}

pub(super) async fn produce(it: &Services, params: MessageProduce) -> Result<Produced, ApiError> {
    let cluster = it.clusters.writable(&params.cluster)?;
    let produced = cluster
        .produce(ProduceRequest {
            topic: params.topic,
            partition: params.partition,
            key: payload_in(params.key),
            value: payload_in(params.value),
            headers: params.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            timestamp_ms: None,
        })
        .await
        .map_err(of_cluster)?;
    Ok(Produced { partition: produced.partition, offset: produced.offset })
}

fn position_in(position: Position) -> cluster::Position {
    cluster::Position { partition: position.partition, offset: position.offset }
}

fn position_out(position: cluster::Position) -> Position {
    Position { partition: position.partition, offset: position.offset }
}

fn payload_in(payload: ProducePayload) -> cluster::ProducePayload {
    match payload {
        ProducePayload::Null => cluster::ProducePayload::Null,
        ProducePayload::Text { text } => cluster::ProducePayload::Text(text),
        ProducePayload::Json { text } => cluster::ProducePayload::Json(text),
        ProducePayload::Hex { text } => cluster::ProducePayload::Hex(text),
        ProducePayload::Schema { text, subject, message } => {
            cluster::ProducePayload::Schema { text, subject, message }
        }
    }
}

fn message(message: cluster::Message) -> Message {
    Message {
        partition: message.partition,
        offset: message.offset,
        timestamp_ms: message.timestamp_ms,
        key: payload_out(message.key),
        value: payload_out(message.value),
        headers: message
            .headers
            .into_iter()
            .map(|(name, value)| Header { name, value: payload_out(value) })
            .collect(),
        size_bytes: message.size_bytes,
    }
}

fn payload_out(payload: cluster::Payload) -> Payload {
    Payload {
        encoding: match payload.encoding {
            cluster::Encoding::Null => Encoding::Null,
            cluster::Encoding::Empty => Encoding::Empty,
            cluster::Encoding::Text => Encoding::Text,
            cluster::Encoding::Json => Encoding::Json,
            cluster::Encoding::Avro => Encoding::Avro,
            cluster::Encoding::JsonSchema => Encoding::JsonSchema,
            cluster::Encoding::Protobuf => Encoding::Protobuf,
            cluster::Encoding::Hex => Encoding::Hex,
        },
        text: payload.text,
        truncated: payload.truncated,
        size_bytes: payload.size_bytes,
        hex: payload.hex,
        schema: payload.schema.map(|it| PayloadSchema {
            id: it.id,
            guid: it.guid,
            subject: it.subject,
            version: it.version,
            type_name: it.type_name,
        }),
        error: payload.error,
    }
}
