//! JSON with the keys of every object in order.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// The same value with every object's keys in order.
pub(crate) fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(values) => values.iter().map(sorted).collect(),
        Json::Object(entries) => {
            let entries: BTreeMap<&String, &Json> = entries.iter().collect();
            Json::Object(entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        _ => json.clone(),
    }
}
