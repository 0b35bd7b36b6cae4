import type { ApiError, GroupPartition, GroupRow, OffsetChange } from "@/gen/api";
import type { Handlers } from "./index";
import { EPOCH_MS, endOffset, lagAt, lastMinute } from "./model";
import type { World } from "./world";

export interface FakeGroup {
  name: string;
  topics: string[];
  members: number;
  /** How far it falls behind at worst. */
  lag: number;
  /** Set by a reset: offsets by `topic/partition`. */
  reset: Map<string, number>;
}

export const startGroups = (): FakeGroup[] => [
  { name: "host-report", topics: ["host.metrics"], members: 0, lag: 60, reset: new Map() },
  { name: "order-fulfilment", topics: ["orders.v1"], members: 3, lag: 840, reset: new Map() },
  {
    name: "billing",
    topics: ["orders.v1", "payments.authorised"],
    members: 2,
    lag: 96,
    reset: new Map(),
  },
  {
    name: "clickstream-sessions",
    topics: ["clickstream.raw"],
    members: 6,
    lag: 18_400,
    reset: new Map(),
  },
  {
    name: "search-indexer",
    topics: ["users.profile", "inventory.changes"],
    members: 1,
    lag: 12,
    reset: new Map(),
  },
  {
    name: "warehouse-nightly",
    topics: ["inventory.changes"],
    members: 0,
    lag: 6_200,
    reset: new Map(),
  },
];

export function groupRow(world: World, group: FakeGroup): GroupRow {
  const now = Date.now();
  const total = partitionsOf(world, group).reduce((sum, p) => sum + (p.lag ?? 0), 0);
  return {
    group: group.name,
    state: group.members > 0 ? "Stable" : "Empty",
    kind: group.members > 2 ? "Consumer" : "Classic",
    protocol_type: "consumer",
    protocol: group.members > 0 ? "range" : "",
    members: group.members,
    topics: group.topics,
    total_lag: total,
    trend: lastMinute((ms) => lagAt(group.name, group.lag, ms), now),
    coordinator: "127.0.0.1:9092",
  };
}

function partitionsOf(world: World, group: FakeGroup): GroupPartition[] {
  const now = Date.now();
  const total = lagAt(group.name, group.lag, now);
  const places = group.topics.flatMap((name) => {
    const topic = world.topics.get(name);
    return topic ? Array.from({ length: topic.partitions }, (_, p) => ({ topic, p })) : [];
  });
  return places.map(({ topic, p }, index) => {
    const end = endOffset(topic, p, now);
    const own = group.reset.get(`${topic.name}/${p}`);
    const share = Math.round((total / places.length) * (0.6 + ((index * 37) % 80) / 100));
    const current = Math.max(0, own ?? end - share);
    const member = group.members > 0 ? index % group.members : null;
    return {
      topic: topic.name,
      partition: p,
      current_offset: current,
      start_offset: 0,
      end_offset: end,
      lag: end - current,
      member_id: member === null ? null : memberId(group, member),
      client_id: member === null ? null : `${group.name}-${member}`,
      host: member === null ? null : "/127.0.0.1",
    };
  });
}

const memberId = (group: FakeGroup, index: number) =>
  `${group.name}-${index}-6f1c20${index}e-1d0b-4c59-9a44-0e8e5f7d2a1${index}`;

export function groupHandlers(world: World): Handlers {
  return {
    groups_list: () => [...world.groups.values()].map((group) => groupRow(world, group)),
    group: ({ group: name }) => {
      const group = world.group(name);
      const partitions = partitionsOf(world, group);
      const members = Array.from({ length: group.members }, (_, index) => {
        const mine = partitions.filter((p) => p.member_id === memberId(group, index));
        const topics = [...new Set(mine.map((p) => p.topic))];
        return {
          member_id: memberId(group, index),
          client_id: `${name}-${index}`,
          host: "/127.0.0.1",
          assignment: topics.map((topic) => ({
            topic,
            partitions: mine.filter((p) => p.topic === topic).map((p) => p.partition),
          })),
        };
      });
      return { row: groupRow(world, group), partitions, members };
    },
    group_reset: ({ group: name, topic, partitions, reset, dry_run }): OffsetChange[] => {
      const group = world.group(name);
      if (group.members > 0) {
        throw {
          code: "conflict",
          message: `The group \`${name}\` has ${group.members} members.`,
          hint: "Stop its consumers first: offsets can be set only while a group is empty.",
        } satisfies ApiError;
      }
      const now = Date.now();
      const fake = world.topic(topic);
      const changes = partitionsOf(world, group)
        .filter(
          (p) => p.topic === topic && (partitions === null || partitions.includes(p.partition)),
        )
        .map((p) => {
          const end = endOffset(fake, p.partition, now);
          const current = p.current_offset ?? 0;
          const wanted =
            reset.to === "earliest"
              ? 0
              : reset.to === "latest"
                ? end
                : reset.to === "offset"
                  ? reset.offset
                  : reset.to === "shift_by"
                    ? current + reset.by
                    : Math.round(
                        ((reset.timestamp_ms - EPOCH_MS) / 1000) * (fake.rate / fake.partitions),
                      ) + Math.floor(fake.before / fake.partitions);
          return {
            topic,
            partition: p.partition,
            before: p.current_offset,
            after: Math.max(0, Math.min(end, wanted)),
          };
        });
      if (!dry_run) for (const c of changes) group.reset.set(`${topic}/${c.partition}`, c.after);
      return changes;
    },
    group_delete: ({ group: name }) => {
      if (world.group(name).members > 0) {
        throw {
          code: "conflict",
          message: `The group \`${name}\` still has members.`,
          hint: "Stop its consumers first.",
        } satisfies ApiError;
      }
      world.groups.delete(name);
      return {};
    },
  };
}
