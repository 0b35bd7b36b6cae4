/** What can be done with DAGs from anywhere. */
import { Play } from "lucide-react";
import type { Action } from "@/app/actions";
import type { DagRow } from "@/gen/api";

/** Each DAG's trigger form; it opens, nothing starts by itself. */
export const dagActions = (dags: readonly Pick<DagRow, "dag_id" | "tags">[]): Action[] =>
  dags.map((dag) => ({
    id: `trigger-${dag.dag_id}`,
    label: `Trigger ${dag.dag_id}`,
    group: "Do",
    icon: Play,
    keywords: ["run", "start", "dag", ...dag.tags],
    href: `/dags/${encodeURIComponent(dag.dag_id)}?trigger=true`,
  }));
