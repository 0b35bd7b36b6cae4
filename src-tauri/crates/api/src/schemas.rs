//! Subjects, versions, compatibility.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::{ClusterId, default};

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SubjectsList {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SubjectRow {
    pub subject: String,
    /// `AVRO`, `JSON` or `PROTOBUF`.
    pub schema_type: String,
    pub latest_version: i32,
    pub latest_id: u32,
    pub versions: u32,
    /// The level in force.
    pub compatibility: String,
    /// It comes from the global setting.
    pub compatibility_inherited: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SubjectGet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub subject: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SubjectDetail {
    pub row: SubjectRow,
    /// Oldest first.
    pub versions: Vec<SchemaVersion>,
    /// Full names of the latest version's messages, when it is Protobuf.
    pub messages: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaVersion {
    pub version: i32,
    pub id: u32,
    pub schema_type: String,
    /// Pretty-printed where it is JSON.
    pub schema: String,
    pub references: Vec<SchemaReference>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaReference {
    pub name: String,
    pub subject: String,
    pub version: i32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaCheck {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub subject: String,
    pub schema_type: String,
    pub schema: String,
    #[serde(default)]
    pub references: Vec<SchemaReference>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaVerdict {
    pub compatible: bool,
    /// What changed and where.
    pub messages: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaRegister {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub subject: String,
    pub schema_type: String,
    pub schema: String,
    #[serde(default)]
    pub references: Vec<SchemaReference>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SchemaRegistered {
    pub id: u32,
    pub version: i32,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct SubjectDelete {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    pub subject: String,
    /// Also forget the versions; without it they can be restored.
    pub permanent: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct CompatibilitySet {
    #[serde(default = "default::cluster")]
    pub cluster: ClusterId,
    /// None: the global level.
    pub subject: Option<String>,
    /// One of the seven levels; None goes back to the global one.
    pub level: Option<String>,
}
