//! The keys of a subscription to clients' own metrics (KIP-714).

use super::{Check, Definition, Kind};

const fn key(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Definition {
    Definition { name, kind, default, check: Check::Any, synonym: None, dynamic: true, doc }
}

/// The keys of a subscription to clients' own metrics.
pub const CLIENT_METRICS_KEYS: &[Definition] = &[
    key("interval.ms", Kind::Int, "300000", "How often clients push, in milliseconds."),
    key("match", Kind::List, "", "Which clients: selectors like client_id=app-.*, all of which must fit."),
    key("metrics", Kind::List, "", "Prefixes of the metrics' names; * is every metric."),
];
