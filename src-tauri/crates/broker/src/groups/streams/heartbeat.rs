//! StreamsGroupHeartbeat: a member joins with its topology, tells what tasks it has, and learns what it is to have.

use std::collections::BTreeMap;

use wire::ErrorCode;

use super::assignor::{SpecMember, assign};
use super::configure::{ConfiguredSubtopology, configure};
use super::{
    Change, EndpointPartitions, Group, HeldTasks, Member, MissingTopic, Refusal, Status, StatusCode, Step,
    Tasks, Topology,
};
use crate::groups::catalog::metadata_hash;
use crate::groups::java::members_in_order;

/// The configuration an assignment depends on.
const STANDBY_REPLICAS: &str = "num.standby.replicas";

/// StreamsGroupHeartbeat of a member that stays. What is absent has not changed.
#[derive(Debug, Clone, Default)]
pub struct Heartbeat {
    pub group: String,
    pub member_id: String,
    /// 0 to join.
    pub member_epoch: i32,
    pub rack_id: Option<String>,
    pub rebalance_timeout_ms: Option<i32>,
    pub topology: Option<Topology>,
    /// What the member has.
    pub owned: Option<Tasks>,
    pub process_id: Option<String>,
    pub endpoint: Option<(String, u16)>,
    pub tags: Option<BTreeMap<String, String>>,
    /// The last who-answers-what it knows.
    pub endpoint_epoch: i32,
    /// Everyone is to stop.
    pub shutdown: bool,
    pub client_id: String,
    pub client_host: String,
}

/// What a member learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beaten {
    pub member_id: String,
    pub member_epoch: i32,
    /// Everything the member is to have now; absent if that has not changed.
    pub tasks: Option<Tasks>,
    pub status: Vec<Status>,
    pub endpoint_epoch: i32,
    pub endpoints: Option<Vec<EndpointPartitions>>,
    /// Internal topics the caller has to make.
    pub missing: Vec<MissingTopic>,
}

