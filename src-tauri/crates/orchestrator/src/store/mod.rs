//! What survives a restart: one schema for SQLite and PostgreSQL.
//!
//! Only the scheduler writes, one transaction per step ([`Store::apply`]);
//! everyone reads. Rows stop here: callers see [`crate::records`].

mod dags;
mod row;
mod runs;
mod tasks;
mod write;

use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyPool, Executor};

pub(crate) use write::Change;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}: the orchestrator keeps its state in sqlite://PATH or postgres://USER@HOST/DATABASE")]
    UrlUnknown(String),
    #[error("the orchestrator's database {url} cannot be opened: {source}")]
    Open { url: String, source: sqlx::Error },
    #[error(
        "the orchestrator's database is of version {found}, this program knows up to {known}: use a newer Pumphouse"
    )]
    TooNew { found: i64, known: i64 },
    #[error("the orchestrator's database: {0}")]
    Query(#[from] sqlx::Error),
    #[error("the orchestrator's database holds {what}, which cannot be read: {reason}")]
    Corrupt { what: String, reason: String },
}

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Each entry is applied once, in order, and never edited afterwards.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// The state database.
#[derive(Clone)]
pub(crate) struct Store {
    pool: AnyPool,
}

impl Store {
    /// Connects, creating a SQLite file where there is none, and brings the schema up to date.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        if !sqlite && !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(StoreError::UrlUnknown(without_password(url)));
        }
        let full_url = match sqlite && !url.contains('?') {
            true => format!("{url}?mode=rwc"),
            false => url.to_owned(),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        // NORMAL in WAL mode survives a crash of the program; a power cut may
                        // take the last step, never the database.
                        connection.execute("PRAGMA journal_mode = WAL").await?;
                        connection.execute("PRAGMA synchronous = NORMAL").await?;
                        connection.execute("PRAGMA busy_timeout = 10000").await?;
                    }
                    Ok(())
                })
            })
            .connect(&full_url)
            .await
            .map_err(|source| StoreError::Open { url: without_password(url), source })?;
        let store = Self { pool };
        store.migrate().await?;
        Ok(store)
    }

    async fn migrate(&self) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        tx.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
        let found: Option<i64> =
            sqlx::query_scalar("SELECT MAX(version) FROM schema_version").fetch_one(&mut *tx).await?;
        let found = found.unwrap_or(0);
        let known = MIGRATIONS.len() as i64;
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        for (version, script) in (1i64..).zip(MIGRATIONS).skip(found as usize) {
            for statement in script.split(";\n").filter(|statement| !statement.trim().is_empty()) {
                tx.execute(statement).await?;
            }
            sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
                .bind(version)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Fit for a message: `postgres://me:***@host/db`.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.split_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(without_password(url), expected);
    }

    #[test]
    fn passwords_stay_out_of_messages() {
        check("postgres://me:secret@host/db", "postgres://me:***@host/db");
        check("postgres://me@host/db", "postgres://me@host/db");
        check("sqlite:///a/b.db", "sqlite:///a/b.db");
        check("nonsense", "nonsense");
    }
}
