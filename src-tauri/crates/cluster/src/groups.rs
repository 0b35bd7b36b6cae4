//! Consumer groups: members, committed offsets, resets.

use std::collections::BTreeMap;

use crate::cluster::{CALL_LIMIT, Cluster};
use crate::error::{ClusterError, Result};
use crate::ffi::{self, GroupDescription, GroupListing, OffsetSpec, TopicPartition};

/// Where committed offsets go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetTo {
    Earliest,
    Latest,
    Offset(i64),
    /// Forward when positive.
    ShiftBy(i64),
    /// To the first record at or after this time; the end when there is none.
    TimeMs(i64),
}

/// One partition's committed offset, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffsetMove {
    pub at: TopicPartition,
    /// None: nothing was committed.
    pub before: Option<i64>,
    pub after: i64,
}

/// What is known of a partition when its reset is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    start: i64,
    end: i64,
    committed: Option<i64>,
    /// The first offset at the time asked for.
    at_time: Option<i64>,
}

/// The offset a reset leads to: always one that exists.
fn target(reset: ResetTo, bounds: Bounds) -> i64 {
    let wanted = match reset {
        ResetTo::Earliest => bounds.start,
        ResetTo::Latest => bounds.end,
        ResetTo::Offset(offset) => offset,
        // Without a committed offset a shift starts from the earliest, as Kafka's own tool has it.
        ResetTo::ShiftBy(by) => bounds.committed.unwrap_or(bounds.start).saturating_add(by),
        ResetTo::TimeMs(_) => bounds.at_time.unwrap_or(bounds.end),
    };
    wanted.clamp(bounds.start, bounds.end.max(bounds.start))
}

impl Cluster {
    pub async fn groups(&self) -> Result<Vec<GroupListing>> {
        self.call("list groups", CALL_LIMIT, ffi::list_groups).await
    }

    /// Kafka describes a group that does not exist as dead; here that is an error.
    pub async fn describe_group(&self, group: &str) -> Result<GroupDescription> {
        let missing = || ClusterError::NotFound { what: format!("group '{group}'") };
        let names = vec![group.to_owned()];
        let described = self
            .call("describe group", CALL_LIMIT, move |client, limit| {
                ffi::describe_groups(client, &names, limit)
            })
            .await?;
        let described = described.into_iter().next().ok_or_else(missing)?;
        if described.state == ffi::GroupState::Dead { Err(missing()) } else { Ok(described) }
    }

    /// Every offset the group has committed.
    pub async fn committed(&self, group: &str) -> Result<Vec<(TopicPartition, i64)>> {
        let names = [group.to_owned()];
        let mut offsets = self
            .call("committed offsets", CALL_LIMIT, move |client, limit| {
                ffi::group_offsets(client, &names, limit)
            })
            .await?;
        Ok(offsets.remove(group).unwrap_or_default())
    }

    /// Commits for a group without members.
    pub async fn commit(&self, group: &str, offsets: Vec<(TopicPartition, i64)>) -> Result<()> {
        if offsets.is_empty() {
            return Ok(());
        }
        let group = group.to_owned();
        self.call("commit offsets", CALL_LIMIT, move |client, limit| {
            ffi::alter_group_offsets(client, &group, &offsets, limit)
        })
        .await
    }

    /// Moves committed offsets; with `dry_run` only says how.
    pub async fn reset_group(
        &self,
        group: &str,
        topic: &str,
        partitions: Option<&[i32]>,
        reset: ResetTo,
        dry_run: bool,
    ) -> Result<Vec<OffsetMove>> {
        if group.is_empty() {
            return Err(ClusterError::invalid("group: the name is empty"));
        }
        let metadata = self.metadata_with(topic).await?;
        let chosen = choose(metadata.topic(topic)?, partitions)?;
        let mut wanted: Vec<_> = chosen.iter().map(|at| (at.clone(), OffsetSpec::Earliest)).collect();
        let starts = self.list_offsets(wanted.clone()).await?;
        wanted.iter_mut().for_each(|(_, spec)| *spec = OffsetSpec::Latest);
        let ends = self.list_offsets(wanted.clone()).await?;
        let times = match reset {
            ResetTo::TimeMs(at_ms) => {
                wanted.iter_mut().for_each(|(_, spec)| *spec = OffsetSpec::AtMs(at_ms));
                self.list_offsets(wanted).await?
            }
            ResetTo::Earliest | ResetTo::Latest | ResetTo::Offset(_) | ResetTo::ShiftBy(_) => Vec::new(),
        };
        let by_partition = |all: Vec<ffi::ListedOffset>| -> BTreeMap<i32, i64> {
            all.into_iter().filter_map(|item| Some((item.at.partition, item.offset?))).collect()
        };
        let (starts, ends, times) = (by_partition(starts), by_partition(ends), by_partition(times));
        let committed: BTreeMap<TopicPartition, i64> = self.committed(group).await?.into_iter().collect();

        let moves: Vec<OffsetMove> = chosen
            .into_iter()
            .filter_map(|at| {
                let bounds = Bounds {
                    start: *starts.get(&at.partition)?,
                    end: *ends.get(&at.partition)?,
                    committed: committed.get(&at).copied(),
                    at_time: times.get(&at.partition).copied(),
                };
                Some(OffsetMove { before: bounds.committed, after: target(reset, bounds), at })
            })
            .collect();
        if !dry_run {
            self.commit(group, moves.iter().map(|item| (item.at.clone(), item.after)).collect()).await?;
            self.refresh().await;
        }
        Ok(moves)
    }

    pub async fn delete_group(&self, group: &str) -> Result<()> {
        let name = group.to_owned();
        self.call("delete group", CALL_LIMIT, move |client, limit| ffi::delete_groups(client, &name, limit))
            .await?;
        self.refresh().await;
        Ok(())
    }
}

/// The partitions named, or all; an unknown one is an error.
pub(crate) fn choose(topic: &crate::Topic, partitions: Option<&[i32]>) -> Result<Vec<TopicPartition>> {
    if let Some(unknown) = partitions
        .unwrap_or_default()
        .iter()
        .find(|id| !topic.partitions.iter().any(|partition| partition.id == **id))
    {
        return Err(ClusterError::NotFound {
            what: format!("partition {unknown} of topic '{}'", topic.name),
        });
    }
    Ok(topic
        .partitions
        .iter()
        .filter(|partition| partitions.is_none_or(|wanted| wanted.contains(&partition.id)))
        .map(|partition| TopicPartition::new(topic.name.clone(), partition.id))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reset: ResetTo, committed: Option<i64>, at_time: Option<i64>, expected: i64) {
        assert_eq!(target(reset, Bounds { start: 10, end: 50, committed, at_time }), expected, "{reset:?}");
    }

    #[test]
    fn a_reset_lands_on_an_offset_that_exists() {
        check(ResetTo::Earliest, None, None, 10);
        check(ResetTo::Latest, Some(20), None, 50);
        check(ResetTo::Offset(30), None, None, 30);
        check(ResetTo::Offset(5), None, None, 10);
        check(ResetTo::Offset(99), None, None, 50);
        check(ResetTo::ShiftBy(-5), Some(20), None, 15);
        check(ResetTo::ShiftBy(-50), Some(20), None, 10);
        check(ResetTo::ShiftBy(5), None, None, 15);
        check(ResetTo::ShiftBy(i64::MAX), Some(20), None, 50);
        check(ResetTo::TimeMs(1), Some(20), Some(33), 33);
        check(ResetTo::TimeMs(1), Some(20), None, 50);
    }
}
