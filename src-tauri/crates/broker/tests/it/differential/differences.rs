//! Where Pumphouse answers otherwise on purpose, each with its reason.

use super::batch::Harm;
use super::flow::Flow;
use super::steps::{Ask, Step};

/// Why this fault is none, if there is a reason.
pub(super) fn reason(step: &Step, fault: &str) -> Option<&'static str> {
    let (path, _) = fault.split_once(": ")?;
    match &step.ask {
        // Kafka sets it for the whole cluster since eligible leader replicas (KIP-966), which need several brokers.
        Ask::CreateTopic { .. } if path.ends_with("\"min.insync.replicas\"].config_source") => {
            Some("one broker has no eligible leader replicas")
        }
        Ask::DescribeConfigs { .. } if path.contains("\"min.insync.replicas\"]") => {
            Some("one broker has no eligible leader replicas")
        }
        Ask::DescribeTransactions { .. } if path.contains("\"__consumer_offsets\"].partitions") => {
            Some("offsets lie in one partition, not in fifty")
        }
        // An operation that does not exist makes Kafka fail inside (UNKNOWN_SERVER_ERROR).
        Ask::IncrementalAlterConfigs { changes, .. }
            if changes.iter().any(|(_, operation, _)| *operation > 3) =>
        {
            Some("an operation that does not exist is an invalid request")
        }
        // Kafka fails inside (UNKNOWN_SERVER_ERROR) where a record should begin and no number is.
        Ask::Produce { batch, .. }
            if matches!(batch.harm, Harm::Garbage | Harm::HalfGarbage)
                && path.ends_with(".error_code")
                && fault.ends_with(": 87 ≠ -1") =>
        {
            Some("a record without a length is an invalid one")
        }
        // What Kafka found out about topics at a heartbeat it shows once something else is written to where the group's
        // records lie, be it of another group.
        Ask::Flow(Flow::Describe { .. } | Flow::Settle { .. })
            if path.contains(".topology.subtopologies[")
                && path.ends_with(".partitions")
                && fault.ends_with(" ≠ 0") =>
        {
            Some("topics that are known are shown")
        }
        // What a request of version 0 cannot say Kafka takes for an empty expression.
        Ask::Club(_) if path.ends_with("subscribed_topic_regex") && fault.ends_with("None ≠ \"\"") => {
            Some("no expression is none")
        }
        _ => None,
    }
}
