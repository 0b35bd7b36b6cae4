import { useState } from "react";
import type { DagTask } from "@/gen/api";
import { allGroupIds } from "@/graph/model";

/** A bigger DAG opens with its groups folded: first the shape, then the detail. */
const UNFOLDED_TASKS_MAX = 80;

/** Kept while the window lives, so that coming back finds the same picture. */
const remembered = new Map<string, ReadonlySet<string>>();

/** The folded groups of a DAG, shared by graph and grid. */
export function useFolded(dagId: string, tasks: readonly DagTask[]) {
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(
    () => remembered.get(dagId) ?? null,
  );
  const [initial] = useState<ReadonlySet<string>>(
    () => new Set(tasks.length > UNFOLDED_TASKS_MAX ? allGroupIds(tasks) : []),
  );
  const fold = (folded: ReadonlySet<string>) => {
    remembered.set(dagId, folded);
    setChosen(folded);
  };
  return [chosen ?? initial, fold] as const;
}
