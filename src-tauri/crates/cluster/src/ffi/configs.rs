//! Configurations of topics and brokers.

use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka_sys as sys;
use sys::rd_kafka_AlterConfigOpType_t as Op;
use sys::rd_kafka_ConfigSource_t as Source;
use sys::rd_kafka_ResourceType_t as Kind;
use sys::rd_kafka_admin_op_t::*;

use super::{c_string, null, pointers, run, text};
use crate::client::Shared;
use crate::error::{ClusterError, Result};

/// What a configuration belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Resource {
    Topic(String),
    Broker(i32),
}

impl Resource {
    fn parts(&self) -> (Kind, String) {
        match self {
            Self::Topic(name) => (Kind::RD_KAFKA_RESOURCE_TOPIC, name.clone()),
            Self::Broker(id) => (Kind::RD_KAFKA_RESOURCE_BROKER, id.to_string()),
        }
    }

    fn what(&self) -> String {
        match self {
            Self::Topic(name) => format!("topic '{name}'"),
            Self::Broker(id) => format!("broker {id}"),
        }
    }
}

/// One key as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigValue {
    pub name: String,
    /// Absent when sensitive.
    pub value: Option<String>,
    /// Kafka's name, e.g. `DYNAMIC_TOPIC_CONFIG`.
    pub source: &'static str,
    pub is_default: bool,
    pub read_only: bool,
    pub sensitive: bool,
}

/// One key to be changed; no value goes back to the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigChange {
    pub name: String,
    pub value: Option<String>,
}

/// An array of native resources, destroyed together.
struct Resources(Vec<*mut sys::rd_kafka_ConfigResource_t>);

impl Resources {
    fn new(resources: &[Resource]) -> Result<Self> {
        let mut all = Self(Vec::with_capacity(resources.len()));
        for resource in resources {
            let (kind, name) = resource.parts();
            let name = c_string("the name", &name)?;
            // SAFETY: the name is copied.
            let native = unsafe { sys::rd_kafka_ConfigResource_new(kind, name.as_ptr()) };
            if native.is_null() {
                return Err(null());
            }
            all.0.push(native);
        }
        Ok(all)
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        for resource in &self.0 {
            // SAFETY: made by `rd_kafka_ConfigResource_new`, destroyed once.
            unsafe { sys::rd_kafka_ConfigResource_destroy(*resource) };
        }
    }
}

/// In the order the cluster answers; resources that fail are left out unless all do.
pub(crate) fn describe_configs(
    client: &Shared,
    resources: &[Resource],
    limit: Duration,
) -> Result<Vec<(String, Vec<ConfigValue>)>> {
    if resources.is_empty() {
        return Ok(Vec::new());
    }
    let what = resources[0].what();
    let mut natives = Resources::new(resources)?;
    let mut found = Vec::with_capacity(resources.len());
    let mut failed = None;
    run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
        limit,
        1,
        // SAFETY: the resources and the call's pointers are alive; librdkafka copies the resources.
        |call| unsafe {
            sys::rd_kafka_DescribeConfigs(
                call.native,
                natives.0.as_mut_ptr(),
                natives.0.len(),
                call.options,
                call.queue,
            );
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_DescribeConfigs_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let answers = sys::rd_kafka_DescribeConfigs_result_resources(result, &mut count);
                for answer in pointers(answers, count) {
                    match resource_error(*answer) {
                        Some(error) => failed = Some(error),
                        None => found.push(entries(*answer)),
                    }
                }
            }
            Ok(())
        },
    )?;
    match failed {
        Some((code, text)) if found.is_empty() => Err(ClusterError::from_code(what, code, text)),
        _ => Ok(found),
    }
}

