//! History on disk: `metrics.db`.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::Record;
use super::series::{Axis, PRESENCE, Points};

/// Seconds are kept this long, then only their minutes.
const SECONDS_KEPT_S: i64 = 3600;
/// Old rows are looked for at most this often.
const CLEAN_EVERY_S: i64 = 60;

const SCHEMA: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, cluster TEXT NOT NULL, name TEXT NOT NULL, \
     UNIQUE (cluster, name))",
    "CREATE TABLE IF NOT EXISTS seconds (series INTEGER NOT NULL, at_s INTEGER NOT NULL, value REAL NOT NULL, \
     PRIMARY KEY (series, at_s)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS minutes (series INTEGER NOT NULL, at_s INTEGER NOT NULL, sum REAL NOT NULL, \
     count REAL NOT NULL, PRIMARY KEY (series, at_s)) WITHOUT ROWID",
];

pub(super) struct Store {
    path: PathBuf,
    pub(super) retention_days: u32,
    connection: Option<SqliteConnection>,
    waiting: Vec<(String, Arc<Record>)>,
    /// Ids by cluster and name.
    series: HashMap<(String, Arc<str>), i64>,
    cleaned_s: i64,
}

impl Store {
    pub(super) fn new(path: PathBuf, retention_days: u32) -> Self {
        Self {
            path,
            retention_days,
            connection: None,
            waiting: Vec::new(),
            series: HashMap::new(),
            cleaned_s: 0,
        }
    }

    pub(super) fn push(&mut self, cluster: String, record: Arc<Record>) {
        self.waiting.push((cluster, record));
    }

    /// Writes what is waiting in one transaction. A failure costs these seconds, nothing else.
    pub(super) async fn flush(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        if let Err(error) = self.write(waiting).await {
            tracing::warn!(%error, path = %self.path.display(), "chart history not written");
            self.connection = None;
            self.series.clear();
        }
    }

