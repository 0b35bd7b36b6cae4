//! Clients' own metrics (KIP-714): who is asked for which, how often, and whether what is pushed was asked for.
//! Payloads are counted and dropped. Time is an argument.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use parking_lot::Mutex;
use regex_lite::Regex;
use wire::{ErrorCode, Uuid};

use crate::configs::{CLIENT_METRICS_KEYS, ConfigError, list};

/// How often clients push that no subscription is for, in milliseconds.
const INTERVAL_MS: i32 = 300_000;

/// Clients remembered at a time.
const CLIENTS_MAX: usize = 16_384;

/// What a subscription may say of clients.
const MATCH_KEYS: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// The compressions a payload may have: gzip, snappy, lz4, zstd, none.
const COMPRESSIONS: [i8; 5] = [4, 3, 1, 2, 0];

/// Why a subscription was refused, in Kafka's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SubscriptionError {
    #[error(transparent)]
    Value(ConfigError),
    #[error("Invalid value {0} for interval.ms, interval must be between 100 and 3600000 (1 hour)")]
    Interval(String),
    #[error("Unknown client metrics configuration: {0}")]
    Unknown(String),
}

/// Named subscriptions and what each says.
pub(crate) type Subscriptions = BTreeMap<String, BTreeMap<String, String>>;

/// What is known of a client: a value for each of the match keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTraits(pub(crate) BTreeMap<&'static str, String>);

/// What a client is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) subscription_id: i32,
    pub(crate) interval_ms: i32,
    /// Prefixes of names; one empty one is everything.
    pub(crate) metrics: Vec<String>,
}

/// Clients and what they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    clients: Mutex<HashMap<Uuid, Client>>,
}

#[derive(Debug, Clone)]
struct Client {
    asked: Asked,
    asked_at_ms: Option<i64>,
    pushed_at_ms: Option<i64>,
    terminating: bool,
    bytes: u64,
}

/// A subscription's values, refused where they make no sense. The error is for the client.
pub(crate) fn check(values: &BTreeMap<String, String>) -> Result<(), SubscriptionError> {
    for (name, value) in values {
        match name.as_str() {
            "metrics" => {}
            "interval.ms" => {
                let key = CLIENT_METRICS_KEYS.iter().find(|key| key.name == name);
                key.map_or(Ok(()), |key| key.check(value)).map_err(SubscriptionError::Value)?;
                let interval: Option<i32> = value.trim().parse().ok();
                if !interval.is_some_and(|ms| (100..=3_600_000).contains(&ms)) {
                    return Err(SubscriptionError::Interval(value.clone()));
                }
            }
            "match" => drop(
                patterns(value).map_err(|problem| SubscriptionError::Value(ConfigError::Rule(problem)))?,
            ),
            other => return Err(SubscriptionError::Unknown(other.to_owned())),
        }
    }
    Ok(())
}

fn patterns(text: &str) -> Result<Vec<(&'static str, Regex)>, String> {
    list(text)
        .map(|entry| {
            let (key, pattern) =
                entry.split_once('=').ok_or_else(|| format!("Illegal client matching pattern: {entry}"))?;
            let key = MATCH_KEYS
                .into_iter()
                .find(|known| *known == key.trim())
                .ok_or_else(|| format!("Illegal client matching pattern: {entry}"))?;
            let pattern = Regex::new(&format!("^(?:{})$", pattern.trim()))
                .map_err(|_| format!("Illegal client matching pattern: {entry}"))?;
            Ok((key, pattern))
        })
        .collect()
}

fn asked(subscriptions: &Subscriptions, client: &ClientTraits) -> Asked {
    let mut hasher = DefaultHasher::new();
    let (mut metrics, mut interval_ms) = (Vec::new(), INTERVAL_MS);
    for (name, values) in subscriptions {
        let text = |key: &str| values.get(key).map_or("", String::as_str);
        let fits = patterns(text("match")).is_ok_and(|patterns| {
            patterns.iter().all(|(key, pattern)| client.0.get(key).is_some_and(|has| pattern.is_match(has)))
        });
        if !fits {
            continue;
        }
        (name, values).hash(&mut hasher);
        metrics.extend(list(text("metrics")).map(str::to_owned));
        interval_ms = interval_ms.min(text("interval.ms").trim().parse().unwrap_or(INTERVAL_MS));
    }
    // "*" is everything, which the protocol says by an empty prefix.
    if metrics.iter().any(|metric| metric == "*") {
        metrics = vec![String::new()];
    }
    metrics.sort();
    metrics.dedup();
    Asked { subscription_id: hasher.finish() as i32, interval_ms, metrics }
}

impl Telemetry {
    /// What a client is to push.
    pub(crate) fn subscribe(
        &self,
        id: Uuid,
        subscriptions: &Subscriptions,
        traits: &ClientTraits,
        now_ms: i64,
    ) -> Result<Asked, ErrorCode> {
        let mut clients = self.clients.lock();
        let asked = asked(subscriptions, traits);
        if let Some(known) = clients.get(&id) {
            // Asking again is for whom something changed, or whose time has come.
            let early =
                known.asked_at_ms.is_some_and(|then| now_ms - then < i64::from(known.asked.interval_ms));
            if early && known.asked.subscription_id == asked.subscription_id && known.pushed_at_ms.is_none() {
                return Err(ErrorCode::ThrottlingQuotaExceeded);
            }
        } else if clients.len() >= CLIENTS_MAX {
            forget_one(&mut clients);
        }
        let (pushed_at_ms, bytes) =
            clients.get(&id).map_or((None, 0), |known| (known.pushed_at_ms, known.bytes));
        let client = Client {
            asked: asked.clone(),
            asked_at_ms: Some(now_ms),
            pushed_at_ms,
            terminating: false,
            bytes,
        };
        clients.insert(id, client);
        Ok(asked)
    }

