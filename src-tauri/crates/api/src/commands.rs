//! The list of commands: each name with its parameters and its reply.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cluster::*;
use crate::consumers::*;
use crate::dags::*;
use crate::messages::*;
use crate::overview::*;
use crate::quickstart::*;
use crate::schemas::*;
use crate::settings::*;
use crate::topics::*;

/// Nothing to say: the reply of a command that only succeeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "api.ts")]
pub struct Done {}

/// A command's parameters, tied to its reply.
pub trait Call: Serialize + DeserializeOwned {
    type Reply: Serialize + DeserializeOwned;
    /// The name on the wire, snake_case.
    const NAME: &'static str;
}

macro_rules! commands {
    ($($name:literal $params:ident -> $reply:ty;)*) => {
        /// Any command, as it arrives: `{"command": name, "params": {…}}`.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "command", content = "params")]
        pub enum Request {
            $(#[serde(rename = $name)] $params($params),)*
        }

        $(impl Call for $params {
            type Reply = $reply;
            const NAME: &'static str = $name;
        })*

        /// Calls `$visit.command::<Params, Reply>(name)` for each, in order.
        pub(crate) fn visit(visitor: &mut impl Visitor) {
            $(visitor.command::<$params, $reply>($name);)*
        }
    };
}

pub(crate) trait Visitor {
    fn command<P: TS + 'static, R: TS + 'static>(&mut self, name: &'static str);
}

commands! {
    // The platform itself.
    "status" StatusGet -> Status;
    "clusters_list" ClustersList -> Vec<ClusterRow>;
    "cluster_settings" ClusterSettingsGet -> ClusterSettings;
    "cluster_attach" ClusterAttach -> ClusterRow;
    "cluster_detach" ClusterDetach -> Done;
    "cluster_try" ClusterTry -> ClusterTried;
    "settings_get" SettingsGet -> Settings;
    "settings_set" SettingsSet -> Settings;
    "quickstart_get" QuickstartGet -> Quickstart;
    "quickstart_start" QuickstartStart -> Quickstart;
    "quickstart_stop" QuickstartStop -> Quickstart;
    "quickstart_remove" QuickstartRemove -> Quickstart;

    // A cluster at a glance.
    "overview" OverviewGet -> Overview;
    "metrics" MetricsGet -> MetricsReply;
    "brokers_list" BrokersList -> Vec<BrokerRow>;
    "broker_config" BrokerConfigGet -> Vec<ConfigEntry>;

    // Topics.
    "topics_list" TopicsList -> Vec<TopicRow>;
    "topic" TopicGet -> TopicDetail;
    "topic_config" TopicConfigGet -> Vec<ConfigEntry>;
    "topic_config_set" TopicConfigSet -> Done;
    "topic_create" TopicCreate -> Done;
    "topic_delete" TopicDelete -> Done;
    "topic_partitions_add" TopicPartitionsAdd -> Done;
    "topic_empty" TopicEmpty -> Done;

    // Messages.
    "messages_browse" MessagesBrowse -> MessagePage;
    "messages_tail" MessagesTail -> MessageTail;
    "message" MessageGet -> Message;
    "message_produce" MessageProduce -> Produced;

    // Consumer groups.
    "groups_list" GroupsList -> Vec<GroupRow>;
    "group" GroupGet -> GroupDetail;
    "group_reset" GroupReset -> Vec<OffsetChange>;
    "group_delete" GroupDelete -> Done;

    // Schemas.
    "subjects_list" SubjectsList -> Vec<SubjectRow>;
    "subject" SubjectGet -> SubjectDetail;
    "schema_check" SchemaCheck -> SchemaVerdict;
    "schema_register" SchemaRegister -> SchemaRegistered;
    "subject_delete" SubjectDelete -> Done;
    "compatibility_set" CompatibilitySet -> Done;

    // DAGs and runs.
    "dags_list" DagsList -> DagList;
    "dag" DagGet -> DagDetail;
    "dag_pause" DagPause -> Done;
    "dag_trigger" DagTrigger -> RunRow;
    "runs_list" RunsList -> Vec<RunRow>;
    "run" RunGet -> RunDetail;
    "run_stop" RunStop -> Done;
    "tasks_clear" TasksClear -> Done;
    "task_instance" TaskInstanceGet -> TaskInstanceDetail;
    "task_log" TaskLogGet -> TaskLog;
}
