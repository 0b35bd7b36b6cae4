//! The process itself, and its metrics.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "broker.id" Int["-1"] Any, ReadOnly,
        "The number of this broker, the same as node.id.";

    "config.providers" List[""] Any, ClusterWide,
        "Sources of values referred to in configurations. None is read here.";

    "kafka.metrics.polling.interval.secs" Int["10"] AtLeast(1), ReadOnly,
        "How often Kafka's metrics reporters are asked. There are none.";

    "kafka.metrics.reporters" List[""] Any, ReadOnly,
        "Java classes that report metrics. None is loaded here.";

    "metric.reporters" List["org.apache.kafka.common.metrics.JmxReporter"] Any, ClusterWide,
        "Java classes that report metrics. None is loaded here.";

    "metrics.num.samples" Int["2"] AtLeast(1), ReadOnly,
        "Samples kept for each metric.";

    "metrics.recording.level" String["INFO"] Any, ReadOnly,
        "The finest metrics recorded.";

    "metrics.sample.window.ms" Long["30000"] AtLeast(1), ReadOnly,
        "The time one sample of a metric covers.";

    "node.id" Int["1"] AtLeast(0), ReadOnly,
        "The number of this broker.";

    "num.recovery.threads.per.data.dir" Int["2"] AtLeast(1), ClusterWide,
        "Threads that open logs at start. Here as many as there are cores.";
};
