//! SQL in PostgreSQL.

use std::str::FromStr;

use futures::TryStreamExt;
use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{
    PgArgumentBuffer, PgConnectOptions, PgConnection, PgRow, PgTypeInfo, PgValueFormat, PgValueRef,
};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection as _, Either, Encode, Executor, Postgres, Row,
    SqlSafeStr, Statement as _, Type, TypeInfo, ValueRef,
};

use super::{Plan, Rows, Statement, numeric, report};
use crate::operator::{TaskContext, TaskError};
use crate::ports::Connection;

pub(super) async fn run(
    context: &TaskContext,
    connection: &Connection,
    plan: Plan,
) -> Result<Vec<Rows>, TaskError> {
    let mut db = options(connection)?
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| TaskError::Fail(format!("connection \"{}\": {error}", connection.conn_id)))?;
    let mut results = Vec::new();
    if !plan.autocommit {
        db.execute("BEGIN").await.map_err(TaskError::fail)?;
    }
    for statement in &plan.statements {
        context.log.info(format!("running: {}", statement.sql));
        let rows = one(&mut db, statement, plan.keep_rows).await?;
        report(context, &rows);
        results.push(rows);
    }
    if !plan.autocommit {
        db.execute("COMMIT").await.map_err(TaskError::fail)?;
    }
    db.close().await.map_err(TaskError::fail)?;
    Ok(results)
}

async fn one(db: &mut PgConnection, statement: &Statement, keep_rows: bool) -> Result<Rows, TaskError> {
    let mut rows = Rows::default();
    let text = AssertSqlSafe(statement.sql.clone()).into_sql_str();
    // The server says which types it wants, so a JSON number fits an int, a numeric and a float.
    let prepared = db.prepare(text).await.map_err(TaskError::fail)?;
    rows.columns = prepared.columns().iter().map(|column| column.name().to_owned()).collect();
    let wanted: Vec<PgTypeInfo> = match prepared.parameters() {
        Some(Either::Left(types)) => types.to_vec(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    if wanted.len() != statement.values.len() {
        let reason = format!("{} are given, the statement has {}", statement.values.len(), wanted.len());
        return Err(TaskError::argument("parameters", reason));
    }
    let mut query = prepared.query();
    for (at, (value, kind)) in statement.values.iter().zip(wanted).enumerate() {
        let bound = Bound::new(value, kind)
            .map_err(|reason| TaskError::argument(&format!("parameters[{at}]"), reason))?;
        query = query.bind(bound);
    }
    let mut stream = db.fetch_many(query);
    while let Some(found) = stream.try_next().await.map_err(TaskError::fail)? {
        match found {
            Either::Left(done) => rows.affected += done.rows_affected(),
            Either::Right(row) if keep_rows => rows.push(values(&row)?)?,
            Either::Right(_) => {}
        }
    }
    drop(stream);
    Ok(rows)
}

fn options(connection: &Connection) -> Result<PgConnectOptions, TaskError> {
    let wrong =
        |reason: String| TaskError::FailNoRetry(format!("connection \"{}\": {reason}", connection.conn_id));
    if let Some(uri) = connection.uri.as_deref().filter(|uri| uri.starts_with("postgres")) {
        return PgConnectOptions::from_str(uri).map_err(|error| wrong(error.to_string()));
    }
    let host = connection.host.as_deref().filter(|host| !host.is_empty());
    let mut options =
        PgConnectOptions::new_without_pgpass().host(host.ok_or_else(|| wrong("has no host".into()))?);
    if let Some(port) = connection.port {
        options = options.port(port);
    }
    if let Some(login) = &connection.login {
        options = options.username(login);
    }
    if let Some(password) = &connection.password {
        options = options.password(password);
    }
    if let Some(database) = connection.schema.as_deref().filter(|schema| !schema.is_empty()) {
        options = options.database(database);
    }
    if let Some(mode) = connection.extra.get("sslmode").and_then(Value::as_str) {
        options =
            options.ssl_mode(mode.parse().map_err(|_| wrong(format!("sslmode \"{mode}\" is unknown")))?);
    }
    Ok(options)
}

/// A value in the binary form of the type the server wants.
struct Bound {
    kind: PgTypeInfo,
    /// None: null.
    bytes: Option<Vec<u8>>,
}

impl Bound {
    fn new(value: &Value, kind: PgTypeInfo) -> Result<Self, String> {
        let bytes = if value.is_null() { None } else { Some(encoded(value, kind.name())?) };
        Ok(Self { kind, bytes })
    }
}

fn encoded(value: &Value, kind: &str) -> Result<Vec<u8>, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let unfit = || format!("{value} is no {}", kind.to_lowercase());
    fn parse<T: FromStr>(text: &str) -> Option<T> {
        text.trim().parse().ok()
    }
    let bytes = match kind {
        "INT2" => parse::<i16>(&text).map(|number| number.to_be_bytes().to_vec()),
        "INT4" => parse::<i32>(&text).map(|number| number.to_be_bytes().to_vec()),
        "INT8" => parse::<i64>(&text).map(|number| number.to_be_bytes().to_vec()),
        "FLOAT4" => parse::<f32>(&text).map(|number| number.to_be_bytes().to_vec()),
        "FLOAT8" => parse::<f64>(&text).map(|number| number.to_be_bytes().to_vec()),
        "BOOL" => match text.to_lowercase().as_str() {
            "true" | "t" | "1" | "yes" | "on" => Some(vec![1]),
            "false" | "f" | "0" | "no" | "off" => Some(vec![0]),
            _ => None,
        },
        "NUMERIC" => numeric::numeric_bytes(&text),
        "DATE" => numeric::date_bytes(&text).map(|bytes| bytes.to_vec()),
        "TIMESTAMP" | "TIMESTAMPTZ" => numeric::timestamp_bytes(&text).map(|bytes| bytes.to_vec()),
        "UUID" => parse::<uuid::Uuid>(&text).map(|id| id.as_bytes().to_vec()),
        "JSON" => Some(value.to_string().into_bytes()),
        // Version 1 of the binary form.
        "JSONB" => Some([vec![1], value.to_string().into_bytes()].concat()),
        "BYTEA" | "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" | "\"CHAR\"" => Some(text.into_bytes()),
        _ => {
            return Err(format!(
                "{} is no type a parameter can have: write the placeholder as $1::text::{}",
                kind.to_lowercase(),
                kind.to_lowercase()
            ));
        }
    };
    bytes.ok_or_else(unfit)
}

impl Type<Postgres> for Bound {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("TEXT")
    }

    fn compatible(_: &PgTypeInfo) -> bool {
        true
    }
}

