//! What the window is told when a command fails.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The window branches on this, never on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "api.ts")]
pub enum ErrorCode {
    /// The parameters make no sense; the message names the field.
    InvalidRequest,
    /// The thing named does not exist.
    NotFound,
    /// It exists already, or its state forbids this now.
    Conflict,
    /// The other side (broker, registry, database) refused.
    Refused,
    /// The other side did not answer or is not running.
    Unavailable,
    /// It took longer than its limit.
    Timeout,
    /// The cluster on the other side can't do this at all.
    Unsupported,
    /// A defect of Pumphouse.
    Internal,
}

/// What happened, why, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct ApiError {
    pub code: ErrorCode,
    /// One sentence: what happened, naming the thing.
    pub message: String,
    /// The way out, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hint: Option<String>,
    /// The cause chain, for copying into a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub detail: Option<String>,
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, detail: None }
    }

    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}
