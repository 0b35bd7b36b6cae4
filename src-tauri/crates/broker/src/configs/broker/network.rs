//! Listeners, connections, requests, quotas.

use crate::configs::Definition;
use crate::configs::table::keys;

pub(super) const KEYS: &[Definition] = keys! {
    "advertised.listeners" List[] Any, ReadOnly,
        "Addresses told to clients. Empty: each connection is told the address it came in by.";

    "background.threads" Int["10"] AtLeast(1), ClusterWide,
        "Threads for work beside requests. Here the runtime has its own.";

    "client.quota.callback.class" Class[] Any, ReadOnly,
        "A Java class that decides on quotas. None is loaded here.";

    "connection.failed.authentication.delay.ms" Int["100"] AtLeast(0), ReadOnly,
        "How long the answer to a failed authentication is held back.";

    "connections.max.idle.ms" Long["600000"] Any, ReadOnly,
        "Close connections nothing was heard from for this long.";

    "connections.max.reauth.ms" Long["0"] Any, ReadOnly,
        "How long a SASL session lasts before the client must authenticate again. 0: for as long as the connection.";

    "controller.quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which made and deleted partitions are held against their quota.";

    "controller.quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "delete.records.purgatory.purge.interval.requests" Int["1"] Any, ReadOnly,
        "Requests between two clearings of waiting DeleteRecords. None waits here.";

    "fetch.max.bytes" Int["57671680"] AtLeast(1024), ReadOnly,
        "The most one fetch returns.";

    "fetch.purgatory.purge.interval.requests" Int["1000"] Any, ReadOnly,
        "Requests between two clearings of waiting fetches. They clear themselves here.";

    "listener.security.protocol.map" String["SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT"] Any, PerBroker,
        "Listeners' names and how each is spoken to.";

    "listeners" List[] Any, PerBroker,
        "Addresses listened on, given where the broker is started.";

    "max.connection.creation.rate" Int["2147483647"] AtLeast(0), ClusterWide,
        "New connections per second, in all, or of one listener: more wait before they are accepted.";

    "max.connections" Int["2147483647"] AtLeast(0), ClusterWide,
        "Connections open at a time, in all, or of one listener: more wait until another ends.";

    "max.connections.per.ip" Int["2147483647"] AtLeast(0), ClusterWide,
        "Connections open at a time from one address.";

    "max.connections.per.ip.overrides" String[""] IpCounts, ClusterWide,
        "The same for single addresses: 10.0.0.1:5,10.0.0.2:7.";

    "max.incremental.fetch.session.cache.slots" Int["1000"] AtLeast(0), ReadOnly,
        "Fetch sessions remembered at a time (KIP-227).";

    "max.request.partition.size.limit" Int["2000"] AtLeast(1), ReadOnly,
        "The most partitions one DescribeTopicPartitions answers with.";

    "num.io.threads" Int["8"] AtLeast(1), ClusterWide,
        "Threads that handle requests. Here the runtime has its own.";

    "num.network.threads" Int["3"] AtLeast(1), ClusterWide,
        "Threads that read and write sockets. Here the runtime has its own.";

    "producer.purgatory.purge.interval.requests" Int["1000"] Any, ReadOnly,
        "Requests between two clearings of waiting produces. They clear themselves here.";

    "queued.max.request.bytes" Long["-1"] Any, ReadOnly,
        "The most bytes of requests that wait. Requests do not wait in a queue here.";

    "queued.max.requests" Int["500"] AtLeast(1), ReadOnly,
        "The most requests that wait. Requests do not wait in a queue here.";

    "quota.window.num" Int["11"] AtLeast(1), ReadOnly,
        "Windows over which use is held against quotas.";

    "quota.window.size.seconds" Int["1"] AtLeast(1), ReadOnly,
        "The length of each such window.";

    "socket.connection.setup.timeout.max.ms" Long["30000"] Any, ReadOnly,
        "The longest wait for a connection to another broker.";

    "socket.connection.setup.timeout.ms" Long["10000"] Any, ReadOnly,
        "The wait for a connection to another broker.";

    "socket.listen.backlog.size" Int["50"] AtLeast(1), ReadOnly,
        "Connections the system holds until they are accepted.";

    "socket.receive.buffer.bytes" Int["102400"] Any, ReadOnly,
        "The receive buffer of clients' sockets; the system chooses here.";

    "socket.request.max.bytes" Int["104857600"] AtLeast(1), ReadOnly,
        "The largest request taken.";

    "socket.send.buffer.bytes" Int["102400"] Any, ReadOnly,
        "The send buffer of clients' sockets; the system chooses here.";

    "telemetry.max.bytes" Int["1048576"] AtLeast(1), ReadOnly,
        "The largest push of a client's own metrics that is taken.";
};