impl Encode<'_, Postgres> for Bound {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.bytes {
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
            None => Ok(IsNull::Yes),
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

fn values(row: &PgRow) -> Result<Vec<Value>, TaskError> {
    (0..row.columns().len())
        .map(|at| {
            let raw = row.try_get_raw(at).map_err(TaskError::fail)?;
            decoded(&raw).ok_or_else(|| {
                let (name, kind) = (row.column(at).name(), raw.type_info().name().to_lowercase());
                TaskError::FailNoRetry(format!("column \"{name}\" is of type {kind}: select {name}::text"))
            })
        })
        .collect()
}

/// JSON of a value; none for a type that has no JSON form here.
fn decoded(raw: &PgValueRef<'_>) -> Option<Value> {
    if raw.is_null() {
        return Some(Value::Null);
    }
    let bytes = raw.as_bytes().ok()?;
    let text = || String::from_utf8(bytes.to_vec()).ok();
    if raw.format() == PgValueFormat::Text {
        return text().map(Value::from);
    }
    scalar(raw.type_info().name(), bytes)
}

fn scalar(kind: &str, bytes: &[u8]) -> Option<Value> {
    fn word<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
        bytes.try_into().ok()
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    Some(match kind {
        "BOOL" => Value::from(bytes.first() == Some(&1)),
        "INT2" => Value::from(i16::from_be_bytes(word(bytes)?)),
        "INT4" => Value::from(i32::from_be_bytes(word(bytes)?)),
        "INT8" => Value::from(i64::from_be_bytes(word(bytes)?)),
        "OID" => Value::from(u32::from_be_bytes(word(bytes)?)),
        "FLOAT4" => Value::from(f32::from_be_bytes(word(bytes)?)),
        "FLOAT8" => Value::from(f64::from_be_bytes(word(bytes)?)),
        "NUMERIC" => numeric::numeric(bytes)?,
        "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "\"CHAR\"" | "UNKNOWN" | "XML" => Value::from(text(bytes)?),
        "JSON" => serde_json::from_slice(bytes).ok()?,
        "JSONB" => serde_json::from_slice(bytes.get(1..)?).ok()?,
        "UUID" => Value::from(numeric::uuid(bytes)?),
        "DATE" => Value::from(numeric::date(bytes)?),
        "TIMESTAMP" => Value::from(numeric::timestamp(bytes)?),
        "TIMESTAMPTZ" => Value::from(numeric::timestamptz(bytes)?),
        "TIME" => Value::from(numeric::time(bytes)?),
        "INTERVAL" => Value::from(numeric::interval(bytes)?),
        "BYTEA" => Value::from(String::from_utf8_lossy(bytes).into_owned()),
        "VOID" => Value::Null,
        array => return list(array.strip_suffix("[]")?, bytes),
    })
}

/// A list of one dimension: its header, then each item's length and bytes.
fn list(kind: &str, bytes: &[u8]) -> Option<Value> {
    let int = |at: usize| Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match int(0)? {
        0 => return Some(Value::Array(Vec::new())),
        1 => {}
        _ => return None,
    }
    let count = usize::try_from(int(12)?).ok()?;
    let mut at = 20;
    let mut items = Vec::new();
    for _ in 0..count {
        let length = int(at)?;
        at += 4;
        if length < 0 {
            items.push(Value::Null);
            continue;
        }
        let end = at + usize::try_from(length).ok()?;
        items.push(scalar(kind, bytes.get(at..end)?)?);
        at = end;
    }
    Some(Value::Array(items))
}
