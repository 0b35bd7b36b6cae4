//! The groups' place on disk: records go to `__consumer_offsets` and are read back at start.

use std::collections::BTreeMap;

use tracing::info;
use wire::ErrorCode;
use wire::batch::{BatchBuilder, BatchHeader, Marker};

use crate::Broker;
use crate::configs::{Settings, group_key, list};
use crate::coordinator::{self, CoordinatorLimits, Host, Journal, Loaded, Stored};
use crate::groups::assignor::Assignor;
use crate::groups::classic::Limits;
use crate::groups::{Catalog, consumer, streams};
use crate::replay::{each_batch, each_record};
use crate::share;
use crate::topic::OFFSETS_TOPIC;

impl Broker {
    /// Reads `__consumer_offsets`.
    pub(crate) fn load_groups(&self) {
        let Some(topic) = self.topics().get(OFFSETS_TOPIC) else { return };
        let mut records = 0u64;
        let partitions = topic.partitions().len();
        let mut shares = BTreeMap::new();
        for partition in topic.partitions().iter() {
            each_batch(partition, |batch| {
                if let Some(marker) = Marker::read(batch) {
                    self.end_pending(batch.header.producer_id, marker.committed, |group| {
                        coordinator::key_partition(group, partitions) == partition.index as usize
                    });
                }
                records += each_record(partition, batch, |record, _| {
                    if !share::load_group_record(&mut shares, record.key, record.value) {
                        self.take_in(&batch.header, coordinator::load_record(record.key, record.value));
                    }
                });
            });
        }
        self.restore_share_groups(shares);
        self.coordinator().loaded(self);
        info!(records, "groups loaded");
    }

    /// Takes in what a record says; an offset sent in a transaction waits for its end.
    fn take_in(&self, header: &BatchHeader, loaded: Loaded) {
        match loaded {
            Loaded::Offset { group, topic, partition, committed: Some(committed) }
                if header.is_transactional() =>
            {
                let offset = ((topic, partition), committed);
                self.pending_offsets().add(header.producer_id, &group, [offset]);
            }
            loaded => {
                if let Loaded::Offset { group, topic, partition, committed } = &loaded {
                    let at = (topic.clone(), *partition);
                    match committed {
                        Some(_) => self.pending_offsets().supersede(group, &at),
                        None => self.pending_offsets().forget(group, &at),
                    }
                }
                self.coordinator().load(loaded);
            }
        }
    }
}

impl Journal for Broker {
    fn write(&self, group: &str, records: &[Stored]) -> Result<(), ErrorCode> {
        let topic = self.topic_or_create(OFFSETS_TOPIC).map_err(|_| ErrorCode::CoordinatorNotAvailable)?;
        let partitions = topic.partitions();
        let index = coordinator::key_partition(group, partitions.len());
        let partition = partitions.get(index).ok_or(ErrorCode::CoordinatorNotAvailable)?;
        let now_ms = self.now_ms();
        let mut batch = BatchBuilder::new();
        for record in records {
            batch = batch.record(now_ms, Some(&record.key), record.value.as_deref());
        }
        let mut bytes = batch.build().to_vec();
        match partition.append_own(&mut bytes, now_ms).and_then(|info| partition.flush_if_due(&info)) {
            Ok(()) => {
                self.count_in(&topic, records.len() as u64, bytes.len());
                Ok(())
            }
            Err(_) => Err(ErrorCode::CoordinatorNotAvailable),
        }
    }
}

impl Host for Broker {
    fn clock_ms(&self) -> i64 {
        self.now_ms()
    }

    fn catalog(&self) -> &dyn Catalog {
        self.topics()
    }

    fn consumer_settings(&self, group: &str) -> consumer::Settings {
        let settings = self.settings();
        let size = |name| usize::try_from(settings.number(name)).unwrap_or(usize::MAX);
        consumer::Settings {
            session_ms: self.group_number(group, "consumer.session.timeout.ms"),
            heartbeat_interval_ms: i32::try_from(self.group_number(group, "consumer.heartbeat.interval.ms"))
                .unwrap_or(i32::MAX),
            assignment_interval_ms: self.group_number(group, "consumer.assignment.interval.ms"),
            members_max: size("group.consumer.max.size"),
            assignors: assignors(settings.text("group.consumer.assignors")),
            migration: consumer::MigrationPolicy::named(settings.text("group.consumer.migration.policy")),
            classic_members_max: size("group.max.size"),
        }
    }

    fn streams_settings(&self, group: &str) -> streams::Settings {
        let number = |name| self.group_number(group, name);
        let small = |name| i32::try_from(number(name)).unwrap_or(i32::MAX);
        streams::Settings {
            session_ms: number("streams.session.timeout.ms"),
            heartbeat_interval_ms: small("streams.heartbeat.interval.ms"),
            assignment_interval_ms: number("streams.assignment.interval.ms"),
            initial_delay_ms: number("streams.initial.rebalance.delay.ms"),
            members_max: usize::try_from(self.settings().number("group.streams.max.size"))
                .unwrap_or(usize::MAX),
            standby_replicas: small("streams.num.standby.replicas"),
        }
    }
}

impl Broker {
    /// A whole number of a group's configuration: its own, or the broker's.
    pub(crate) fn group_number(&self, group: &str, name: &str) -> i64 {
        let own = self.state().group_configs(group);
        let value = group_key(name).ok().and_then(|key| self.settings().group_value(&own, key).value);
        value.and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

/// The assignors of `group.consumer.assignors`, in its order.
fn assignors(value: &str) -> &'static [Assignor] {
    const BOTH: &[Assignor] = &[Assignor::Uniform, Assignor::Range];
    const SWAPPED: &[Assignor] = &[Assignor::Range, Assignor::Uniform];
    let mut named = list(value).filter_map(Assignor::named);
    match (named.next(), named.next()) {
        (Some(Assignor::Uniform), None) => &BOTH[..1],
        (Some(Assignor::Range), None) => &SWAPPED[..1],
        (Some(Assignor::Range), Some(_)) => SWAPPED,
        (None | Some(Assignor::Uniform), _) => BOTH,
    }
}

/// What the configuration says about groups.
pub(crate) fn limits(settings: &Settings) -> CoordinatorLimits {
    CoordinatorLimits {
        groups: Limits {
            initial_rebalance_delay_ms: settings.number("group.initial.rebalance.delay.ms"),
            members_max: usize::try_from(settings.number("group.max.size")).unwrap_or(usize::MAX),
        },
        session_ms_min: settings.number("group.min.session.timeout.ms"),
        session_ms_max: settings.number("group.max.session.timeout.ms"),
        metadata_bytes_max: usize::try_from(settings.number("offset.metadata.max.bytes")).unwrap_or(0),
        retention_ms: settings.number("offsets.retention.minutes") * 60_000,
    }
}
