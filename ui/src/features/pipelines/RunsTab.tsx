import type { ReactNode } from "react";
import { RunsTable } from "@/components/RunsTable";
import { TableSkeleton } from "@/components/Skeletons";
import type { RunRow } from "@/gen/api";
import type { DagView } from "./useDagView";

interface RunsTabProps {
  runs: readonly RunRow[] | undefined;
  selected: string | null;
  view: DagView;
  empty: ReactNode;
}

/** This DAG's runs; opening one shows it on the graph. */
export function RunsTab({ runs, selected, view, empty }: RunsTabProps) {
  if (runs === undefined) return <TableSkeleton />;
  return (
    <RunsTable
      runs={runs}
      activeKey={selected}
      onOpen={(run) => view.set({ run: run.run_id, tab: "graph", try: undefined })}
      empty={empty}
    />
  );
}
