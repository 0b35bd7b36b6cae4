//! ShareAcknowledge (KIP-932), and what ShareFetch shares with it: acknowledgements read and carried out.

use std::collections::BTreeMap;

use wire::messages::share_acknowledge::{
    PartitionData, ShareAcknowledgeRequest, ShareAcknowledgeResponse, ShareAcknowledgeTopicResponse,
};
use wire::{ErrorCode, Uuid};

use super::share_fetch::Words;
use crate::Broker;
use crate::share::{Acknowledgement, FINAL_EPOCH, GroupSettings, INITIAL_EPOCH, Kind, PartitionId, ShareKey};

/// One batch of acknowledgements as both requests carry it.
pub(super) struct Said {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) kinds: Vec<i8>,
}

/// What became of acknowledgements: a code and a message for each partition.
pub(super) type Outcomes = BTreeMap<PartitionId, (ErrorCode, Option<String>)>;

/// Records that were given back: first and last offsets by partition.
pub(super) type Released = BTreeMap<PartitionId, Vec<(i64, i64)>>;

/// Carries out what a member says of the records it holds. Of some partitions it may say nothing.
pub(super) fn acknowledge(
    broker: &Broker,
    words: &Words,
    settings: &GroupSettings,
    renews: bool,
    said: Vec<(PartitionId, Vec<Said>)>,
) -> (Outcomes, Released) {
    let (mut outcomes, mut released) = (Outcomes::new(), Released::new());
    let mut silent = Vec::new();
    let mut heard = false;
    for (id, said) in said {
        let says_nothing = said.is_empty();
        let one = || {
            let (topic, partition) = id;
            let known = broker.topics().by_id(topic).ok_or((ErrorCode::UnknownTopicId, None))?;
            let said = parse(said, renews).ok_or((ErrorCode::InvalidRequest, None))?;
            known.partition(partition).ok_or((ErrorCode::UnknownTopicOrPartition, None))?;
            if says_nothing {
                silent.push(id);
                return Ok(());
            }
            heard = true;
            let key = ShareKey { group: words.group.clone(), topic, partition };
            released.insert(id, broker.share_acknowledge(&key, &words.member, settings, &said)?);
            Ok(())
        };
        outcomes.insert(id, one().err().unwrap_or((ErrorCode::None, None)));
    }
    if !heard {
        // Kafka forgets of whom nothing is said where nothing is said of anybody.
        outcomes.retain(|id, _| !silent.contains(id));
    }
    (outcomes, released)
}

/// Batches must follow each other, with one word for all records or one for each.
fn parse(said: Vec<Said>, renews: bool) -> Option<Vec<Acknowledgement>> {
    // As in Kafka, which finds one that begins where another ends already settled.
    let mut previous_last = -1;
    said.into_iter()
        .map(|batch| {
            let count = batch.last.checked_sub(batch.first)?.checked_add(1)?;
            let words = i64::try_from(batch.kinds.len()).ok()?;
            if count < 1 || batch.first < previous_last || (words != 1 && words != count) {
                return None;
            }
            previous_last = batch.last;
            let kinds = batch.kinds.into_iter().map(|kind| match kind {
                0 => Some(Kind::Gap),
                1 => Some(Kind::Accept),
                2 => Some(Kind::Release),
                3 => Some(Kind::Reject),
                4 if renews => Some(Kind::Renew),
                _ => None,
            });
            Some(Acknowledgement {
                first: batch.first,
                last: batch.last,
                kinds: kinds.collect::<Option<_>>()?,
            })
        })
        .collect()
}

pub(super) fn share_acknowledge(
    broker: &Broker,
    version: i16,
    request: ShareAcknowledgeRequest,
) -> ShareAcknowledgeResponse {
    let epoch = request.share_session_epoch;
    let refused =
        |code: ErrorCode| ShareAcknowledgeResponse { error_code: code.into(), ..Default::default() };
    let words = match Words::new(request.group_id, request.member_id) {
        Ok(words) => words,
        Err(error) => return refused(error),
    };
    let key = words.session();
    let opened = match epoch {
        INITIAL_EPOCH => Err(ErrorCode::InvalidShareSessionEpoch),
        FINAL_EPOCH if broker.shares().sessions().is_open(&key) => Ok(()),
        FINAL_EPOCH => Err(ErrorCode::ShareSessionNotFound),
        _ => broker.shares().sessions().acknowledge(&key, epoch),
    };
    if let Err(error) = opened {
        return refused(error);
    }
    let settings = broker.share_settings(&words.group);
    let mut said: Vec<(PartitionId, Vec<Said>)> = Vec::new();
    for topic in request.topics {
        for partition in topic.partitions {
            let batches = partition.acknowledgement_batches.into_iter().map(|batch| Said {
                first: batch.first_offset,
                last: batch.last_offset,
                kinds: batch.acknowledge_types,
            });
            said.push(((topic.topic_id, partition.partition_index), batches.collect()));
        }
    }
    let renews = version >= 2 && request.is_renew_ack;
    let (outcomes, _) = acknowledge(broker, &words, &settings, renews, said);
    if epoch == FINAL_EPOCH {
        // Bound first: releasing takes other locks.
        let closed = broker.shares().sessions().close(&key);
        broker.share_release(&key, &closed.unwrap_or_default());
    }
    let mut responses: Vec<ShareAcknowledgeTopicResponse> = Vec::new();
    for ((topic_id, partition_index), (code, message)) in outcomes {
        let data = PartitionData {
            partition_index,
            error_code: code.into(),
            error_message: message,
            ..Default::default()
        };
        of_topic(&mut responses, topic_id).partitions.push(data);
    }
    ShareAcknowledgeResponse {
        acquisition_lock_timeout_ms: i32::try_from(settings.records.lock_ms).unwrap_or(i32::MAX),
        responses,
        ..Default::default()
    }
}

fn of_topic(
    responses: &mut Vec<ShareAcknowledgeTopicResponse>,
    topic_id: Uuid,
) -> &mut ShareAcknowledgeTopicResponse {
    let at = responses.iter().position(|topic| topic.topic_id == topic_id).unwrap_or_else(|| {
        responses.push(ShareAcknowledgeTopicResponse { topic_id, partitions: Vec::new() });
        responses.len() - 1
    });
    &mut responses[at]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(batches: &[(i64, i64, &[i8])], renews: bool, accepted: bool) {
        let said = batches.iter().map(|(first, last, kinds)| Said {
            first: *first,
            last: *last,
            kinds: kinds.to_vec(),
        });
        assert_eq!(parse(said.collect(), renews).is_some(), accepted, "{batches:?}");
    }

    #[test]
    fn acknowledgements_are_checked() {
        check(&[(0, 4, &[1]), (5, 6, &[0, 3])], false, true);
        check(&[(0, 4, &[1]), (3, 6, &[1])], false, false);
        check(&[(2, 1, &[1])], false, false);
        check(&[(0, 2, &[1, 1])], false, false);
        check(&[(0, 2, &[])], false, false);
        check(&[(0, 0, &[4])], false, false);
        check(&[(0, 0, &[4])], true, true);
        check(&[(0, 0, &[5])], true, false);
        check(&[(i64::MIN, i64::MAX, &[1])], false, false);
    }
}
