/**
 * ELK in a web worker: a layout of a thousand tasks never holds a frame.
 *
 * The worker starts with the first graph and stays. Layouts are remembered
 * by the model's structure, so coming back to a DAG shows it at once.
 */

import type { ELK, ElkNode } from "elkjs/lib/elk-api";
import elkWorkerUrl from "elkjs/lib/elk-worker.min.js?url";
import { type Layout, type LayoutEngine, layout } from "./layout";
import type { GraphModel } from "./model";

const REMEMBERED_MAX = 32;

let elk: Promise<ELK> | null = null;

async function startElk(): Promise<ELK> {
  if (import.meta.env.MODE === "test") {
    // Tests have no worker: the same code runs in their thread. No build holds this branch.
    const { default: Bundled } = await import("elkjs/lib/elk.bundled.js");
    return new Bundled();
  }
  const { default: Api } = await import("elkjs/lib/elk-api");
  return new Api({ workerFactory: () => new Worker(elkWorkerUrl) });
}

/** The window's engine. */
export const workerEngine: LayoutEngine = async (graph: ElkNode) => {
  elk ??= startElk();
  return (await elk).layout(graph);
};

const remembered = new Map<string, Promise<Layout>>();

/** Structure alone: two models with the same key have the same layout. */
export function modelKey(model: GraphModel): string {
  const nodes = model.nodes.map((n) => [n.id, n.parent, n.kind === "group" && n.folded]);
  const edges = model.edges.map((e) => [e.source, e.target, e.labels]);
  return JSON.stringify([nodes, edges]);
}

/** Lays the model out, or answers from memory. */
export function layoutModel(
  model: GraphModel,
  engine: LayoutEngine = workerEngine,
): Promise<Layout> {
  const key = modelKey(model);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const pending = layout(model, engine);
  remembered.set(key, pending);
  pending.catch(() => remembered.delete(key));
  if (remembered.size > REMEMBERED_MAX) {
    const oldest = remembered.keys().next().value;
    if (oldest !== undefined) remembered.delete(oldest);
  }
  return pending;
}
