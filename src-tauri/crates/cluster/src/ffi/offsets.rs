//! ListOffsets, a group's committed offsets, DeleteRecords.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t::*;

use super::list::{List, elements};
use super::{TopicPartition, c_string, list, null, pointers, run, text};
use crate::client::Shared;
use crate::error::{ClusterError, Result};

/// Which offset of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffsetSpec {
    Earliest,
    Latest,
    /// The first record at or after this time.
    AtMs(i64),
}

/// An answer for one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOffset {
    pub at: TopicPartition,
    /// None: no record at or after the time asked for.
    pub offset: Option<i64>,
    pub timestamp_ms: Option<i64>,
}

/// One ListOffsets per leader, however many partitions; partitions that fail are left out.
pub(crate) fn list_offsets(
    client: &Shared,
    wanted: &[(TopicPartition, OffsetSpec)],
    limit: Duration,
) -> Result<Vec<ListedOffset>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let list = List::new(wanted.iter().map(|(at, spec)| {
        let offset = match spec {
            OffsetSpec::Earliest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_EARLIEST as i64,
            OffsetSpec::Latest => sys::rd_kafka_OffsetSpec_t::RD_KAFKA_OFFSET_SPEC_LATEST as i64,
            OffsetSpec::AtMs(at_ms) => (*at_ms).max(0),
        };
        (at, offset)
    }))?;
    let mut found = Vec::with_capacity(wanted.len());
    let mut last_error = None;
    run(
        client,
        "list offsets",
        RD_KAFKA_ADMIN_OP_LISTOFFSETS,
        limit,
        1,
        // SAFETY: the call's pointers are alive, and librdkafka copies the list.
        |call| unsafe { sys::rd_kafka_ListOffsets(call.native, list.ptr(), call.options, call.queue) },
        |reply| {
            let mut count = 0;
            // SAFETY: the reply is alive while its parts are copied; the count is librdkafka's.
            unsafe {
                let result = sys::rd_kafka_event_ListOffsets_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let infos = sys::rd_kafka_ListOffsets_result_infos(result, &mut count);
                for info in pointers(infos, count) {
                    let item = list::element(&*sys::rd_kafka_ListOffsetsResultInfo_topic_partition(*info));
                    let timestamp_ms = sys::rd_kafka_ListOffsetsResultInfo_timestamp(*info);
                    match item.error {
                        None => found.push(ListedOffset {
                            at: item.at,
                            offset: (item.offset >= 0).then_some(item.offset),
                            timestamp_ms: (timestamp_ms >= 0).then_some(timestamp_ms),
                        }),
                        Some(code) => last_error = Some((item.at, code)),
                    }
                }
            }
            Ok(())
        },
    )?;
    match last_error {
        Some((at, code)) if found.is_empty() => {
            Err(ClusterError::from_code(format!("topic '{}'", at.topic), code, None))
        }
        _ => Ok(found),
    }
}

/// All committed offsets of each group, sent at once and collected as they come.
/// A group that fails is left out.
pub(crate) fn group_offsets(
    client: &Shared,
    groups: &[String],
    limit: Duration,
) -> Result<BTreeMap<String, Vec<(TopicPartition, i64)>>> {
    let requests: Vec<GroupRequest> =
        groups.iter().map(|group| GroupRequest::new(group)).collect::<Result<_>>()?;
    let mut found = BTreeMap::new();
    run(
        client,
        "committed offsets",
        RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
        limit,
        requests.len(),
        |call| {
            for request in &requests {
                let mut one = [request.0];
                // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
                unsafe {
                    sys::rd_kafka_ListConsumerGroupOffsets(
                        call.native,
                        one.as_mut_ptr(),
                        1,
                        call.options,
                        call.queue,
                    );
                }
            }
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_ListConsumerGroupOffsets_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count);
                for group in pointers(groups, count) {
                    if super::error_of(sys::rd_kafka_group_result_error(*group)).is_some() {
                        continue;
                    }
                    let name = text(sys::rd_kafka_group_result_name(*group)).unwrap_or_default();
                    let offsets = elements(sys::rd_kafka_group_result_partitions(*group))
                        .into_iter()
                        .filter(|item| item.error.is_none() && item.offset >= 0)
                        .map(|item| (item.at, item.offset))
                        .collect();
                    found.insert(name, offsets);
                }
            }
            Ok(())
        },
    )?;
    Ok(found)
}

