//! The controller and its log of metadata. Here it is in the same process and keeps no such log.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "broker.heartbeat.interval.ms" Int["2000"] Any, ReadOnly,
        "How often a broker reports to the controller. Both are one process here.";

    "broker.session.timeout.ms" Int["9000"] Any, ReadOnly,
        "A broker that the controller does not hear from for this long is fenced.";

    "controller.listener.names" List[""] Any, ReadOnly,
        "Listeners of the controller. Here it has none: it is in this process.";

    "controller.performance.always.log.threshold.ms" Long["2000"] AtLeast(0), ReadOnly,
        hidden "Controller events that take longer are always logged.";

    "controller.performance.sample.period.ms" Long["60000"] AtLeast(100), ReadOnly,
        hidden "Time between two reports on the controller's performance.";

    "controller.quorum.append.linger.ms" Int["25"] AtLeast(0), ReadOnly,
        "How long the controllers' leader gathers records before it writes them.";

    "controller.quorum.auto.join.enable" Boolean["false"] Any, ReadOnly,
        "Whether a controller joins the quorum's voters by itself.";

    "controller.quorum.bootstrap.servers" List[""] Any, ReadOnly,
        "Addresses by which controllers find each other.";

    "controller.quorum.election.backoff.max.ms" Int["1000"] AtLeast(0), ReadOnly,
        "The longest wait before another election among controllers.";

    "controller.quorum.election.timeout.ms" Int["1000"] AtLeast(0), ReadOnly,
        "How long a controller waits for votes before it asks again.";

    "controller.quorum.fetch.max.bytes" Int["1048576"] AtLeast(1), ReadOnly,
        "The most one controller reads from another at a time.";

    "controller.quorum.fetch.snapshot.max.bytes" Int["1048576"] AtLeast(1), ReadOnly,
        "The most of a snapshot one controller reads from another at a time.";

    "controller.quorum.fetch.timeout.ms" Int["2000"] AtLeast(0), ReadOnly,
        "How long controllers go without their leader before they elect another.";

    "controller.quorum.request.timeout.ms" Int["2000"] AtLeast(0), ReadOnly,
        "How long controllers wait for each other's answers.";

    "controller.quorum.retry.backoff.ms" Int["20"] AtLeast(0), ReadOnly,
        "The wait before a request between controllers is tried again.";

    "controller.quorum.voters" List[""] Any, ReadOnly,
        "The controllers, as id@host:port. Empty: this process is its own.";

    "controller.socket.timeout.ms" Int["30000"] Any, ReadOnly,
        "How long the broker waits for the controller. Both are one process here.";

    "early.start.listeners" List[] Any, ReadOnly,
        "Listeners that open before the authorizer is ready. It always is.";

    "initial.broker.registration.timeout.ms" Int["60000"] Any, ReadOnly,
        "How long a starting broker waits for the controller. Both are one process here.";

    "internal.metadata.delete.delay.millis" Long["60000"] Any, ReadOnly,
        hidden "How long replaced metadata snapshots stay on disk.";

    "internal.metadata.log.segment.bytes" Int[] Any, ReadOnly,
        hidden "The segment size of the metadata log, for tests of Kafka.";

    "internal.metadata.max.batch.size.in.bytes" Int["8388608"] Any, ReadOnly,
        hidden "The largest batch of the metadata log.";

    "metadata.log.dir" String[] Any, ReadOnly,
        "Where the metadata log is. Topics keep their own files here.";

    "metadata.log.max.record.bytes.between.snapshots" Long["20971520"] AtLeast(1), ReadOnly,
        "Bytes of metadata between two snapshots.";

    "metadata.log.max.snapshot.interval.ms" Long["3600000"] AtLeast(0), ReadOnly,
        "Time between two snapshots of metadata.";

    "metadata.log.segment.bytes" Int["1073741824"] AtLeast(8_388_608), ReadOnly,
        "The segment size of the metadata log.";

    "metadata.log.segment.ms" Long["604800000"] Any, ReadOnly,
        "The age at which the metadata log begins a new segment.";

    "metadata.max.idle.interval.ms" Int["500"] AtLeast(0), ReadOnly,
        "How often an idle controller writes that it is there.";

    "metadata.max.retention.bytes" Long["104857600"] Any, ReadOnly,
        "The size from which old metadata snapshots go.";

    "metadata.max.retention.ms" Long["604800000"] Any, ReadOnly,
        "The age from which old metadata snapshots go.";

    "process.roles" List["broker,controller"] SomeOf(&["broker", "controller"]), ReadOnly,
        "What this process is in its cluster.";

    "server.max.startup.time.ms" Long["9223372036854775807"] AtLeast(0), ReadOnly,
        hidden "How long the start may take.";

    "unstable.api.versions.enable" Boolean["false"] Any, ReadOnly,
        hidden "Whether APIs still in the making are told to clients. There are none.";

    "unstable.feature.versions.enable" Boolean["false"] Any, ReadOnly,
        hidden "Whether features still in the making can be switched on. There are none.";
};
