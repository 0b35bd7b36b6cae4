//! Messages: browsing, tailing, producing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::{ClusterId, default};

/// Where reading begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum Seek {
    /// The newest `limit` messages.
    Newest,
    Oldest,
    Offset {
        offset: i64,
    },
    /// The first message at or after this time.
    Time {
        timestamp_ms: i64,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessagesBrowse {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    /// None: all.
    #[serde(default)]
    pub partitions: Option<Vec<i32>>,
    pub seek: Seek,
    /// Goes on from an earlier page's positions; the seek then only gives the direction.
    #[serde(default)]
    #[ts(optional)]
    pub positions: Option<Vec<Position>>,
    /// Messages returned at most, 1 to 1,000.
    pub limit: u32,
    /// Only messages whose decoded key or value contains this text.
    #[serde(default)]
    pub contains: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessagePage {
    /// Newest first when the seek was `newest`, else oldest first.
    pub messages: Vec<Message>,
    /// Where the next page in reading direction begins, per partition.
    pub positions: Vec<Position>,
    pub scanned: u64,
    pub scanned_bytes: u64,
    pub elapsed_ms: u64,
    /// All partitions were read to their end.
    pub end_reached: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Position {
    pub partition: i32,
    pub offset: i64,
}

/// Live tail: hold on to `positions` and ask again with them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessagesTail {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    /// Empty: begin at the current end.
    #[serde(default)]
    pub positions: Vec<Position>,
    #[serde(default)]
    pub partitions: Option<Vec<i32>>,
    #[serde(default)]
    pub contains: Option<String>,
    /// Waits this long for the first message, at most 5,000.
    pub wait_ms: u32,
    pub limit: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessageTail {
    /// Oldest first.
    pub messages: Vec<Message>,
    pub positions: Vec<Position>,
    /// Messages passed over because more arrived than `limit`.
    pub skipped: u64,
}

/// One message whole; browsing returns long payloads cut.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessageGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Message {
    pub partition: i32,
    pub offset: i64,
    pub timestamp_ms: Option<i64>,
    pub key: Payload,
    pub value: Payload,
    pub headers: Vec<Header>,
    /// Key, value and headers.
    pub size_bytes: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Header {
    pub name: String,
    pub value: Payload,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum Encoding {
    Null,
    Empty,
    Text,
    Json,
    Avro,
    JsonSchema,
    Protobuf,
    Hex,
}

/// Bytes made readable. 64-bit integers, decimals and bytes stand exactly in `text`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Payload {
    pub encoding: Encoding,
    /// JSON text for `json`, `avro`, `json_schema`, `protobuf`; the text itself
    /// for `text`; hex digits for `hex`; empty for `null` and `empty`.
    pub text: String,
    /// `text` was cut; `message` gives more.
    pub truncated: bool,
    pub size_bytes: u64,
    /// The raw bytes as hex, only from `message`, up to 64 KiB of them.
    pub hex: Option<String>,
    /// The schema it names, in front of it or in a record header.
    pub schema: Option<PayloadSchema>,
    /// Why decoding by the schema failed; `text` then shows the raw bytes.
    pub error: Option<String>,
}

/// What a payload says about its schema, and the registry about that.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct PayloadSchema {
    pub id: Option<u32>,
    /// Where a record header names it so.
    pub guid: Option<String>,
    /// A subject that has it, the topic's own if that is one.
    pub subject: Option<String>,
    pub version: Option<i32>,
    /// The full name of the Avro type or Protobuf message.
    pub type_name: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct MessageProduce {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub topic: String,
    /// None: by the key's hash, as Kafka's own client does.
    #[serde(default)]
    pub partition: Option<i32>,
    pub key: ProducePayload,
    pub value: ProducePayload,
    #[serde(default)]
    pub headers: Vec<ProduceHeader>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "encoding", rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum ProducePayload {
    Null,
    Text {
        text: String,
    },
    /// Checked to be JSON, sent as typed.
    Json {
        text: String,
    },
    Hex {
        text: String,
    },
    /// JSON encoded by the subject's latest schema, of any type, and framed with its id.
    Schema {
        text: String,
        subject: String,
        /// Of a Protobuf schema, the message's full name; None: its first.
        #[serde(default)]
        #[ts(optional)]
        message: Option<String>,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ProduceHeader {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Produced {
    pub partition: i32,
    pub offset: i64,
}
