//! Topics created, widened and deleted; the cluster's nodes.

use std::ffi::c_char;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t::*;

use super::{Reply, c_string, null, pointers, run, text};
use crate::client::Shared;
use crate::error::{ClusterError, Result};

/// A broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: i32,
    pub host: String,
    pub port: u16,
    pub rack: Option<String>,
}

/// The cluster's brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterDescription {
    pub cluster_id: Option<String>,
    pub controller: Option<i32>,
    pub nodes: Vec<Node>,
}

/// A topic to be created; −1 leaves a number to the broker.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewTopic<'a> {
    pub(crate) name: &'a str,
    pub(crate) partitions: i32,
    pub(crate) replication_factor: i32,
    pub(crate) configs: &'a [(String, String)],
}

/// Copies a node; none for a null pointer.
///
/// # Safety
/// `node` is null or live.
pub(super) unsafe fn node(node: *const sys::rd_kafka_Node_t) -> Option<Node> {
    if node.is_null() {
        return None;
    }
    // SAFETY: live by the caller's promise; all parts are copied.
    unsafe {
        Some(Node {
            id: sys::rd_kafka_Node_id(node),
            host: text(sys::rd_kafka_Node_host(node)).unwrap_or_default(),
            port: sys::rd_kafka_Node_port(node),
            rack: text(sys::rd_kafka_Node_rack(node)).filter(|rack| !rack.is_empty()),
        })
    }
}

pub(crate) fn describe_cluster(client: &Shared, limit: Duration) -> Result<ClusterDescription> {
    let mut found = None;
    run(
        client,
        "describe cluster",
        RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER,
        limit,
        1,
        // SAFETY: the call's pointers are alive.
        |call| unsafe { sys::rd_kafka_DescribeCluster(call.native, call.options, call.queue) },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_DescribeCluster_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let nodes = sys::rd_kafka_DescribeCluster_result_nodes(result, &mut count);
                let controller = node(sys::rd_kafka_DescribeCluster_result_controller(result));
                found = Some(ClusterDescription {
                    cluster_id: text(sys::rd_kafka_DescribeCluster_result_cluster_id(result)),
                    controller: controller.map(|node| node.id).filter(|id| *id >= 0),
                    nodes: pointers(nodes, count).iter().filter_map(|one| node(*one)).collect(),
                });
            }
            Ok(())
        },
    )?;
    found.ok_or_else(null)
}

pub(crate) fn create_topic(
    client: &Shared,
    topic: &NewTopic<'_>,
    validate_only: bool,
    limit: Duration,
) -> Result<()> {
    let what = format!("topic '{}'", topic.name);
    let name = c_string("the topic's name", topic.name)?;
    let configs = topic
        .configs
        .iter()
        .map(|(name, value)| Ok((c_string("a config's name", name)?, c_string("a config's value", value)?)))
        .collect::<Result<Vec<_>>>()?;
    let mut reason = [0 as c_char; 512];
    // SAFETY: the name is copied; librdkafka writes at most `reason.len()` bytes, NUL included.
    let request = unsafe {
        sys::rd_kafka_NewTopic_new(
            name.as_ptr(),
            topic.partitions,
            topic.replication_factor,
            reason.as_mut_ptr(),
            reason.len(),
        )
    };
    if request.is_null() {
        // SAFETY: NUL-terminated by librdkafka, or still all zeros.
        let reason = unsafe { text(reason.as_ptr()) }.unwrap_or_default();
        return Err(ClusterError::Invalid(format!("{what}: {reason}")));
    }
    for (name, value) in &configs {
        // SAFETY: the request is alive, and both strings are copied.
        unsafe { sys::rd_kafka_NewTopic_set_config(request, name.as_ptr(), value.as_ptr()) };
    }
    let outcome = run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_CREATETOPICS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            let mut text = [0 as c_char; 128];
            sys::rd_kafka_AdminOptions_set_validate_only(
                call.options.cast_mut(),
                validate_only.into(),
                text.as_mut_ptr(),
                text.len(),
            );
            sys::rd_kafka_CreateTopics(call.native, [request].as_mut_ptr(), 1, call.options, call.queue);
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_CreateTopics_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let results = sys::rd_kafka_CreateTopics_result_topics(result, &mut count);
                topic_results(&what, pointers(results, count))
            }
        },
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_NewTopic_destroy(request) };
    outcome
}

pub(crate) fn delete_topic(client: &Shared, topic: &str, limit: Duration) -> Result<()> {
    let what = format!("topic '{topic}'");
    let name = c_string("the topic's name", topic)?;
    // SAFETY: the name is copied.
    let request = unsafe { sys::rd_kafka_DeleteTopic_new(name.as_ptr()) };
    if request.is_null() {
        return Err(null());
    }
    let outcome = run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_DELETETOPICS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            sys::rd_kafka_DeleteTopics(call.native, [request].as_mut_ptr(), 1, call.options, call.queue);
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_DeleteTopics_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let results = sys::rd_kafka_DeleteTopics_result_topics(result, &mut count);
                topic_results(&what, pointers(results, count))
            }
        },
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_DeleteTopic_destroy(request) };
    outcome
}

/// `total` is the new number of partitions.
pub(crate) fn add_partitions(client: &Shared, topic: &str, total: usize, limit: Duration) -> Result<()> {
    let what = format!("topic '{topic}'");
    let name = c_string("the topic's name", topic)?;
    let mut reason = [0 as c_char; 512];
    // SAFETY: the name is copied; librdkafka writes at most `reason.len()` bytes, NUL included.
    let request =
        unsafe { sys::rd_kafka_NewPartitions_new(name.as_ptr(), total, reason.as_mut_ptr(), reason.len()) };
    if request.is_null() {
        // SAFETY: NUL-terminated by librdkafka, or still all zeros.
        let reason = unsafe { text(reason.as_ptr()) }.unwrap_or_default();
        return Err(ClusterError::Invalid(format!("{what}: {reason}")));
    }
    let read = |reply: &Reply| {
        // SAFETY: the reply is alive while its parts are copied.
        unsafe {
            let result = sys::rd_kafka_event_CreatePartitions_result(reply.ptr());
            if result.is_null() {
                return Err(null());
            }
            let mut count = 0;
            let results = sys::rd_kafka_CreatePartitions_result_topics(result, &mut count);
            topic_results(&what, pointers(results, count))
        }
    };
    let outcome = run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            sys::rd_kafka_CreatePartitions(call.native, [request].as_mut_ptr(), 1, call.options, call.queue);
        },
        read,
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_NewPartitions_destroy(request) };
    outcome
}

/// # Safety
/// The results are live.
unsafe fn topic_results(what: &str, results: &[*const sys::rd_kafka_topic_result_t]) -> Result<()> {
    for result in results {
        // SAFETY: live by the caller's promise.
        let (code, text) = unsafe {
            (
                Code::from(sys::rd_kafka_topic_result_error(*result)),
                text(sys::rd_kafka_topic_result_error_string(*result)),
            )
        };
        if code != Code::NoError {
            return Err(ClusterError::from_code(what, code, text));
        }
    }
    Ok(())
}
