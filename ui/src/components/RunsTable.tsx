import type { ReactNode } from "react";
import { duration } from "@/format/format";
import { useNow } from "@/format/useNow";
import type { RunRow } from "@/gen/api";
import { type Column, DataTable } from "./DataTable";
import { TimeAgo, Timestamp } from "./Figures";
import { StatePill } from "./StatePill";

interface RunsTableProps {
  runs: readonly RunRow[];
  onOpen: (run: RunRow) => void;
  /** Also say which DAG each run is of. */
  showDag?: boolean;
  /** `dag_id/run_id`, or `run_id` within one DAG. */
  activeKey?: string | null;
  /** A last column: buttons. */
  actions?: (run: RunRow) => ReactNode;
  empty?: ReactNode;
}

/** DAG runs, newest first. */
export function RunsTable({ runs, onOpen, showDag, activeKey, actions, empty }: RunsTableProps) {
  const columns: Column<RunRow>[] = [
    {
      id: "state",
      header: "State",
      width: 112,
      value: (run) => run.state,
      cell: (run) => <StatePill state={run.state} />,
    },
    ...(showDag
      ? [
          {
            id: "dag",
            header: "DAG",
            grow: 1.2,
            minWidth: 140,
            value: (run: RunRow) => run.dag_id,
            cell: (run: RunRow) => <span style={{ fontWeight: 500 }}>{run.dag_id}</span>,
          },
        ]
      : []),
    {
      id: "run",
      header: "Run",
      grow: 2,
      minWidth: 200,
      value: (run) => run.run_id,
      cell: (run) => (
        <span className="mono" title={run.run_id}>
          {run.run_id}
        </span>
      ),
    },
    {
      id: "type",
      header: "Type",
      width: 94,
      value: (run) => run.run_type,
      cell: (run) => run.run_type,
    },
    {
      id: "logical",
      header: "Logical date",
      width: 168,
      value: (run) => run.logical_date_ms,
      cell: (run) => <Timestamp value={run.logical_date_ms} />,
    },
    {
      id: "started",
      header: "Started",
      width: 96,
      value: (run) => run.started_at_ms ?? run.queued_at_ms,
      cell: (run) => <TimeAgo value={run.started_at_ms} />,
    },
    {
      id: "duration",
      header: "Duration",
      width: 90,
      align: "right",
      value: (run) =>
        run.started_at_ms === null ? null : (run.ended_at_ms ?? Date.now()) - run.started_at_ms,
      cell: (run) => <RunDuration run={run} />,
    },
    ...(actions ? [{ id: "actions", header: "Actions", width: 70, cell: actions }] : []),
  ];
  return (
    <DataTable
      label="DAG runs"
      rows={runs}
      columns={columns}
      rowKey={(run) => (showDag ? `${run.dag_id}/${run.run_id}` : run.run_id)}
      rowTestId={(run) => `run-row-${run.run_id}`}
      activeKey={activeKey}
      onOpen={onOpen}
      empty={empty}
      testId="runs-table"
    />
  );
}

/** Moves while the run goes on. */
function RunDuration({ run }: { run: RunRow }) {
  const now = useNow();
  if (run.started_at_ms === null) return <span className="dim">–</span>;
  const ms = Math.max(0, (run.ended_at_ms ?? now) - run.started_at_ms);
  return (
    <span className="num" title={`${Math.round(ms)} ms`}>
      {duration(ms)}
    </span>
  );
}