/// Changes the keys named and no other (KIP-339).
pub(crate) fn alter_configs(
    client: &Shared,
    resource: &Resource,
    changes: &[ConfigChange],
    limit: Duration,
) -> Result<()> {
    let what = resource.what();
    let mut natives = Resources::new(std::slice::from_ref(resource))?;
    for change in changes {
        let name = c_string("the config's name", &change.name)?;
        let value = change.value.as_deref().map(|value| c_string("the config's value", value)).transpose()?;
        let (op, value) = match &value {
            Some(value) => (Op::RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.as_ptr()),
            None => (Op::RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE, std::ptr::null()),
        };
        // SAFETY: the resource is alive, both strings are copied; the error object is ours to destroy.
        let refused = unsafe {
            let error =
                sys::rd_kafka_ConfigResource_add_incremental_config(natives.0[0], name.as_ptr(), op, value);
            let refused = super::error_of(error);
            if !error.is_null() {
                sys::rd_kafka_error_destroy(error);
            }
            refused
        };
        if let Some((code, text)) = refused {
            return Err(ClusterError::from_code(format!("{what}, {}", change.name), code, text));
        }
    }
    run(
        client,
        &what,
        RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS,
        limit,
        1,
        // SAFETY: the resources and the call's pointers are alive; librdkafka copies the resources.
        |call| unsafe {
            sys::rd_kafka_IncrementalAlterConfigs(
                call.native,
                natives.0.as_mut_ptr(),
                natives.0.len(),
                call.options,
                call.queue,
            );
        },
        |reply| {
            // SAFETY: the reply is alive while its parts are copied.
            unsafe {
                let result = sys::rd_kafka_event_IncrementalAlterConfigs_result(reply.ptr());
                if result.is_null() {
                    return Err(null());
                }
                let mut count = 0;
                let answers = sys::rd_kafka_IncrementalAlterConfigs_result_resources(result, &mut count);
                for answer in pointers(answers, count) {
                    if let Some((code, text)) = resource_error(*answer) {
                        return Err(ClusterError::from_code(&what, code, text));
                    }
                }
            }
            Ok(())
        },
    )
}

/// # Safety
/// `resource` is live.
unsafe fn resource_error(resource: *const sys::rd_kafka_ConfigResource_t) -> Option<(Code, Option<String>)> {
    // SAFETY: live by the caller's promise; the text is copied.
    let (code, text) = unsafe {
        (
            Code::from(sys::rd_kafka_ConfigResource_error(resource)),
            text(sys::rd_kafka_ConfigResource_error_string(resource)),
        )
    };
    (code != Code::NoError).then_some((code, text))
}

/// # Safety
/// `resource` is live.
unsafe fn entries(resource: *const sys::rd_kafka_ConfigResource_t) -> (String, Vec<ConfigValue>) {
    // SAFETY: live by the caller's promise; all parts are copied.
    unsafe {
        let mut count = 0;
        let entries = sys::rd_kafka_ConfigResource_configs(resource, &mut count);
        let values = pointers(entries, count)
            .iter()
            .map(|entry| ConfigValue {
                name: text(sys::rd_kafka_ConfigEntry_name(*entry)).unwrap_or_default(),
                value: text(sys::rd_kafka_ConfigEntry_value(*entry)),
                source: source_name(sys::rd_kafka_ConfigEntry_source(*entry)),
                is_default: sys::rd_kafka_ConfigEntry_is_default(*entry) == 1,
                read_only: sys::rd_kafka_ConfigEntry_is_read_only(*entry) == 1,
                sensitive: sys::rd_kafka_ConfigEntry_is_sensitive(*entry) == 1,
            })
            .collect();
        (text(sys::rd_kafka_ConfigResource_name(resource)).unwrap_or_default(), values)
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG => "DYNAMIC_TOPIC_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG => "DYNAMIC_BROKER_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG => "DYNAMIC_DEFAULT_BROKER_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG => "STATIC_BROKER_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_DEFAULT_CONFIG => "DEFAULT_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_GROUP_CONFIG => "GROUP_CONFIG",
        Source::RD_KAFKA_CONFIG_SOURCE_UNKNOWN_CONFIG | Source::RD_KAFKA_CONFIG_SOURCE__CNT => "UNKNOWN",
    }
}