impl Group {
    /// One heartbeat of a member that stays or joins. Nothing has changed if it is refused.
    pub fn heartbeat(&mut self, step: &Step<'_>, beat: &Heartbeat) -> Result<(Beaten, Vec<Change>), Refusal> {
        let joins = beat.member_epoch == 0;
        if joins
            && self.members.len() >= step.settings.members_max
            && !self.members.contains_key(&beat.member_id)
        {
            let max = step.settings.members_max;
            let message = format!("The streams group has reached its maximum capacity of {max} members.");
            return Err(Refusal::new(ErrorCode::GroupMaxSizeReached, message));
        }
        let expires_at = step.now + step.settings.session_ms;
        let was = match self.members.get(&beat.member_id) {
            Some(member) => member.clone(),
            None if joins => Member::new(&beat.member_id, expires_at),
            None => self.known(&beat.group, &beat.member_id)?.clone(),
        };
        check_epoch(&was, beat)?;
        let topology = self.topology_of(beat)?;
        // What does not change is not computed again.
        let version = step.topics.version();
        let look = self.configured.is_none() || self.topology.is_none() || self.seen_topics != Some(version);
        let fresh = if look { Some(configure(topology, step.topics)?) } else { None };
        let configured = fresh.as_ref().or(self.configured.as_ref());
        if let (Some(configured), Some(owned)) = (configured.filter(|known| known.is_ready()), &beat.owned) {
            check_tasks(&configured.subtopologies, owned)?;
        }

        let mut changes = Vec::new();
        let mut status = Vec::new();
        let was_empty = self.members.is_empty();
        let mut member = Member { expires_at, ..was.clone() };
        member.update(beat);
        let changed = Member { expires_at: was.expires_at, ..member.clone() } != was;
        let is_new = !self.members.contains_key(&beat.member_id);
        let mut bump = changed || is_new;
        if bump {
            changes.push(Change::Member(member.id.clone()));
        }
        if self.topology.is_none() {
            self.topology = Some(topology.clone());
            changes.push(Change::Topology);
        }
        let known_epoch = self.topology.as_ref().map_or(-1, |topology| topology.epoch);
        if member.topology_epoch < known_epoch {
            let detail = format!(
                "The member's topology epoch {} is behind the group's topology epoch {known_epoch}.",
                member.topology_epoch
            );
            status.push(Status::new(StatusCode::StaleTopology, detail));
        }
        self.members.insert(member.id.clone(), member);
        if let Some(fresh) = fresh {
            let names = self.topology.iter().flat_map(Topology::topics);
            let names: std::collections::BTreeSet<&str> = names.collect();
            let hash = metadata_hash(names.into_iter(), step.topics);
            bump |= hash != self.metadata_hash;
            self.metadata_hash = hash;
            self.configured = Some(fresh);
            self.seen_topics = Some(version);
        }
        let ready = self.configured.as_ref().is_some_and(|configured| configured.is_ready());
        let validated = if ready { known_epoch } else { -1 };
        let configs =
            BTreeMap::from([(STANDBY_REPLICAS.to_owned(), step.settings.standby_replicas.to_string())]);
        bump |= validated != self.validated_epoch || configs != self.configs;
        if bump {
            self.validated_epoch = validated;
            self.configs = configs;
            self.epoch = self.epoch.saturating_add(1);
            changes.push(Change::Epoch);
        }
        if was_empty && step.settings.initial_delay_ms > 0 {
            self.delayed_until = Some(step.now + step.settings.initial_delay_ms);
        }
        if let Some(reason) =
            self.update_target(step, is_new.then_some(beat.member_id.as_str()), &mut changes)
        {
            let detail = format!("Assignment delayed due to the configured {reason}.");
            status.push(Status::new(StatusCode::AssignmentDelayed, detail));
        }
        let delayed = self.delayed_until.is_some();
        let member = self.reconcile(step, &beat.member_id, beat.owned.as_ref(), delayed, &mut changes)?;
        if beat.shutdown {
            // The first who asked is named.
            self.shutdown_by.get_or_insert_with(|| member.id.clone());
        }

        let assigned = member.assigned.plain();
        let shown = joins || assigned != was.assigned.plain();
        if shown && member.endpoint.is_some() {
            self.endpoint_epoch = self.endpoint_epoch.saturating_add(1);
        }
        let configured = self.configured.as_ref();
        status.extend(configured.and_then(|configured| configured.problem.clone()));
        if let Some(who) = &self.shutdown_by {
            let detail = format!(
                "Streams group member {who} encountered a fatal error and requested a shutdown for the entire \
                 application."
            );
            status.push(Status::new(StatusCode::ShutdownApplication, detail));
        }
        let beaten = Beaten {
            member_id: member.id.clone(),
            member_epoch: member.epoch,
            tasks: shown.then_some(assigned),
            status,
            endpoint_epoch: self.endpoint_epoch,
            endpoints: (self.endpoint_epoch != beat.endpoint_epoch).then(|| self.endpoints(step.topics)),
            missing: configured.map(|configured| configured.missing.clone()).unwrap_or_default(),
        };
        Ok((beaten, changes))
    }

    /// The topology that counts: the group's, unless it has none yet.
    fn topology_of<'a>(&'a self, beat: &'a Heartbeat) -> Result<&'a Topology, Refusal> {
        match (&self.topology, &beat.topology) {
            (None, Some(told)) => Ok(told),
            (Some(known), None) => Ok(known),
            (Some(known), Some(told)) if known.epoch > told.epoch || known == told => Ok(known),
            (Some(_), Some(_)) => {
                Err(Refusal::new(ErrorCode::InvalidRequest, "Topology updates are not supported yet."))
            }
            (None, None) => Err(Refusal::new(ErrorCode::InvalidRequest, "The group has no topology yet.")),
        }
    }

    /// Members in the order in which Kafka's assignor is told of them: the one that joins last.
    fn in_order(&self, newest: Option<&str>) -> Vec<&Member> {
        let ids = self.members.keys().map(String::as_str);
        let known = self.members.len() - newest.iter().filter(|id| self.members.contains_key(**id)).count();
        let order = members_in_order(ids, newest, known);
        order.into_iter().filter_map(|id| self.members.get(id)).collect()
    }

