//! Reading everything there is.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::LIMIT;

/// Where a partition starts and ends.
pub(crate) fn watermarks(address: &str, topic: &str, partition: i32) -> anyhow::Result<(i64, i64)> {
    let consumer: BaseConsumer = ClientConfig::new().set("bootstrap.servers", address).create()?;
    Ok(consumer.fetch_watermarks(topic, partition, LIMIT)?)
}

/// Every record of a partition as read committed, up to where it ends now: offset and value. More may follow
/// while others write.
pub(crate) fn read_all(address: &str, topic: &str, partition: i32) -> anyhow::Result<Vec<(i64, String)>> {
    read_from(address, topic, partition, 0)
}

/// The same from an offset on.
pub(crate) fn read_from(
    address: &str,
    topic: &str,
    partition: i32,
    offset: i64,
) -> anyhow::Result<Vec<(i64, String)>> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", "torture-reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        .create()?;
    let (start, end) = consumer.fetch_watermarks(topic, partition, LIMIT)?;
    if start == end || offset >= end {
        return Ok(Vec::new());
    }
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic, partition, Offset::Offset(offset.max(start)))?;
    consumer.assign(&from)?;
    let mut records = Vec::new();
    let mut heard = Instant::now();
    loop {
        match consumer.poll(Duration::from_millis(500)) {
            Some(Ok(message)) => {
                heard = Instant::now();
                let value = message.payload_view::<str>().context("a value")??;
                records.push((message.offset(), value.to_owned()));
                // Where a marker is the last thing before the end, the next record or the partition's end follows.
                if message.offset() + 1 >= end {
                    return Ok(records);
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => return Ok(records),
            Some(Err(error)) if heard.elapsed() > LIMIT => return Err(error.into()),
            None if heard.elapsed() > LIMIT => bail!("{topic}-{partition} cannot be read to its end"),
            Some(Err(_)) | None => {}
        }
    }
}
