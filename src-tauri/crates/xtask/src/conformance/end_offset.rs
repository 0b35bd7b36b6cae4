//! Where a partition ends, asked of a broker without a client.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, ensure};

/// The end of partition 0: ListOffsets, version 1, timestamp -1.
pub(crate) fn end_offset(bootstrap: &str, topic: &str) -> anyhow::Result<i64> {
    let name_bytes = u16::try_from(topic.len())?.to_be_bytes();
    let mut request = Vec::new();
    // Key, version, correlation id, no client id; no replica, one topic.
    request.extend_from_slice(b"\0\x02\0\x01\0\0\0\x01\xff\xff\xff\xff\xff\xff\0\0\0\x01");
    request.extend_from_slice(&name_bytes);
    request.extend_from_slice(topic.as_bytes());
    // One partition, the first; its end.
    request.extend_from_slice(b"\0\0\0\x01\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    let mut stream = TcpStream::connect(bootstrap)?;
    stream.write_all(&u32::try_from(request.len())?.to_be_bytes())?;
    stream.write_all(&request)?;
    // Length, correlation id, one topic and its name, one partition, its index, error, timestamp, offset.
    let mut answer = vec![0; 4 + 4 + 4 + 2 + topic.len() + 4 + 4 + 2 + 8 + 8];
    stream.read_exact(&mut answer)?;
    let (rest, offset) = answer.split_at(answer.len() - 8);
    let error = rest.get(rest.len() - 10..rest.len() - 8).context("an error code")?;
    ensure!(error == [0, 0], "the end of {topic}: error {error:?}");
    Ok(i64::from_be_bytes(offset.try_into()?))
}