struct GroupRequest(*mut sys::rd_kafka_ListConsumerGroupOffsets_t);

impl GroupRequest {
    fn new(group: &str) -> Result<Self> {
        let group = c_string("the group's name", group)?;
        // SAFETY: the name is copied; a null list asks for every partition.
        let request = unsafe { sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), std::ptr::null()) };
        if request.is_null() { Err(null()) } else { Ok(Self(request)) }
    }
}

impl Drop for GroupRequest {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_ListConsumerGroupOffsets_new`, destroyed once.
        unsafe { sys::rd_kafka_ListConsumerGroupOffsets_destroy(self.0) }
    }
}

/// Writes committed offsets of a group without members.
pub(crate) fn alter_group_offsets(
    client: &Shared,
    group: &str,
    offsets: &[(TopicPartition, i64)],
    limit: Duration,
) -> Result<()> {
    let what = format!("group '{group}'");
    let name = c_string("the group's name", group)?;
    let list = List::new(offsets.iter().map(|(at, offset)| (at, *offset)))?;
    // SAFETY: name and list are copied.
    let request = unsafe { sys::rd_kafka_AlterConsumerGroupOffsets_new(name.as_ptr(), list.ptr()) };
    if request.is_null() {
        return Err(null());
    }
    let outcome = run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            sys::rd_kafka_AlterConsumerGroupOffsets(
                call.native,
                [request].as_mut_ptr(),
                1,
                call.options,
                call.queue,
            );
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_AlterConsumerGroupOffsets_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let groups = sys::rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &mut count);
                for group in pointers(groups, count) {
                    if let Some((code, text)) = super::error_of(sys::rd_kafka_group_result_error(*group)) {
                        return Err(ClusterError::from_code(&what, code, text));
                    }
                    for item in elements(sys::rd_kafka_group_result_partitions(*group)) {
                        if let Some(code) = item.error {
                            let what = format!("{what}, {}-{}", item.at.topic, item.at.partition);
                            return Err(ClusterError::from_code(what, code, None));
                        }
                    }
                }
            }
            Ok(())
        },
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_AlterConsumerGroupOffsets_destroy(request) };
    outcome
}

/// Deletes all records before the offset given for each partition.
pub(crate) fn delete_records(
    client: &Shared,
    what: &str,
    before: &[(TopicPartition, i64)],
    limit: Duration,
) -> Result<()> {
    let list = List::new(before.iter().map(|(at, offset)| (at, *offset)))?;
    // SAFETY: the list is copied.
    let request = unsafe { sys::rd_kafka_DeleteRecords_new(list.ptr()) };
    if request.is_null() {
        return Err(null());
    }
    let outcome = run(
        client,
        what,
        RD_KAFKA_ADMIN_OP_DELETERECORDS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            sys::rd_kafka_DeleteRecords(call.native, [request].as_mut_ptr(), 1, call.options, call.queue);
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            let results = unsafe {
                let result = sys::rd_kafka_event_DeleteRecords_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                elements(sys::rd_kafka_DeleteRecords_result_offsets(result))
            };
            let failed = results.into_iter().find_map(|item| item.error.map(|code| (item.at, code)));
            match failed {
                None => Ok(()),
                Some((at, Code::PolicyViolation)) => Err(ClusterError::Refused {
                    what: what.to_owned(),
                    reason: format!(
                        "the cleanup policy of topic '{}' does not let records be deleted",
                        at.topic
                    ),
                }),
                Some((_, code)) => Err(ClusterError::from_code(what, code, None)),
            }
        },
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_DeleteRecords_destroy(request) };
    outcome
}
