//! What the real Airflow answered, case by case.

mod cron;
mod export;
mod schedule;
mod trigger_rules;
mod yaml;

/// A file of `tests/data`, parsed.
fn oracle(name: &str) -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
