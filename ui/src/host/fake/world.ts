/** The fake platform's state: one object whose parts answer the commands. */
import type { ApiError, GroupRow } from "@/gen/api";
import { clusterHandlers } from "./cluster";
import { type FakeGroup, groupHandlers, groupRow, startGroups } from "./groups";
import type { Handlers } from "./index";
import { messageHandlers } from "./messages";
import type { FakeTopic } from "./model";
import { pipelinesHandlers } from "./pipelines/handlers";
import { platformHandlers } from "./platform";
import { quickstartHandlers } from "./quickstart";
import { registryHandlers } from "./registry";
import { startTopics, topicHandlers } from "./topics";

export interface World {
  readonly handlers: Handlers;
  readonly topics: Map<string, FakeTopic>;
  readonly groups: Map<string, FakeGroup>;
  /** Throws `not_found`, as the real one does. */
  topic(name: string): FakeTopic;
  group(name: string): FakeGroup;
  groupsOf(topic: string): FakeGroup[];
  groupRow(group: FakeGroup): GroupRow;
}

export function createWorld(): World {
  const topics = new Map(startTopics().map((topic) => [topic.name, topic]));
  const groups = new Map(startGroups().map((group) => [group.name, group]));
  const handlers: Handlers = {};
  const world: World = {
    handlers,
    topics,
    groups,
    topic: (name) => topics.get(name) ?? absent(`topic \`${name}\``),
    group: (name) => groups.get(name) ?? absent(`consumer group \`${name}\``),
    groupsOf: (topic) => [...groups.values()].filter((group) => group.topics.includes(topic)),
    groupRow: (group) => groupRow(world, group),
  };
  Object.assign(
    handlers,
    platformHandlers(),
    clusterHandlers(world),
    topicHandlers(world),
    messageHandlers(world),
    groupHandlers(world),
    registryHandlers(),
    quickstartHandlers(),
    pipelinesHandlers(),
  );
  return world;
}

function absent(what: string): never {
  throw {
    code: "not_found",
    message: `There is no ${what}.`,
    hint: "It may have been deleted meanwhile.",
  } satisfies ApiError;
}