    pub(super) async fn close(&mut self) {
        self.flush().await;
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "chart history not closed");
        }
    }

    async fn write(&mut self, waiting: Vec<(String, Arc<Record>)>) -> Result<(), sqlx::Error> {
        let newest_s = waiting.iter().map(|(_, record)| record.at_s).max().unwrap_or(0);
        let clean = newest_s - self.cleaned_s >= CLEAN_EVERY_S;
        let minutes_from = newest_s - i64::from(self.retention_days) * 24 * 3600;
        self.open().await?;
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let mut transaction = connection.begin().await?;
        let mut minutes: BTreeMap<(i64, i64), (f64, f64)> = BTreeMap::new();
        for (cluster, record) in &waiting {
            for (name, value) in &record.values {
                let key = (cluster.clone(), name.clone());
                let id = match self.series.get(&key) {
                    Some(id) => *id,
                    None => {
                        let id: i64 = sqlx::query_scalar(
                            "INSERT INTO series (cluster, name) VALUES (?, ?) \
                             ON CONFLICT (cluster, name) DO UPDATE SET name = excluded.name RETURNING id",
                        )
                        .bind(cluster)
                        .bind(&**name)
                        .fetch_one(&mut *transaction)
                        .await?;
                        self.series.insert(key, id);
                        id
                    }
                };
                sqlx::query("INSERT OR REPLACE INTO seconds (series, at_s, value) VALUES (?, ?, ?)")
                    .bind(id)
                    .bind(record.at_s)
                    .bind(value)
                    .execute(&mut *transaction)
                    .await?;
                let minute = minutes.entry((id, record.at_s.div_euclid(60) * 60)).or_default();
                minute.0 += value;
                minute.1 += 1.0;
            }
        }
        for ((id, at_s), (sum, count)) in minutes {
            sqlx::query(
                "INSERT INTO minutes (series, at_s, sum, count) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (series, at_s) DO UPDATE SET sum = sum + excluded.sum, count = count + excluded.count",
            )
            .bind(id)
            .bind(at_s)
            .bind(sum)
            .bind(count)
            .execute(&mut *transaction)
            .await?;
        }
        if clean {
            sqlx::query("DELETE FROM seconds WHERE at_s < ?")
                .bind(newest_s - SECONDS_KEPT_S)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM minutes WHERE at_s < ?")
                .bind(minutes_from)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        if clean {
            self.cleaned_s = newest_s;
        }
        Ok(())
    }

    /// Sums and counts by bucket; an unreadable history is an empty one.
    pub(super) async fn read(
        &mut self,
        cluster: &str,
        names: &[String],
        axis: &Axis,
    ) -> BTreeMap<String, Points> {
        match self.try_read(cluster, names, axis).await {
            Ok(points) => points,
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "chart history not read");
                self.connection = None;
                BTreeMap::new()
            }
        }
    }

    async fn try_read(
        &mut self,
        cluster: &str,
        names: &[String],
        axis: &Axis,
    ) -> Result<BTreeMap<String, Points>, sqlx::Error> {
        self.open().await?;
        let Some(connection) = &mut self.connection else { return Ok(BTreeMap::new()) };
        // Seconds where they reach back far enough, else minutes.
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT max(at_s) FROM minutes").fetch_one(&mut *connection).await?;
        let by_seconds = newest.is_some_and(|newest| axis.from_s >= newest - SECONDS_KEPT_S);
        let query = if by_seconds {
            "SELECT at_s, value AS sum, 1.0 AS count FROM seconds \
             WHERE series = (SELECT id FROM series WHERE cluster = ? AND name = ?) AND at_s >= ? AND at_s < ?"
        } else {
            "SELECT at_s, sum, count FROM minutes \
             WHERE series = (SELECT id FROM series WHERE cluster = ? AND name = ?) AND at_s >= ? AND at_s < ?"
        };
        let mut points = BTreeMap::new();
        for name in names.iter().map(String::as_str).filter(|name| *name != PRESENCE).chain([PRESENCE]) {
            let rows = sqlx::query(query)
                .bind(cluster)
                .bind(name)
                .bind(axis.from_s)
                .bind(axis.to_s)
                .fetch_all(&mut *connection)
                .await?;
            let own: &mut Points = points.entry(name.to_owned()).or_default();
            for row in rows {
                if let Some(bucket) = axis.bucket(row.try_get("at_s")?) {
                    own.add(bucket, row.try_get("sum")?, row.try_get("count")?);
                }
            }
        }
        Ok(points)
    }

    async fn open(&mut self) -> Result<(), sqlx::Error> {
        if self.connection.is_some() {
            return Ok(());
        }
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A lost second of history is no harm.
            .synchronous(SqliteSynchronous::Normal)
            .pragma("cache_size", "-512");
        let mut connection = SqliteConnection::connect_with(&options).await?;
        for statement in SCHEMA {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        self.connection = Some(connection);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(at_s: i64, values: &[(&str, f64)]) -> Arc<Record> {
        Arc::new(Record {
            at_s,
            values: values.iter().map(|(name, value)| ((*name).into(), *value)).collect(),
        })
    }

    #[tokio::test]
    async fn seconds_turn_into_minutes_and_both_are_read() {
        let dir = testkit::TempDir::new();
        let mut store = Store::new(dir.join("metrics.db"), 1);
        for at_s in 0..120 {
            store.push("local".to_owned(), record(at_s, &[("messages_in", 2.0), ("total_lag", 5.0)]));
        }
        store.flush().await;
        store.close().await;

        let mut again = Store::new(dir.join("metrics.db"), 1);
        let names = ["total_lag".to_owned()];
        let axis = Axis { from_s: 0, to_s: 120, step_s: 30 };
        let points = again.read("local", &names, &axis).await;
        let presence = &points["messages_in"];
        assert_eq!(axis.values("messages_in", None, presence), [Some(2.0); 4]);
        assert_eq!(axis.values("total_lag", points.get("total_lag"), presence), [Some(5.0); 4]);

        // Two hours later the seconds are gone, the minutes stay; two days later they go too.
        again.push("local".to_owned(), record(7200, &[("messages_in", 4.0)]));
        again.flush().await;
        let axis = Axis { from_s: 0, to_s: 120, step_s: 60 };
        let points = again.read("local", &names, &axis).await;
        assert_eq!(axis.values("messages_in", None, &points["messages_in"]), [Some(2.0); 2]);
        again.push("local".to_owned(), record(2 * 86_400, &[("messages_in", 4.0)]));
        again.flush().await;
        let points = again.read("local", &names, &axis).await;
        assert_eq!(axis.values("messages_in", None, &points["messages_in"]), [None; 2]);
        again.close().await;
    }
}
