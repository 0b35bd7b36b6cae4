//! librdkafka's admin API, for the calls its Rust wrapper lacks.
//!
//! One operation is one [`run`]: it owns a clone of the client and a reply
//! queue for as long as the call lasts, so no pointer outlives what it points
//! into. Calls block; callers are on a blocking thread.

#![expect(unsafe_code, reason = "librdkafka's admin API has no safe wrapper for these calls")]

mod configs;
mod groups;
mod list;
mod offsets;
mod topics;

pub use configs::{ConfigChange, ConfigValue, Resource};
pub(crate) use configs::{alter_configs, describe_configs};
pub use groups::{GroupDescription, GroupKind, GroupListing, GroupState, Member};
pub(crate) use groups::{delete_groups, describe_groups, list_groups};
pub use list::TopicPartition;
pub use offsets::{ListedOffset, OffsetSpec};
pub(crate) use offsets::{alter_group_offsets, delete_records, group_offsets, list_offsets};
pub use topics::{ClusterDescription, Node};
pub(crate) use topics::{NewTopic, add_partitions, create_topic, delete_topic, describe_cluster};

use std::ffi::{CStr, CString, c_char};
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::producer::Producer;
use rdkafka_sys as sys;

use crate::client::Shared;
use crate::error::{ClusterError, Result};

/// Beyond the operation's own limit: librdkafka answers each operation, even a failed one.
const REPLY_GRACE: Duration = Duration::from_millis(500);

/// Submits `count` operations by `enqueue` and hands every reply to `read`.
/// Of several operations the failed ones are passed over.
fn run(
    client: &Shared,
    what: &str,
    api: sys::rd_kafka_admin_op_t,
    limit: Duration,
    count: usize,
    enqueue: impl FnOnce(Call),
    mut read: impl FnMut(&Reply) -> Result<()>,
) -> Result<()> {
    let native = client.client().native_ptr();
    let options = Options::new(native, api, limit)?;
    let queue = Queue::new(native)?;
    enqueue(Call { native, options: options.0.as_ptr(), queue: queue.0.as_ptr() });

    let deadline = Instant::now() + limit + REPLY_GRACE;
    for _ in 0..count {
        let left = deadline.saturating_duration_since(Instant::now());
        let Some(reply) = queue.poll(left) else {
            return Err(ClusterError::Timeout { what: what.to_owned(), limit });
        };
        match reply.error() {
            None => read(&reply)?,
            Some((code, text)) if count == 1 => return Err(ClusterError::from_code(what, code, text)),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Everything an enqueueing function of librdkafka wants.
#[derive(Clone, Copy)]
struct Call {
    native: *mut sys::rd_kafka_t,
    options: *const sys::rd_kafka_AdminOptions_t,
    queue: *mut sys::rd_kafka_queue_t,
}

struct Options(NonNull<sys::rd_kafka_AdminOptions_t>);

impl Options {
    fn new(native: *mut sys::rd_kafka_t, api: sys::rd_kafka_admin_op_t, limit: Duration) -> Result<Self> {
        // SAFETY: `native` is alive: the caller of `run` holds the client.
        let options = unsafe { sys::rd_kafka_AdminOptions_new(native, api) };
        let options = NonNull::new(options).map(Self).ok_or_else(null)?;
        let mut text = [0 as c_char; 256];
        let limit_ms = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: `options` was just made; librdkafka writes at most `text.len()` bytes, NUL included.
        let code = unsafe {
            sys::rd_kafka_AdminOptions_set_request_timeout(
                options.0.as_ptr(),
                limit_ms,
                text.as_mut_ptr(),
                text.len(),
            )
        };
        match Code::from(code) {
            Code::NoError => Ok(options),
            code => Err(ClusterError::Internal(format!("request time limit {limit_ms} ms: {code}"))),
        }
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_AdminOptions_new`, destroyed once; operations keep their own copy.
        unsafe { sys::rd_kafka_AdminOptions_destroy(self.0.as_ptr()) }
    }
}

struct Queue(NonNull<sys::rd_kafka_queue_t>);

impl Queue {
    fn new(native: *mut sys::rd_kafka_t) -> Result<Self> {
        // SAFETY: `native` is alive: the caller of `run` holds the client.
        NonNull::new(unsafe { sys::rd_kafka_queue_new(native) }).map(Self).ok_or_else(null)
    }

    fn poll(&self, wait: Duration) -> Option<Reply> {
        let wait_ms = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        // SAFETY: the queue is alive; the event returned is owned by us.
        NonNull::new(unsafe { sys::rd_kafka_queue_poll(self.0.as_ptr(), wait_ms) }).map(Reply)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_queue_new`; replies still to come are discarded by librdkafka.
        unsafe { sys::rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

/// A result event; everything read from it is copied before it is dropped.
struct Reply(NonNull<sys::rd_kafka_event_t>);

impl Reply {
    fn ptr(&self) -> *mut sys::rd_kafka_event_t {
        self.0.as_ptr()
    }

    fn error(&self) -> Option<(Code, Option<String>)> {
        // SAFETY: the event is alive.
        let code = Code::from(unsafe { sys::rd_kafka_event_error(self.ptr()) });
        if code == Code::NoError {
            return None;
        }
        // SAFETY: the event is alive, and the text lives as long as it.
        Some((code, unsafe { text(sys::rd_kafka_event_error_string(self.ptr())) }))
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // SAFETY: polled from a queue, owned by us, destroyed once.
        unsafe { sys::rd_kafka_event_destroy(self.ptr()) }
    }
}

/// Copies a C string; none for a null pointer.
///
/// # Safety
/// `pointer` is null or points to a NUL-terminated string.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: not null, and NUL-terminated by the caller's promise.
    Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
}

/// The `count` pointers at `array`; empty for a null pointer.
///
/// # Safety
/// `array` is null or points to `count` pointers that live as long as `'a`.
unsafe fn pointers<'a, T>(array: *mut *const T, count: usize) -> &'a [*const T] {
    if array.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the caller's promise.
    unsafe { std::slice::from_raw_parts(array.cast_const(), count) }
}

/// The code and text of an optional error object.
///
/// # Safety
/// `error` is null or a live error object.
unsafe fn error_of(error: *const sys::rd_kafka_error_t) -> Option<(Code, Option<String>)> {
    if error.is_null() {
        return None;
    }
    // SAFETY: live by the caller's promise.
    let (code, text) =
        unsafe { (Code::from(sys::rd_kafka_error_code(error)), text(sys::rd_kafka_error_string(error))) };
    (code != Code::NoError).then_some((code, text))
}

fn c_string(what: &str, value: &str) -> Result<CString> {
    CString::new(value).map_err(|_| ClusterError::Invalid(format!("{what} contains a NUL character")))
}

fn null() -> ClusterError {
    ClusterError::Internal("librdkafka returned nothing".to_owned())
}
