/**
 * Run states laid over a graph. Positions are not an input and not an output:
 * a run can never move a node.
 */

import type { TaskInstanceRow, TaskState } from "../gen/api";
import type { GraphModel } from "./model";

export type NodeStatus = {
  /** The state to show: of several instances, the one a person must see first. */
  state: TaskState;
  /** Instances by state, most urgent first. */
  counts: { state: TaskState; count: number }[];
  instances: number;
  /** Of the shown instance, when the node stands for exactly one. */
  tryNumber: number | null;
  maxTries: number | null;
  startedAtMs: number | null;
  endedAtMs: number | null;
  note: string | null;
};

/** The most urgent first: what stands on a node that holds several instances. */
const URGENCY: readonly TaskState[] = [
  "failed",
  "upstream_failed",
  "up_for_retry",
  "restarting",
  "running",
  "awaiting_input",
  "deferred",
  "up_for_reschedule",
  "queued",
  "scheduled",
  "none",
  "skipped",
  "success",
  "removed",
];

const RANK = new Map(URGENCY.map((state, rank) => [state, rank]));

const rank = (state: TaskState): number => RANK.get(state) ?? URGENCY.length;

/** One status per node that has instances; nodes without any are absent. */
export function overlay(
  model: GraphModel,
  instances: readonly TaskInstanceRow[],
): Map<string, NodeStatus> {
  const byTask = groupByTask(instances);
  const statuses = new Map<string, NodeStatus>();
  for (const node of model.nodes) {
    const own =
      node.kind === "task"
        ? (byTask.get(node.id) ?? [])
        : node.taskIds.flatMap((id) => byTask.get(id) ?? []);
    const status = summarise(own);
    if (status !== null) statuses.set(node.id, status);
  }
  return statuses;
}

export function groupByTask(instances: readonly TaskInstanceRow[]): Map<string, TaskInstanceRow[]> {
  const byTask = new Map<string, TaskInstanceRow[]>();
  for (const instance of instances) {
    const list = byTask.get(instance.task_id);
    if (list === undefined) byTask.set(instance.task_id, [instance]);
    else list.push(instance);
  }
  return byTask;
}

/** What several instances amount to, or null for none. */
export function summarise(instances: readonly TaskInstanceRow[]): NodeStatus | null {
  const counted = new Map<TaskState, number>();
  let shown: TaskInstanceRow | null = null;
  let startedAtMs: number | null = null;
  let endedAtMs: number | null = null;
  let allEnded = true;
  for (const instance of instances) {
    counted.set(instance.state, (counted.get(instance.state) ?? 0) + 1);
    if (shown === null || rank(instance.state) < rank(shown.state)) shown = instance;
    startedAtMs = earliest(startedAtMs, instance.started_at_ms);
    endedAtMs = latest(endedAtMs, instance.ended_at_ms);
    if (instance.ended_at_ms === null) allEnded = false;
  }
  if (shown === null) return null;
  const one = instances.length === 1;
  return {
    state: shown.state,
    counts: [...counted]
      .map(([state, count]) => ({ state, count }))
      .sort((a, b) => rank(a.state) - rank(b.state)),
    instances: instances.length,
    tryNumber: one ? shown.try_number : null,
    maxTries: one ? shown.max_tries : null,
    startedAtMs,
    endedAtMs: allEnded ? endedAtMs : null,
    note: shown.note,
  };
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

const latest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.max(a, b);

/**
 * The new statuses, with the old object wherever nothing changed: what draws
 * a node can tell by identity that there is nothing to draw.
 */
export function keepUnchanged(
  before: ReadonlyMap<string, NodeStatus>,
  after: ReadonlyMap<string, NodeStatus>,
): Map<string, NodeStatus> {
  const kept = new Map<string, NodeStatus>();
  for (const [id, status] of after) {
    const old = before.get(id);
    kept.set(id, old !== undefined && same(old, status) ? old : status);
  }
  return kept;
}

const same = (a: NodeStatus, b: NodeStatus): boolean =>
  a.state === b.state &&
  a.instances === b.instances &&
  a.tryNumber === b.tryNumber &&
  a.maxTries === b.maxTries &&
  a.startedAtMs === b.startedAtMs &&
  a.endedAtMs === b.endedAtMs &&
  a.note === b.note &&
  a.counts.length === b.counts.length &&
  a.counts.every(
    (one, at) => one.state === b.counts[at]?.state && one.count === b.counts[at]?.count,
  );
