//! The keys of a subscription to clients' own metrics (KIP-714).

use crate::configs::Definition;
use crate::configs::table::keys;

/// The keys of a subscription to clients' own metrics.
pub const CLIENT_METRICS_KEYS: &[Definition] = keys! {
    "interval.ms" Int["300000"] Any, Own,
        "How often clients push, in milliseconds.";

    "match" List[""] Any, Own,
        "Which clients: selectors like client_id=app-.*, all of which must fit.";

    "metrics" List[""] Any, Own,
        "Prefixes of the metrics' names; * is every metric.";
};
