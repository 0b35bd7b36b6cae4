/** Which DAGs the list shows. */
import type { DagRow, RunState } from "@/gen/api";

export const SHOWS = ["active", "paused", "running", "failed"] as const;
export type Show = (typeof SHOWS)[number];

export interface DagFilter {
  text?: string;
  tag?: string;
  show?: Show;
}

/** The newest run's state; null before the first run. */
export const latestState = (dag: DagRow): RunState | null => dag.last_runs.at(-1)?.state ?? null;

export function matchesShow(dag: DagRow, show: Show | undefined): boolean {
  switch (show) {
    case undefined:
      return true;
    case "active":
      return !dag.paused;
    case "paused":
      return dag.paused;
    case "running":
      return dag.last_runs.some((run) => run.state === "running" || run.state === "queued");
    case "failed":
      return latestState(dag) === "failed";
  }
}

/** Every word of the text stands somewhere in the id, description, owner, file or tags. */
export function matchesText(dag: DagRow, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const hay = [dag.dag_id, dag.description, dag.owner, dag.file, ...dag.tags]
    .join("\n")
    .toLowerCase();
  return words.every((word) => hay.includes(word));
}

export const filterDags = (dags: readonly DagRow[], filter: DagFilter): DagRow[] =>
  dags.filter(
    (dag) =>
      matchesShow(dag, filter.show) &&
      (filter.tag === undefined || dag.tags.includes(filter.tag)) &&
      matchesText(dag, filter.text ?? ""),
  );

/** Every tag in use, once, in order. */
export const allTags = (dags: readonly DagRow[]): string[] =>
  [...new Set(dags.flatMap((dag) => dag.tags))].sort((a, b) => a.localeCompare(b));
