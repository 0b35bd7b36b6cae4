//! Lists of topic partitions with offsets.

use std::ptr::NonNull;
use std::sync::Arc;

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka_sys as sys;

use super::{c_string, null, text};
use crate::error::Result;

/// One partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partition: i32,
}

impl TopicPartition {
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

/// An owned native list.
pub(super) struct List(NonNull<sys::rd_kafka_topic_partition_list_t>);

impl List {
    /// Partitions with the offset each element carries.
    pub(super) fn new<'a>(items: impl IntoIterator<Item = (&'a TopicPartition, i64)>) -> Result<Self> {
        // SAFETY: makes an empty list; the size is only a hint.
        let list = unsafe { sys::rd_kafka_topic_partition_list_new(16) };
        let list = Self(NonNull::new(list).ok_or_else(null)?);
        for (at, offset) in items {
            let topic = c_string("the topic's name", &at.topic)?;
            // SAFETY: the list is alive and copies the name; the element returned lives in the list
            // and is written before anything else is added.
            unsafe {
                let element =
                    sys::rd_kafka_topic_partition_list_add(list.ptr(), topic.as_ptr(), at.partition);
                (*element).offset = offset;
            }
        }
        Ok(list)
    }

    pub(super) fn ptr(&self) -> *mut sys::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: made by `rd_kafka_topic_partition_list_new`, destroyed once.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.ptr()) }
    }
}

/// One element, copied.
pub(super) struct Element {
    pub(super) at: TopicPartition,
    pub(super) offset: i64,
    pub(super) error: Option<Code>,
}

/// Copies one element.
///
/// # Safety
/// `element` is live and its topic NUL-terminated.
pub(super) unsafe fn element(element: &sys::rd_kafka_topic_partition_t) -> Element {
    // SAFETY: by the caller's promise.
    let topic = unsafe { text(element.topic) }.unwrap_or_default();
    let code = Code::from(element.err);
    Element {
        at: TopicPartition::new(topic, element.partition),
        offset: element.offset,
        error: (code != Code::NoError).then_some(code),
    }
}

/// Copies a list that librdkafka owns; empty for a null pointer.
///
/// # Safety
/// `list` is null or live.
pub(super) unsafe fn elements(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<Element> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: live by the caller's promise; `elems` holds `cnt` elements.
    unsafe {
        let count = usize::try_from((*list).cnt).unwrap_or(0);
        if count == 0 {
            return Vec::new();
        }
        std::slice::from_raw_parts((*list).elems, count).iter().map(|item| element(item)).collect()
    }
}
