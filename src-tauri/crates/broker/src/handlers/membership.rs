//! JoinGroup, SyncGroup, Heartbeat, LeaveGroup: requests of a group's members.

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;
use uuid::Uuid;
use wire::codec::Wire;
use wire::frame::FrameError;
use wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse, JoinGroupResponseMember};
use wire::messages::leave_group::{LeaveGroupRequest, LeaveGroupResponse, MemberResponse};
use wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};
use wire::{ErrorCode, RequestHeader};

use super::Reply;
use crate::Broker;
use crate::groups::classic::{Claim, Join, Joined, Protocol, Sync, Synced};
use crate::server::Peer;

pub(super) fn join_group(
    broker: &Broker,
    peer: &Peer,
    header: RequestHeader,
    frame: &[u8],
) -> Result<Reply, FrameError> {
    let request: JoinGroupRequest = header.read_body(frame)?;
    let version = header.version;
    let client_id = header.client_id.clone().unwrap_or_default();
    let stem = request.group_instance_id.as_ref().unwrap_or(&client_id);
    let session_timeout_ms = i64::from(request.session_timeout_ms);
    let join = Join {
        fresh_id: format!("{stem}-{}", Uuid::new_v4()),
        member_id: request.member_id,
        // Dynamic members have no id before version 4 that they would come back with.
        needs_known_id: version >= 4 && request.group_instance_id.is_none(),
        instance_id: request.group_instance_id,
        client_id,
        client_host: format!("/{}", peer.remote.ip().to_canonical()),
        protocol_type: request.protocol_type,
        protocols: request
            .protocols
            .into_iter()
            .map(|protocol| Protocol { name: protocol.name, metadata: protocol.metadata })
            .collect(),
        session_timeout_ms,
        // Version 0 has one timeout for both.
        rebalance_timeout_ms: match request.rebalance_timeout_ms {
            -1 => session_timeout_ms,
            given => i64::from(given),
        },
        knows_skip_assignment: version >= 9,
    };
    if broker.shares().group(&request.group_id).is_some() {
        // The name is a share group's.
        let refused = Joined::error(ErrorCode::InconsistentGroupProtocol, "");
        return Ok(Reply::Now(header.response(&joined(refused, version))));
    }
    let answer = broker.coordinator().join(broker, &request.group_id, join);
    Ok(now_or_later(
        header,
        answer,
        move |answer| joined(answer, version),
        || Joined::error(ErrorCode::CoordinatorNotAvailable, ""),
    ))
}

/// Answers from the state machine, if it has; otherwise when it does. `gone`: the group went first.
fn now_or_later<A: Send + 'static, R: Wire>(
    header: RequestHeader,
    mut receiver: oneshot::Receiver<A>,
    respond: impl FnOnce(A) -> R + Send + 'static,
    gone: impl FnOnce() -> A + Send + 'static,
) -> Reply {
    match receiver.try_recv() {
        Ok(answer) => Reply::Now(header.response(&respond(answer))),
        Err(TryRecvError::Closed) => Reply::Now(header.response(&respond(gone()))),
        Err(TryRecvError::Empty) => Reply::Later(Box::pin(async move {
            let answer = receiver.await.unwrap_or_else(|_| gone());
            header.response(&respond(answer))
        })),
    }
}

fn joined(answer: Joined, version: i16) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: answer.error.into(),
        generation_id: answer.generation,
        protocol_type: answer.protocol_type,
        // Null is allowed from version 7 on.
        protocol_name: answer.protocol.or_else(|| (version < 7).then(String::new)),
        leader: answer.leader,
        skip_assignment: answer.skip_assignment,
        member_id: answer.member_id,
        members: answer
            .members
            .into_iter()
            .map(|(member_id, group_instance_id, metadata)| JoinGroupResponseMember {
                member_id,
                group_instance_id,
                metadata,
            })
            .collect(),
        ..Default::default()
    }
}

pub(super) fn sync_group(broker: &Broker, header: RequestHeader, frame: &[u8]) -> Result<Reply, FrameError> {
    /// The first version in which a member must say which protocol it follows (KIP-559).
    const NAMES_PROTOCOL: i16 = 5;
    let request: SyncGroupRequest = header.read_body(frame)?;
    if request.group_id.is_empty() {
        return Ok(Reply::Now(header.response(&synced(Synced::error(ErrorCode::InvalidGroupId)))));
    }
    if header.version >= NAMES_PROTOCOL
        && (request.protocol_type.is_none() || request.protocol_name.is_none())
    {
        return Ok(Reply::Now(header.response(&synced(Synced::error(ErrorCode::InconsistentGroupProtocol)))));
    }
    let sync = Sync {
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        generation: request.generation_id,
        protocol_type: request.protocol_type,
        protocol: request.protocol_name,
        assignments: request.assignments.into_iter().map(|one| (one.member_id, one.assignment)).collect(),
    };
    let answer = broker.coordinator().sync(broker, &request.group_id, sync);
    Ok(now_or_later(header, answer, synced, || Synced::error(ErrorCode::CoordinatorNotAvailable)))
}

fn synced(answer: Synced) -> SyncGroupResponse {
    SyncGroupResponse {
        error_code: answer.error.into(),
        protocol_type: answer.protocol_type,
        protocol_name: answer.protocol,
        assignment: answer.assignment,
        ..Default::default()
    }
}

pub(super) fn heartbeat(broker: &Broker, request: HeartbeatRequest) -> HeartbeatResponse {
    let claim = Claim {
        member_id: &request.member_id,
        instance_id: request.group_instance_id.as_deref(),
        generation: request.generation_id,
    };
    let error = broker.coordinator().heartbeat(broker, &request.group_id, claim);
    HeartbeatResponse { error_code: error.into(), ..Default::default() }
}

pub(super) fn leave_group(broker: &Broker, version: i16, request: LeaveGroupRequest) -> LeaveGroupResponse {
    let leave = |members: &[(&str, Option<&str>)]| {
        broker.coordinator().leave(broker, &request.group_id, members).into_iter()
    };
    if version < 3 {
        let error = leave(&[(&request.member_id, None)]).next().unwrap_or(ErrorCode::UnknownServerError);
        return LeaveGroupResponse { error_code: error.into(), ..Default::default() };
    }
    let leaving = request.members.iter();
    let leaving: Vec<(&str, Option<&str>)> =
        leaving.map(|member| (member.member_id.as_str(), member.group_instance_id.as_deref())).collect();
    let members = request
        .members
        .iter()
        .zip(leave(&leaving))
        .map(|(member, error)| MemberResponse {
            member_id: member.member_id.clone(),
            group_instance_id: member.group_instance_id.clone(),
            error_code: error.into(),
        })
        .collect();
    LeaveGroupResponse { members, ..Default::default() }
}
