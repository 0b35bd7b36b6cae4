//! Consumer groups: list, describe, delete.

use std::ffi::CString;
use std::time::Duration;

use rdkafka_sys as sys;
use sys::rd_kafka_admin_op_t::*;
use sys::rd_kafka_consumer_group_state_t as NativeState;
use sys::rd_kafka_consumer_group_type_t as NativeKind;

use super::list::elements;
use super::topics::{Node, node};
use super::{TopicPartition, c_string, error_of, null, pointers, run, text};
use crate::client::Shared;
use crate::error::{ClusterError, Result};

/// Kafka's group states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupState {
    Unknown,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
    Empty,
}

impl GroupState {
    /// Kafka's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
            Self::Empty => "Empty",
        }
    }

    fn from_native(state: NativeState) -> Self {
        match state {
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE => Self::PreparingRebalance,
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE => Self::CompletingRebalance,
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_STABLE => Self::Stable,
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_DEAD => Self::Dead,
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY => Self::Empty,
            NativeState::RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN
            | NativeState::RD_KAFKA_CONSUMER_GROUP_STATE__CNT => Self::Unknown,
        }
    }
}

/// The protocol of a group's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKind {
    /// The broker does not tell.
    Unknown,
    Classic,
    Consumer,
}

impl GroupKind {
    /// Kafka's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Classic => "Classic",
            Self::Consumer => "Consumer",
        }
    }

    fn from_native(kind: NativeKind) -> Self {
        match kind {
            NativeKind::RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC => Self::Classic,
            NativeKind::RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER => Self::Consumer,
            NativeKind::RD_KAFKA_CONSUMER_GROUP_TYPE_UNKNOWN
            | NativeKind::RD_KAFKA_CONSUMER_GROUP_TYPE__CNT => Self::Unknown,
        }
    }
}

/// A group as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupListing {
    pub group: String,
    pub state: GroupState,
    pub kind: GroupKind,
    /// Commits offsets without ever having had members.
    pub simple: bool,
}

/// A group as described by its coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDescription {
    pub group: String,
    pub state: GroupState,
    pub simple: bool,
    /// The assignor in use, e.g. `range`.
    pub assignor: String,
    pub coordinator: Option<Node>,
    pub members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub member_id: String,
    pub client_id: String,
    pub host: String,
    pub group_instance_id: Option<String>,
    pub assignment: Vec<TopicPartition>,
}

pub(crate) fn list_groups(client: &Shared, limit: Duration) -> Result<Vec<GroupListing>> {
    let mut found = Vec::new();
    let mut failed = None;
    run(
        client,
        "list groups",
        RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
        limit,
        1,
        // SAFETY: the call's pointers are alive.
        |call| unsafe { sys::rd_kafka_ListConsumerGroups(call.native, call.options, call.queue) },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_ListConsumerGroups_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let valid = sys::rd_kafka_ListConsumerGroups_result_valid(result, &mut count);
                for listing in pointers(valid, count) {
                    found.push(GroupListing {
                        group: text(sys::rd_kafka_ConsumerGroupListing_group_id(*listing))
                            .unwrap_or_default(),
                        state: GroupState::from_native(sys::rd_kafka_ConsumerGroupListing_state(*listing)),
                        kind: GroupKind::from_native(sys::rd_kafka_ConsumerGroupListing_type(*listing)),
                        simple: sys::rd_kafka_ConsumerGroupListing_is_simple_consumer_group(*listing) != 0,
                    });
                }
                let errors = sys::rd_kafka_ListConsumerGroups_result_errors(result, &mut count);
                failed = pointers(errors, count).iter().find_map(|error| error_of(*error));
            }
            Ok(())
        },
    )?;
    match failed {
        // Some brokers answered: what they know is worth showing.
        Some((code, text)) if found.is_empty() => Err(ClusterError::from_code("list groups", code, text)),
        _ => Ok(found),
    }
}

