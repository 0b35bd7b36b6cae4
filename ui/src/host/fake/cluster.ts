import type { ConfigEntry, MetricsReply, Overview, RunCounts, RunRow } from "@/gen/api";
import type { Handlers } from "./index";
import { lagAt, lastMinute, rateAt } from "./model";
import { topicRow } from "./topics";
import type { World } from "./world";

const brokerConfig: [string, string, boolean, string][] = [
  [
    "log.retention.hours",
    "72",
    false,
    "How long a record is kept, in hours, unless `log.retention.ms` says otherwise.",
  ],
  ["num.partitions", "3", false, "Partitions of topics created by first use."],
  [
    "advertised.listeners",
    "PLAINTEXT://127.0.0.1:9092",
    true,
    "What clients are told to connect to.",
  ],
  ["auto.create.topics.enable", "true", true, "Whether asking for an unknown topic creates it."],
  ["compression.type", "producer", true, "How records are compressed on disk."],
  ["group.initial.rebalance.delay.ms", "0", true, "How long a new group waits for more members."],
  ["log.segment.bytes", "1073741824", true, "The size at which a new segment file begins."],
  ["message.max.bytes", "1048588", true, "The largest record batch allowed."],
  ["offsets.topic.num.partitions", "50", true, "Partitions of `__consumer_offsets`."],
  ["socket.request.max.bytes", "104857600", true, "The largest request a client may send."],
];

export function clusterHandlers(world: World): Handlers {
  const series = (name: string): ((ms: number) => number) => {
    const topics = [...world.topics.values()];
    const groups = [...world.groups.values()];
    if (name === "messages_in") return (ms) => topics.reduce((sum, t) => sum + rateAt(t, ms), 0);
    if (name === "bytes_in")
      return (ms) => topics.reduce((sum, t) => sum + rateAt(t, ms) * t.bytes * 0.7, 0);
    if (name === "bytes_out")
      return (ms) =>
        topics.reduce(
          (sum, t) =>
            sum + rateAt(t, ms - 3000) * t.bytes * 0.9 * Math.min(2, world.groupsOf(t.name).length),
          0,
        );
    if (name === "total_lag")
      return (ms) => groups.reduce((sum, g) => sum + lagAt(g.name, g.lag, ms), 0);
    if (name.startsWith("topic_in:")) {
      const topic = world.topics.get(name.slice("topic_in:".length));
      return (ms) => (topic ? rateAt(topic, ms) : 0);
    }
    const group = world.groups.get(name.slice("group_lag:".length));
    return (ms) => (group ? lagAt(group.name, group.lag, ms) : 0);
  };
  return {
    metrics: ({ series: names, from_ms, to_ms, points_max }): MetricsReply => {
      const step = Math.max(1000, Math.ceil((to_ms - from_ms) / points_max / 1000) * 1000);
      const times: number[] = [];
      for (let t = Math.ceil(from_ms / step) * step; t <= Math.min(to_ms, Date.now()); t += step)
        times.push(t);
      return {
        times_ms: times,
        series: names.map((name) => ({ name, values: times.map(series(name)) })),
      };
    },
    overview: async (): Promise<Overview> => {
      const now = Date.now();
      const runs =
        (await world.handlers.runs_list?.({ dag_id: null, state: null, limit: 200 })) ?? [];
      const rows = [...world.topics.values()]
        .filter((t) => !t.internal)
        .map((t) => topicRow(world, t));
      const groups = [...world.groups.values()].map((g) => world.groupRow(g));
      return {
        brokers: 1,
        topics: world.topics.size,
        partitions: [...world.topics.values()].reduce((sum, t) => sum + t.partitions, 0),
        under_replicated: 0,
        offline: 0,
        messages_in_per_s: series("messages_in")(now),
        bytes_in_per_s: series("bytes_in")(now),
        bytes_out_per_s: series("bytes_out")(now),
        total_lag: groups.reduce((sum, g) => sum + g.total_lag, 0),
        busiest_topics: rows
          .sort((a, b) => b.messages_in_per_s - a.messages_in_per_s)
          .slice(0, 10)
          .map(({ name, messages_in_per_s, trend }) => ({ topic: name, messages_in_per_s, trend })),
        slowest_groups: groups
          .sort((a, b) => b.total_lag - a.total_lag)
          .slice(0, 10)
          .map((g) => ({
            group: g.group,
            state: g.state,
            total_lag: g.total_lag,
            trend: lastMinute((ms) => lagAt(g.group, world.group(g.group).lag, ms), now),
          })),
        runs: countRuns(runs),
        recent_runs: runs.slice(0, 20),
        now_ms: now,
      };
    },
    brokers_list: () => [
      {
        id: 1,
        host: "127.0.0.1",
        port: 9092,
        rack: null,
        controller: true,
        partitions: [...world.topics.values()].reduce((sum, t) => sum + t.partitions, 0),
        leaders: [...world.topics.values()].reduce((sum, t) => sum + t.partitions, 0),
      },
    ],
    broker_config: (): ConfigEntry[] =>
      brokerConfig.map(([name, value, is_default, documentation]) => ({
        name,
        value,
        source: is_default ? "DEFAULT_CONFIG" : "STATIC_BROKER_CONFIG",
        is_default,
        read_only: true,
        sensitive: false,
        documentation,
      })),
  };
}

function countRuns(runs: readonly RunRow[]): RunCounts {
  const counts: RunCounts = { queued: 0, running: 0, success: 0, failed: 0 };
  for (const run of runs) counts[run.state] += 1;
  return counts;
}