    /// Takes a payload of so many bytes.
    pub(crate) fn push(
        &self,
        id: Uuid,
        (subscription_id, compression, terminating): (i32, i8, bool),
        (bytes, bytes_max): (usize, usize),
        now_ms: i64,
    ) -> Result<(), ErrorCode> {
        let mut clients = self.clients.lock();
        let known = clients.get_mut(&id).ok_or(ErrorCode::UnknownSubscriptionId)?;
        if known.terminating {
            return Err(ErrorCode::InvalidRequest);
        }
        if known.asked.subscription_id != subscription_id {
            return Err(ErrorCode::UnknownSubscriptionId);
        }
        if !COMPRESSIONS.contains(&compression) {
            return Err(ErrorCode::UnsupportedCompressionType);
        }
        if bytes > bytes_max {
            return Err(ErrorCode::TelemetryTooLarge);
        }
        // The last push of a client that goes is taken at once.
        let early = known.pushed_at_ms.is_some_and(|then| now_ms - then < i64::from(known.asked.interval_ms));
        if early && !terminating {
            return Err(ErrorCode::ThrottlingQuotaExceeded);
        }
        known.pushed_at_ms = Some(now_ms);
        known.terminating = terminating;
        known.bytes += bytes as u64;
        Ok(())
    }
}

/// Makes room: whoever was quiet for longest is asked anew.
fn forget_one(clients: &mut HashMap<Uuid, Client>) {
    let oldest = clients
        .iter()
        .min_by_key(|(_, client)| client.pushed_at_ms.max(client.asked_at_ms))
        .map(|(id, _)| *id);
    if let Some(oldest) = oldest {
        clients.remove(&oldest);
    }
}

pub(crate) fn compressions() -> Vec<i8> {
    COMPRESSIONS.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscriptions(values: &[(&str, &str)]) -> Subscriptions {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        [("one".to_owned(), values.collect())].into()
    }

    fn traits(client_id: &str) -> ClientTraits {
        ClientTraits([("client_id", client_id.to_owned())].into())
    }

    #[test]
    fn clients_are_asked_by_what_they_are() {
        let wanted =
            subscriptions(&[("metrics", "a.,b."), ("interval.ms", "1000"), ("match", "client_id=app-.*")]);
        let fitting = asked(&wanted, &traits("app-1"));
        assert_eq!((fitting.metrics, fitting.interval_ms), (vec!["a.".to_owned(), "b.".to_owned()], 1000));
        let other = asked(&wanted, &traits("tool"));
        assert_eq!((other.metrics.len(), other.interval_ms), (0, INTERVAL_MS));
        assert_eq!(asked(&subscriptions(&[("metrics", "*")]), &traits("x")).metrics, [""]);
    }

    #[test]
    fn a_payload_is_taken_when_it_was_asked_for() {
        let telemetry = Telemetry::default();
        let (id, wanted) = (Uuid([1; 16]), subscriptions(&[("metrics", "*"), ("interval.ms", "1000")]));
        let push = |subscription: i32, compression: i8, last: bool, bytes: usize, now: i64| {
            telemetry.push(id, (subscription, compression, last), (bytes, 100), now)
        };
        assert_eq!(push(1, 0, false, 10, 0), Err(ErrorCode::UnknownSubscriptionId));
        let asked = telemetry.subscribe(id, &wanted, &traits("x"), 0).unwrap().subscription_id;
        assert_eq!(
            telemetry.subscribe(id, &wanted, &traits("x"), 1),
            Err(ErrorCode::ThrottlingQuotaExceeded)
        );
        assert_eq!(push(asked.wrapping_add(1), 0, false, 10, 0), Err(ErrorCode::UnknownSubscriptionId));
        assert_eq!(push(asked, 9, false, 10, 0), Err(ErrorCode::UnsupportedCompressionType));
        assert_eq!(push(asked, 4, false, 101, 0), Err(ErrorCode::TelemetryTooLarge));
        assert_eq!(push(asked, 4, false, 100, 0), Ok(()));
        assert_eq!(push(asked, 4, false, 100, 999), Err(ErrorCode::ThrottlingQuotaExceeded));
        assert_eq!(push(asked, 4, false, 100, 1000), Ok(()));
        assert_eq!(push(asked, 4, true, 1, 1001), Ok(()));
        assert_eq!(push(asked, 4, false, 1, 9000), Err(ErrorCode::InvalidRequest));
    }

    #[test]
    fn subscriptions_that_make_no_sense_are_refused() {
        let values = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        assert_eq!(check(&values("match", "client_id=x,client_software_name=lib.*")), Ok(()));
        for (name, value) in
            [("match", "planet=mars"), ("match", "client_id=("), ("interval.ms", "9"), ("x", "")]
        {
            assert!(check(&values(name, value)).is_err(), "{name}={value}");
        }
    }

    #[test]
    fn clients_do_not_fill_memory() {
        let telemetry = Telemetry::default();
        for number in 0..CLIENTS_MAX as u128 + 10 {
            let id = Uuid(number.to_be_bytes());
            telemetry.subscribe(id, &Subscriptions::new(), &traits("x"), number as i64).unwrap();
        }
        assert_eq!(telemetry.clients.lock().len(), CLIENTS_MAX);
    }
}