/// Groups whose coordinator fails to answer are left out.
pub(crate) fn describe_groups(
    client: &Shared,
    groups: &[String],
    limit: Duration,
) -> Result<Vec<GroupDescription>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<CString> =
        groups.iter().map(|group| c_string("the group's name", group)).collect::<Result<_>>()?;
    let mut pointers_to_names: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
    let mut found = Vec::with_capacity(groups.len());
    let mut failed = None;
    run(
        client,
        "describe groups",
        RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
        limit,
        1,
        // SAFETY: the names and the call's pointers are alive; librdkafka copies the names.
        |call| unsafe {
            sys::rd_kafka_DescribeConsumerGroups(
                call.native,
                pointers_to_names.as_mut_ptr(),
                pointers_to_names.len(),
                call.options,
                call.queue,
            );
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_DescribeConsumerGroups_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let groups = sys::rd_kafka_DescribeConsumerGroups_result_groups(result, &mut count);
                for group in pointers(groups, count) {
                    match error_of(sys::rd_kafka_ConsumerGroupDescription_error(*group)) {
                        None => found.push(description(*group)),
                        Some(error) => failed = Some(error),
                    }
                }
            }
            Ok(())
        },
    )?;
    match failed {
        Some((code, text)) if found.is_empty() => {
            Err(ClusterError::from_code(format!("group '{}'", groups[0]), code, text))
        }
        _ => Ok(found),
    }
}

/// # Safety
/// `group` is live.
unsafe fn description(group: *const sys::rd_kafka_ConsumerGroupDescription_t) -> GroupDescription {
    // SAFETY: live by the caller's promise; all parts are copied.
    unsafe {
        let members = (0..sys::rd_kafka_ConsumerGroupDescription_member_count(group))
            .map(|index| member(sys::rd_kafka_ConsumerGroupDescription_member(group, index)))
            .collect();
        let coordinator = sys::rd_kafka_ConsumerGroupDescription_coordinator(group);
        GroupDescription {
            group: text(sys::rd_kafka_ConsumerGroupDescription_group_id(group)).unwrap_or_default(),
            state: GroupState::from_native(sys::rd_kafka_ConsumerGroupDescription_state(group)),
            simple: sys::rd_kafka_ConsumerGroupDescription_is_simple_consumer_group(group) != 0,
            assignor: text(sys::rd_kafka_ConsumerGroupDescription_partition_assignor(group))
                .unwrap_or_default(),
            coordinator: node(coordinator),
            members,
        }
    }
}

/// # Safety
/// `member` is live.
unsafe fn member(member: *const sys::rd_kafka_MemberDescription_t) -> Member {
    // SAFETY: live by the caller's promise; all parts are copied.
    unsafe {
        let assignment = sys::rd_kafka_MemberDescription_assignment(member);
        let assigned = if assignment.is_null() {
            Vec::new()
        } else {
            elements(sys::rd_kafka_MemberAssignment_partitions(assignment))
        };
        Member {
            member_id: text(sys::rd_kafka_MemberDescription_consumer_id(member)).unwrap_or_default(),
            client_id: text(sys::rd_kafka_MemberDescription_client_id(member)).unwrap_or_default(),
            host: text(sys::rd_kafka_MemberDescription_host(member)).unwrap_or_default(),
            group_instance_id: text(sys::rd_kafka_MemberDescription_group_instance_id(member))
                .filter(|id| !id.is_empty()),
            assignment: assigned.into_iter().map(|item| item.at).collect(),
        }
    }
}

pub(crate) fn delete_groups(client: &Shared, group: &str, limit: Duration) -> Result<()> {
    let what = format!("group '{group}'");
    let name = c_string("the group's name", group)?;
    // SAFETY: the name is copied.
    let request = unsafe { sys::rd_kafka_DeleteGroup_new(name.as_ptr()) };
    if request.is_null() {
        return Err(null());
    }
    let outcome = run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_DELETEGROUPS,
        limit,
        1,
        // SAFETY: the request and the call's pointers are alive; librdkafka copies the request.
        |call| unsafe {
            sys::rd_kafka_DeleteGroups(call.native, [request].as_mut_ptr(), 1, call.options, call.queue);
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_DeleteGroups_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let groups = sys::rd_kafka_DeleteGroups_result_groups(result, &mut count);
                for group in pointers(groups, count) {
                    if let Some((code, text)) = error_of(sys::rd_kafka_group_result_error(*group)) {
                        return Err(ClusterError::from_code(&what, code, text));
                    }
                }
            }
            Ok(())
        },
    );
    // SAFETY: made above, destroyed once, after the operation was enqueued with its own copy.
    unsafe { sys::rd_kafka_DeleteGroup_destroy(request) };
    outcome
}
