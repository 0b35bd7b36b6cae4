/**
 * A DAG as the graph view sees it: tasks, the groups that hold them, and the
 * edges that remain visible once some groups are folded.
 *
 * Nothing here knows a position, a run or a framework. `layout.ts` adds
 * positions, `overlay.ts` adds run states.
 */

import type { DagEdge, DagTask } from "../gen/api";

export type GraphTask = {
  kind: "task";
  id: string;
  /** The innermost visible group's id, or null at the top. */
  parent: string | null;
  task: DagTask;
};

export type GraphGroup = {
  kind: "group";
  id: string;
  parent: string | null;
  label: string;
  folded: boolean;
  /** Every task inside, however deep, in the DAG's order. */
  taskIds: string[];
};

export type GraphNode = GraphTask | GraphGroup;

export type GraphEdge = {
  id: string;
  source: string;
  target: string;
  /** Labels of the edges this one stands for, each once. */
  labels: string[];
  /** How many task-to-task edges this one stands for. */
  weight: number;
};

export type GraphModel = {
  /** Parents before their children. */
  nodes: GraphNode[];
  edges: GraphEdge[];
};

/** Keeps group ids apart from task ids: a task may bear its group's name, but holds no colon. */
export const GROUP_PREFIX = "group:";

export const groupNodeId = (path: readonly string[]): string => GROUP_PREFIX + path.join("/");

/**
 * Builds the visible graph. `folded` holds group node ids; a folded group
 * stands for all of its tasks, and edges into it are merged.
 */
export function buildModel(
  tasks: readonly DagTask[],
  edges: readonly DagEdge[],
  folded: ReadonlySet<string> = new Set(),
): GraphModel {
  const groups = new Map<string, GraphGroup>();
  const nodes: GraphNode[] = [];
  /** Where each task is seen: itself, or the outermost folded group around it. */
  const seenAs = new Map<string, string>();

  for (const task of tasks) {
    let parent: string | null = null;
    let hiddenBy: string | null = null;
    for (let depth = 1; depth <= task.groups.length; depth += 1) {
      const id = groupNodeId(task.groups.slice(0, depth));
      if (hiddenBy === null) {
        let group = groups.get(id);
        if (group === undefined) {
          group = {
            kind: "group",
            id,
            parent,
            label: shortName(task.groups[depth - 1] ?? id, task.groups[depth - 2]),
            folded: folded.has(id),
            taskIds: [],
          };
          groups.set(id, group);
          nodes.push(group);
        }
        group.taskIds.push(task.task_id);
        if (group.folded) hiddenBy = id;
        parent = id;
      }
    }
    if (hiddenBy === null) {
      nodes.push({ kind: "task", id: task.task_id, parent, task });
      seenAs.set(task.task_id, task.task_id);
    } else {
      seenAs.set(task.task_id, hiddenBy);
    }
  }

  return { nodes: parentsFirst(nodes), edges: visibleEdges(edges, seenAs) };
}

/** `extract.files` inside `extract` reads `files`, as the box around it says the rest. */
export function shortName(id: string, parent: string | undefined): string {
  return parent !== undefined && id.startsWith(`${parent}.`) ? id.slice(parent.length + 1) : id;
}

/** Every group's node id in the DAG, outermost first: what "fold all" folds. */
export function allGroupIds(tasks: readonly DagTask[]): string[] {
  const ids = new Set<string>();
  for (const task of tasks) {
    for (let depth = 1; depth <= task.groups.length; depth += 1) {
      ids.add(groupNodeId(task.groups.slice(0, depth)));
    }
  }
  return [...ids];
}

function visibleEdges(edges: readonly DagEdge[], seenAs: Map<string, string>): GraphEdge[] {
  const merged = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const source = seenAs.get(edge.upstream);
    const target = seenAs.get(edge.downstream);
    // An edge within one folded group, or to a task this DAG no longer has.
    if (source === undefined || target === undefined || source === target) continue;
    const id = `${source}→${target}`;
    const known = merged.get(id);
    if (known === undefined) {
      merged.set(id, {
        id,
        source,
        target,
        labels: edge.label === null ? [] : [edge.label],
        weight: 1,
      });
      continue;
    }
    known.weight += 1;
    if (edge.label !== null && !known.labels.includes(edge.label)) known.labels.push(edge.label);
  }
  return [...merged.values()];
}

function parentsFirst(nodes: GraphNode[]): GraphNode[] {
  return [...nodes.filter((n) => n.kind === "group"), ...nodes.filter((n) => n.kind === "task")];
}
