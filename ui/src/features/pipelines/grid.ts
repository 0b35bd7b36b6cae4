/** The grid's rows: tasks under their groups, causes above effects. */

import type { DagEdge, DagTask, TaskInstanceRow } from "@/gen/api";
import { groupNodeId, shortName } from "@/graph/model";
import { topological } from "@/graph/navigate";
import { groupByTask, type NodeStatus, summarise } from "@/graph/overlay";

export type GridRow =
  | { kind: "task"; id: string; label: string; depth: number; task: DagTask }
  | { kind: "group"; id: string; label: string; depth: number; folded: boolean; taskIds: string[] };

/**
 * Rows from top to bottom. A group stands where its first task would; what is
 * inside a folded group has no row.
 */
export function gridRows(
  tasks: readonly DagTask[],
  edges: readonly DagEdge[],
  folded: ReadonlySet<string>,
): GridRow[] {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const ordered = topological([...byId.keys()], edges).flatMap((id) => byId.get(id) ?? []);
  return rowsAt(ordered, 0, folded);
}

function rowsAt(tasks: readonly DagTask[], depth: number, folded: ReadonlySet<string>): GridRow[] {
  const rows: GridRow[] = [];
  const done = new Set<string>();
  for (const task of tasks) {
    const name = task.groups[depth];
    if (name === undefined) {
      rows.push({
        kind: "task",
        id: task.task_id,
        label: shortName(task.label, task.groups[depth - 1]),
        depth,
        task,
      });
      continue;
    }
    const id = groupNodeId(task.groups.slice(0, depth + 1));
    if (done.has(id)) continue;
    done.add(id);
    const inside = tasks.filter((t) => groupNodeId(t.groups.slice(0, depth + 1)) === id);
    const isFolded = folded.has(id);
    rows.push({
      kind: "group",
      id,
      label: shortName(name, task.groups[depth - 1]),
      depth,
      folded: isFolded,
      taskIds: inside.map((t) => t.task_id),
    });
    if (!isFolded) rows.push(...rowsAt(inside, depth + 1, folded));
  }
  return rows;
}

/** One run's status for each row: a group's is that of all inside. */
export function gridStatuses(
  rows: readonly GridRow[],
  instances: readonly TaskInstanceRow[],
): Map<string, NodeStatus> {
  const byTask = groupByTask(instances);
  const statuses = new Map<string, NodeStatus>();
  for (const row of rows) {
    const ids = row.kind === "task" ? [row.id] : row.taskIds;
    const status = summarise(ids.flatMap((id) => byTask.get(id) ?? []));
    if (status !== null) statuses.set(row.id, status);
  }
  return statuses;
}
