//! Cron expressions as croniter reads them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A cron expression or preset, checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    text: String,
}

/// Why a cron expression is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error(
        "'{text}' has {columns} columns; a cron expression has 5 (minute hour day month weekday), 6 (and second) or 7 (and year)"
    )]
    Columns { text: String, columns: usize },
}

impl Cron {
    /// As authored.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let columns = text.split_whitespace().count();
        if !text.starts_with('@') && !(5..=7).contains(&columns) {
            return Err(CronError::Columns { text: text.to_owned(), columns });
        }
        Ok(Self { text: text.to_owned() })
    }
}

impl TryFrom<String> for Cron {
    type Error = CronError;

    fn try_from(text: String) -> Result<Self, CronError> {
        text.parse()
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.text
    }
}