    /// Computes the target of the group's epoch. Says why not, if it has to wait. `newest`: who joins just now.
    pub(super) fn update_target(
        &mut self,
        step: &Step<'_>,
        newest: Option<&str>,
        changes: &mut Vec<Change>,
    ) -> Option<&'static str> {
        if self.delayed_until.is_some_and(|until| until > step.now) {
            return Some("initial rebalance delay");
        }
        self.delayed_until = None;
        if self.target_epoch >= self.epoch {
            return None;
        }
        let interval_ms = step.settings.assignment_interval_ms;
        let since_last = step.clock_ms - self.target_at_ms;
        if self.target_at_ms != 0 && interval_ms != 0 && (0..interval_ms).contains(&since_last) {
            return Some("assignment interval");
        }
        let none = Tasks::default();
        let ready = self.configured.as_ref().filter(|configured| configured.is_ready());
        let mut targets: BTreeMap<String, Tasks> = match ready {
            None => self.members.keys().map(|id| (id.clone(), Tasks::default())).collect(),
            Some(configured) => {
                let members: Vec<SpecMember<'_>> = self
                    .in_order(newest)
                    .into_iter()
                    .map(|member| SpecMember {
                        id: &member.id,
                        process: &member.process_id,
                        current: member.target.as_ref().unwrap_or(&none),
                    })
                    .collect();
                let replicas = usize::try_from(step.settings.standby_replicas).unwrap_or(0);
                let targets = assign(&members, &configured.subtopologies, replicas);
                members.iter().map(|member| member.id.to_owned()).zip(targets).collect()
            }
        };
        for member in self.members.values_mut() {
            let target = targets.remove(&member.id).unwrap_or_default();
            if member.target.as_ref() != Some(&target) {
                member.target = Some(target);
                changes.push(Change::Target(member.id.clone()));
            }
        }
        self.target_epoch = self.epoch;
        self.target_at_ms = step.clock_ms;
        changes.push(Change::TargetEpoch);
        None
    }
}

impl Member {
    /// Takes over what a heartbeat tells.
    fn update(&mut self, beat: &Heartbeat) {
        if beat.rack_id.is_some() {
            self.rack_id.clone_from(&beat.rack_id);
        }
        if let Some(timeout) = beat.rebalance_timeout_ms {
            self.rebalance_timeout_ms = timeout;
        }
        if let Some(topology) = &beat.topology {
            self.topology_epoch = topology.epoch;
        }
        if let Some(process_id) = &beat.process_id {
            self.process_id.clone_from(process_id);
        }
        if beat.endpoint.is_some() {
            self.endpoint.clone_from(&beat.endpoint);
        }
        if let Some(tags) = &beat.tags {
            self.tags.clone_from(tags);
        }
        self.client_id.clone_from(&beat.client_id);
        self.client_host.clone_from(&beat.client_host);
    }
}

/// Whether a member may go on with the epoch it says it is at.
fn check_epoch(member: &Member, beat: &Heartbeat) -> Result<(), Refusal> {
    let (said, known) = (beat.member_epoch, member.epoch);
    if said == 0 || said == known {
        return Ok(());
    }
    // The answer with the newer epoch may have been lost.
    let lost = said < known
        && said == member.previous_epoch
        && beat.owned.as_ref().is_some_and(|owned| HeldTasks::contains(&member.assigned, owned));
    if lost {
        return Ok(());
    }
    let than = if said > known { "greater" } else { "smaller" };
    let message = format!(
        "The streams group member has a {than} member epoch ({said}) than the one known by the group coordinator \
         ({known}). The member must abandon all its partitions and rejoin."
    );
    Err(Refusal::new(ErrorCode::FencedMemberEpoch, message))
}

/// Refuses tasks that do not exist.
fn check_tasks(
    subtopologies: &BTreeMap<String, ConfiguredSubtopology>,
    owned: &Tasks,
) -> Result<(), Refusal> {
    for (id, partitions) in [&owned.active, &owned.standby, &owned.warmup].into_iter().flatten() {
        let refuse = |message: String| Err(Refusal::new(ErrorCode::InvalidRequest, message));
        let Some(subtopology) = subtopologies.get(id) else {
            return refuse(format!("Subtopology {id} does not exist in the topology."));
        };
        if let Some(odd) = partitions.iter().find(|partition| !(0..subtopology.tasks).contains(*partition)) {
            return refuse(format!(
                "Task {odd} for subtopology {id} is invalid. Number of tasks for this subtopology: {}",
                subtopology.tasks
            ));
        }
    }
    Ok(())
}
