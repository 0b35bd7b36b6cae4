/** Moving through a graph: by edges for dependencies, by eye for arrow keys. */

import type { DagEdge } from "../gen/api";
import type { Layout, Point } from "./layout";
import type { GraphModel } from "./model";

export type Direction = "left" | "right" | "up" | "down";

/** All tasks that depend on `taskId`, directly or not, without itself. */
export const downstreamOf = (edges: readonly DagEdge[], taskId: string): Set<string> =>
  reach(edges, taskId, (e) => [e.upstream, e.downstream]);

/** All tasks that `taskId` depends on, directly or not, without itself. */
export const upstreamOf = (edges: readonly DagEdge[], taskId: string): Set<string> =>
  reach(edges, taskId, (e) => [e.downstream, e.upstream]);

function reach(
  edges: readonly DagEdge[],
  start: string,
  ends: (edge: DagEdge) => [from: string, to: string],
): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const [from, to] = ends(edge);
    const list = next.get(from);
    if (list === undefined) next.set(from, [to]);
    else list.push(to);
  }
  const seen = new Set<string>();
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const to of next.get(at) ?? []) {
      if (to === start || seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}

/**
 * Tasks in an order in which every task follows what it depends on; among
 * equals the DAG's own order. Tasks of a cycle, which no valid DAG has, come last.
 */
export function topological(taskIds: readonly string[], edges: readonly DagEdge[]): string[] {
  const waitsFor = new Map(taskIds.map((id) => [id, 0]));
  const next = new Map<string, string[]>();
  for (const { upstream, downstream } of edges) {
    if (!waitsFor.has(upstream) || !waitsFor.has(downstream)) continue;
    waitsFor.set(downstream, (waitsFor.get(downstream) ?? 0) + 1);
    next.set(upstream, [...(next.get(upstream) ?? []), downstream]);
  }
  const ready = taskIds.filter((id) => waitsFor.get(id) === 0);
  const order: string[] = [];
  for (let at = 0; at < ready.length; at += 1) {
    const id = ready[at];
    if (id === undefined) break;
    order.push(id);
    for (const to of next.get(id) ?? []) {
      const left = (waitsFor.get(to) ?? 0) - 1;
      waitsFor.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  const placed = new Set(order);
  return [...order, ...taskIds.filter((id) => !placed.has(id))];
}

/** Absolute top left corner of every node. */
export function corners(model: GraphModel, layout: Layout): Map<string, Point> {
  const found = new Map<string, Point>();
  for (const node of model.nodes) {
    const box = layout.boxes.get(node.id);
    if (box === undefined) continue;
    const origin = (node.parent === null ? undefined : found.get(node.parent)) ?? { x: 0, y: 0 };
    found.set(node.id, { x: origin.x + box.x, y: origin.y + box.y });
  }
  return found;
}

/** Absolute middle of every node that can be chosen: tasks and folded groups. */
export function centres(model: GraphModel, layout: Layout): Map<string, Point> {
  const at = corners(model, layout);
  const middles = new Map<string, Point>();
  for (const node of model.nodes) {
    const corner = at.get(node.id);
    const box = layout.boxes.get(node.id);
    if (corner === undefined || box === undefined) continue;
    if (node.kind === "task" || node.folded) {
      middles.set(node.id, { x: corner.x + box.width / 2, y: corner.y + box.height / 2 });
    }
  }
  return middles;
}

/** The nearest node in that direction, preferring one straight ahead; null at the rim. */
export function neighbour(
  middles: ReadonlyMap<string, Point>,
  from: string | null,
  direction: Direction,
): string | null {
  const start = from === null ? undefined : middles.get(from);
  if (start === undefined) return leftmost(middles);
  let best: string | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const [id, middle] of middles) {
    if (id === from) continue;
    const { ahead, aside } = along(direction, middle.x - start.x, middle.y - start.y);
    if (ahead <= 1) continue;
    const cost = ahead + 2 * Math.abs(aside);
    if (cost < bestCost) {
      bestCost = cost;
      best = id;
    }
  }
  return best;
}

function along(direction: Direction, dx: number, dy: number): { ahead: number; aside: number } {
  switch (direction) {
    case "left":
      return { ahead: -dx, aside: dy };
    case "right":
      return { ahead: dx, aside: dy };
    case "up":
      return { ahead: -dy, aside: dx };
    case "down":
      return { ahead: dy, aside: dx };
  }
}

function leftmost(middles: ReadonlyMap<string, Point>): string | null {
  let best: string | null = null;
  let bestAt: Point | null = null;
  for (const [id, middle] of middles) {
    if (bestAt === null || middle.x < bestAt.x || (middle.x === bestAt.x && middle.y < bestAt.y)) {
      best = id;
      bestAt = middle;
    }
  }
  return best;
}
