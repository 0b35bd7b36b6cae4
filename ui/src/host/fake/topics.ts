import type { ApiError, ConfigEntry, PartitionRow, TopicRow } from "@/gen/api";
import type { Handlers } from "./index";
import { endOffset, type FakeTopic, fakeTopic, lastMinute, rateAt } from "./model";
import type { World } from "./world";

export const startTopics = (): FakeTopic[] => [
  fakeTopic("host.metrics", {
    rate: 1,
    bytes: 214,
    before: 4_120,
    valueSchema: "host.metrics-value",
  }),
  fakeTopic("host.report", { rate: 1 / 60, bytes: 320, before: 68 }),
  fakeTopic("orders.v1", {
    partitions: 6,
    rate: 418,
    bytes: 512,
    before: 48_200_000,
    keySchema: "orders.v1-key",
    valueSchema: "orders.v1-value",
  }),
  fakeTopic("orders.v1.dlq", { partitions: 1, rate: 0.02, bytes: 640, before: 312 }),
  fakeTopic("payments.authorised", { partitions: 12, rate: 176, bytes: 388, before: 9_120_400 }),
  fakeTopic("clickstream.raw", { partitions: 24, rate: 2_380, bytes: 266, before: 812_400_000 }),
  fakeTopic("users.profile", {
    partitions: 3,
    rate: 3.4,
    bytes: 1_420,
    before: 184_020,
    cleanup: "compact",
    valueSchema: "users.profile-value",
  }),
  fakeTopic("inventory.changes", { partitions: 6, rate: 41, bytes: 220, before: 2_204_118 }),
  fakeTopic("audit.log", { partitions: 1, rate: 0, bytes: 300, before: 0 }),
  fakeTopic("__consumer_offsets", {
    partitions: 50,
    rate: 9,
    bytes: 96,
    before: 120_000,
    cleanup: "compact",
  }),
  ...Array.from({ length: Number(import.meta.env.VITE_FAKE_TOPICS ?? 0) }, (_, n) =>
    fakeTopic(`load.topic-${n}`, { partitions: 1 + (n % 6), rate: n % 40, before: n * 31 }),
  ),
  fakeTopic("_schemas", { partitions: 1, rate: 0, bytes: 640, before: 9, cleanup: "compact" }),
];

export function topicRow(world: World, topic: FakeTopic): TopicRow {
  const now = Date.now();
  let messages = 0;
  for (let p = 0; p < topic.partitions; p++) messages += endOffset(topic, p, now);
  return {
    name: topic.name,
    internal: topic.internal,
    partitions: topic.partitions,
    replication_factor: 1,
    under_replicated: 0,
    messages,
    size_bytes: Math.round(messages * topic.bytes * 0.62),
    messages_in_per_s: rateAt(topic, now),
    messages_out_per_s: rateAt(topic, now - 2_000) * (world.groupsOf(topic.name).length || 0),
    cleanup_policy: topic.cleanup,
    key_schema: topic.keySchema,
    value_schema: topic.valueSchema,
    consumers: world.groupsOf(topic.name).length,
    trend: lastMinute((ms) => rateAt(topic, ms), now),
  };
}

function partitionRows(topic: FakeTopic): PartitionRow[] {
  const now = Date.now();
  return Array.from({ length: topic.partitions }, (_, partition) => ({
    partition,
    leader: 1,
    replicas: [1],
    isr: [1],
    start_offset: 0,
    end_offset: endOffset(topic, partition, now),
    size_bytes: Math.round(endOffset(topic, partition, now) * topic.bytes * 0.62),
  }));
}

const defaults: [string, string, string][] = [
  [
    "cleanup.policy",
    "delete",
    "Delete old segments, keep only the newest record per key, or both.",
  ],
  [
    "compression.type",
    "producer",
    "How records are compressed on disk; `producer` keeps what arrives.",
  ],
  ["delete.retention.ms", "86400000", "How long tombstones stay in a compacted topic."],
  ["max.message.bytes", "1048588", "The largest record batch allowed."],
  [
    "message.timestamp.type",
    "CreateTime",
    "Whose clock stamps a record: the producer's or the broker's.",
  ],
  ["min.insync.replicas", "1", "Replicas that must have a record before `acks=all` is answered."],
  ["retention.bytes", "-1", "Bytes kept per partition before old segments go; -1: no limit."],
  [
    "retention.ms",
    "604800000",
    "How long a record is kept before its segment may go; -1: for ever.",
  ],
  ["segment.bytes", "1073741824", "The size at which a new segment file begins."],
  ["segment.ms", "604800000", "The age at which a new segment begins even when it is not full."],
];

const topicConfig = (topic: FakeTopic): ConfigEntry[] =>
  defaults.map(([name, value, documentation]) => {
    const own =
      topic.configs.get(name) ??
      (name === "cleanup.policy" && topic.cleanup === "compact" ? "compact" : undefined);
    return {
      name,
      value: own ?? value,
      source: own === undefined ? "DEFAULT_CONFIG" : "DYNAMIC_TOPIC_CONFIG",
      is_default: own === undefined,
      read_only: false,
      sensitive: false,
      documentation,
    };
  });

export function topicHandlers(world: World): Handlers {
  const find = (name: string) => world.topic(name);
  return {
    topics_list: () => [...world.topics.values()].map((topic) => topicRow(world, topic)),
    topic: ({ topic: name }) => {
      const topic = find(name);
      return {
        row: topicRow(world, topic),
        partitions: partitionRows(topic),
        groups: world.groupsOf(name).map((group) => {
          const row = world.groupRow(group);
          return { group: row.group, state: row.state, members: row.members, lag: row.total_lag };
        }),
      };
    },
    topic_config: ({ topic }) => topicConfig(find(topic)),
    topic_config_set: ({ topic, name, value }) => {
      if (value === null) find(topic).configs.delete(name);
      else find(topic).configs.set(name, value);
      return {};
    },
    topic_create: ({ topic, partitions, configs }) => {
      if (world.topics.has(topic)) {
        throw {
          code: "conflict",
          message: `The topic \`${topic}\` exists already.`,
          hint: "Choose another name, or open the one that is there.",
        } satisfies ApiError;
      }
      if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) {
        throw {
          code: "invalid_request",
          message: `\`${topic}\` is no topic name: letters, digits, \`.\`, \`_\` and \`-\` only.`,
        } satisfies ApiError;
      }
      world.topics.set(
        topic,
        fakeTopic(topic, {
          partitions,
          configs: new Map(configs.map(({ name, value }) => [name, value])),
        }),
      );
      return {};
    },
    topic_delete: ({ topic }) => {
      find(topic);
      world.topics.delete(topic);
      return {};
    },
    topic_partitions_add: ({ topic, partitions }) => {
      find(topic).partitions = partitions;
      return {};
    },
    topic_empty: ({ topic }) => {
      const found = find(topic);
      found.before = 0;
      found.produced.clear();
      return {};
    },
  };
}
