//! DescribeGroups, ListGroups, DeleteGroups.

use wire::ErrorCode;
use wire::messages::delete_groups::{DeletableGroupResult, DeleteGroupsRequest, DeleteGroupsResponse};
use wire::messages::describe_groups::{
    DescribeGroupsRequest, DescribeGroupsResponse, DescribedGroup, DescribedGroupMember,
};
use wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};

use super::GROUP_OPERATIONS;
use crate::Broker;
use crate::coordinator::Membership;
use crate::groups::classic::State;
use crate::share;

pub(super) fn describe_groups(
    broker: &Broker,
    version: i16,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let operations = if request.include_authorized_operations { GROUP_OPERATIONS } else { i32::MIN };
    let groups = request
        .groups
        .into_iter()
        .map(|id| described(broker, version, id))
        .map(|group| match group.error_code {
            0 => DescribedGroup { authorized_operations: operations, ..group },
            _ => group,
        })
        .collect();
    DescribeGroupsResponse { groups, ..Default::default() }
}

/// Why there is no group of this kind: there is none at all, or one of another kind has the name.
pub(super) fn absent(broker: &Broker, group_id: &str, kind: &str) -> String {
    if broker.coordinator().get(group_id).is_some() || broker.shares().group(group_id).is_some() {
        format!("Group {group_id} is not a {kind} group.")
    } else {
        format!("Group {group_id} not found.")
    }
}

fn described(broker: &Broker, version: i16, group_id: String) -> DescribedGroup {
    // Older clients take an unknown group for a dead one.
    let unknown = |group_id: String, message: String| DescribedGroup {
        error_code: if version >= 6 { ErrorCode::GroupIdNotFound } else { ErrorCode::None }.into(),
        error_message: (version >= 6).then_some(message),
        group_id,
        group_state: State::Dead.name().to_owned(),
        ..Default::default()
    };
    let Some(cell) = broker.coordinator().get(&group_id) else {
        let message = absent(broker, &group_id, "classic");
        return unknown(group_id, message);
    };
    let cell = cell.lock();
    let Membership::Classic(group) = &cell.membership else {
        let message = format!("Group {group_id} is not a classic group.");
        return unknown(group_id, message);
    };
    // Protocols are settled only when everyone has joined.
    let protocol = match group.state() {
        State::Stable => group.protocol().unwrap_or_default(),
        _ => "",
    };
    let members = group.members().map(|member| DescribedGroupMember {
        member_id: member.id.clone(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        member_metadata: member.metadata(protocol),
        member_assignment: member.assignment.clone(),
    });
    DescribedGroup {
        group_state: group.state().name().to_owned(),
        protocol_type: group.protocol_type().unwrap_or_default().to_owned(),
        protocol_data: protocol.to_owned(),
        members: members.collect(),
        group_id,
        ..Default::default()
    }
}

pub(super) fn list_groups(broker: &Broker, request: ListGroupsRequest) -> ListGroupsResponse {
    let among = |filter: &[String], word: &str| {
        filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(word))
    };
    let mut groups: Vec<ListedGroup> = broker
        .coordinator()
        .all()
        .iter()
        .filter_map(|cell| {
            let cell = cell.lock();
            let group = &cell.membership;
            let wanted = !group.is_dead()
                && among(&request.states_filter, group.state_name())
                && among(&request.types_filter, group.kind());
            wanted.then(|| ListedGroup {
                group_id: cell.id.clone(),
                protocol_type: group.protocol_type().to_owned(),
                group_state: group.state_name().to_owned(),
                group_type: group.kind().to_owned(),
            })
        })
        .collect();
    if among(&request.types_filter, share::GROUP_TYPE) {
        groups.extend(broker.shares().groups().into_iter().filter_map(|(group_id, group)| {
            let state = group.lock().state();
            among(&request.states_filter, state).then(|| ListedGroup {
                group_id,
                protocol_type: share::GROUP_TYPE.to_owned(),
                group_state: state.to_owned(),
                group_type: share::GROUP_TYPE.to_owned(),
            })
        }));
    }
    ListGroupsResponse { groups, ..Default::default() }
}

pub(super) fn delete_groups(broker: &Broker, request: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let results = request
        .groups_names
        .into_iter()
        .map(|group_id| {
            let error = broker.delete_share_group(&group_id).unwrap_or_else(|| {
                let pending = broker.pending_offsets();
                let error = broker.coordinator().delete(broker, &group_id, pending.of_group(&group_id));
                if error == ErrorCode::None {
                    pending.forget_group(&group_id);
                }
                error
            });
            DeletableGroupResult { group_id, error_code: error.into() }
        })
        .collect();
    DeleteGroupsResponse { results, ..Default::default() }
}
