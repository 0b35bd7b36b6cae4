import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Duration, TimeAgo } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { StatePill } from "@/components/StatePill";
import { useNow } from "@/format/useNow";
import { useRoom } from "@/format/useRoom";
import type { RunRow } from "@/gen/api";

const columns: Column<RunRow>[] = [
  {
    id: "state",
    header: "State",
    width: 52,
    cell: ({ state }) => <StatePill compact state={state} />,
  },
  {
    id: "dag",
    header: "DAG",
    grow: 1,
    minWidth: 90,
    cell: ({ dag_id, run_id }) => (
      <Link to="/dags/$dagId" params={{ dagId: dag_id }} search={{ run: run_id }} title={run_id}>
        {dag_id}
      </Link>
    ),
  },
  {
    id: "took",
    header: "Took",
    align: "right",
    width: 70,
    cell: (run) => <Took run={run} />,
  },
  {
    id: "when",
    header: "Began",
    align: "right",
    width: 84,
    cell: ({ started_at_ms, queued_at_ms }) => <TimeAgo value={started_at_ms ?? queued_at_ms} />,
  },
];

function Took({ run }: { run: RunRow }) {
  const now = useNow();
  if (run.started_at_ms === null) return <span className="dim">–</span>;
  return <Duration value={Math.max(0, (run.ended_at_ms ?? now) - run.started_at_ms)} />;
}

export function RecentRuns({ runs }: { runs: RunRow[] | undefined }) {
  const navigate = useNavigate();
  const { rows } = useRoom();
  return (
    <Panel title="Recent runs" flush testId="recent-runs" aside={<Link to="/runs">All runs</Link>}>
      {runs === undefined ? (
        <TableSkeleton rows={rows} />
      ) : (
        <DataTable
          label="Recent runs"
          height="content"
          rows={runs.slice(0, rows)}
          columns={columns}
          rowKey={({ dag_id, run_id }) => `${dag_id}/${run_id}`}
          onOpen={({ dag_id, run_id }) =>
            navigate({ to: "/dags/$dagId", params: { dagId: dag_id }, search: { run: run_id } })
          }
          empty={
            <EmptyState
              compact
              icon={Workflow}
              title="No runs yet"
              body="DAG runs stand here as they begin and end."
              action={
                <Button variant="default" component={Link} to="/dags">
                  See the DAGs
                </Button>
              }
            />
          }
        />
      )}
    </Panel>
  );
}
