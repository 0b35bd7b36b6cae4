import { ActionIcon, Button, SegmentedControl, Select, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { History, ListRestart, Square } from "lucide-react";
import { useMemo } from "react";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { FilterInput } from "@/components/FilterInput";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { RunsTable } from "@/components/RunsTable";
import { TableSkeleton } from "@/components/Skeletons";
import { stateLook } from "@/components/states";
import { plural } from "@/format/format";
import type { RunRow } from "@/gen/api";
import type { RpcError } from "@/host/rpc";
import { useDags } from "@/queries/dags";
import { isActive, useClearTasks, useRuns, useStopRun } from "@/queries/runs";
import { RUN_STATES, RUN_TYPES, type RunsSearch } from "./routes";

const LIMIT = 1_000;

/** All runs of all DAGs. */
export function RunsPage() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const runs = useRuns(search.dag ?? null, search.state ?? null, LIMIT);
  const dags = useDags();
  const { q, type } = search;
  const rows = useMemo(() => filterRuns(runs.data ?? [], { q, type }), [runs.data, q, type]);
  const set = (change: Partial<RunsSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });

  if (runs.error && !runs.data) {
    return <ErrorState error={runs.error} onRetry={() => runs.refetch()} />;
  }
  const filtered =
    search.dag !== undefined || search.state !== undefined || q !== undefined || type !== undefined;
  return (
    <Page mode="fill" testId="runs-page">
      <PageHeader
        title="Runs"
        aside={
          runs.data ? (
            <span className="dim">
              {runs.data.length >= LIMIT
                ? `the newest ${plural(LIMIT, "run")}`
                : plural(rows.length, "run")}
            </span>
          ) : null
        }
        actions={
          <>
            <SegmentedControl
              aria-label="State"
              value={search.state ?? "all"}
              onChange={(next) => set({ state: RUN_STATES.find((state) => state === next) })}
              data={[
                { value: "all", label: "All" },
                ...RUN_STATES.map((state) => ({ value: state, label: stateLook(state).label })),
              ]}
            />
            <Select
              aria-label="Type"
              placeholder="Any type"
              data={[...RUN_TYPES]}
              value={type ?? null}
              onChange={(next) => set({ type: RUN_TYPES.find((one) => one === next) })}
              clearable
              w={120}
            />
            <Select
              aria-label="DAG"
              placeholder="Any DAG"
              data={(dags.data?.dags ?? []).map((dag) => dag.dag_id)}
              value={search.dag ?? null}
              onChange={(dag) => set({ dag: dag ?? undefined })}
              clearable
              searchable
              w={170}
              data-testid="runs-dag"
            />
            <FilterInput
              value={q ?? ""}
              onChange={(next) => set({ q: next === "" ? undefined : next })}
              placeholder="Filter runs"
              width={180}
              testId="runs-filter"
            />
          </>
        }
      />
      <Panel flush fill>
        {runs.data === undefined ? (
          <TableSkeleton />
        ) : (
          <RunsTable
            runs={rows}
            showDag
            onOpen={(run) =>
              void navigate({
                to: "/dags/$dagId",
                params: { dagId: run.dag_id },
                search: ({ cluster }) => ({ cluster, run: run.run_id }),
              })
            }
            actions={(run) => <RunActions run={run} />}
            empty={filtered ? <NoMatch onClear={() => set(NO_FILTER)} /> : <NoRuns />}
          />
        )}
      </Panel>
    </Page>
  );
}

const NO_FILTER: RunsSearch = { q: undefined, dag: undefined, state: undefined, type: undefined };

/** Every word stands in the DAG's or the run's id. */
export function filterRuns(
  runs: readonly RunRow[],
  { q, type }: Pick<RunsSearch, "q" | "type">,
): RunRow[] {
  const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter((run) => {
    if (type !== undefined && run.run_type !== type) return false;
    const hay = `${run.dag_id}\n${run.run_id}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

/** Stop what goes on; let what failed run again. */
function RunActions({ run }: { run: RunRow }) {
  const stop = useStopRun();
  const clear = useClearTasks();
  const key = { dag_id: run.dag_id, run_id: run.run_id };
  if (isActive(run)) {
    return (
      <Act
        label="Stop the run"
        icon={Square}
        busy={stop.isPending}
        onClick={() => stop.mutate(key, { onError: note("The run was not stopped") })}
        testId={`run-stop-${run.run_id}`}
      />
    );
  }
  if (run.state !== "failed") return null;
  return (
    <Act
      label="Clear failed tasks: they run again"
      icon={ListRestart}
      busy={clear.isPending}
      onClick={() =>
        clear.mutate(
          { ...key, task_ids: [], downstream: false, only_failed: true },
          { onError: note("Nothing was cleared") },
        )
      }
      testId={`run-clear-${run.run_id}`}
    />
  );
}

interface ActProps {
  label: string;
  icon: typeof Square;
  busy: boolean;
  onClick: () => void;
  testId: string;
}

function Act({ label, icon: Icon, busy, onClick, testId }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={24}
        aria-label={label}
        loading={busy}
        data-testid={testId}
        onClick={(event) => {
          event.stopPropagation();
          onClick();
        }}
      >
        <Icon size={13} />
      </ActionIcon>
    </Tooltip>
  );
}

const note = (title: string) => (error: RpcError) =>
  notifications.show({ color: "red", title, message: error.message });

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState
      compact
      icon={History}
      title="No run matches"
      body="Another state, type or DAG may have some."
      action={
        <Button variant="default" onClick={onClear}>
          Clear filters
        </Button>
      }
    />
  );
}

function NoRuns() {
  return (
    <EmptyState
      icon={History}
      testId="runs-empty"
      title="No runs yet"
      body="Each time a DAG runs, by its schedule or by hand, the run appears here with its state, its duration and its logs."
      action={
        <Button component={Link} to="/dags">
          Go to DAGs
        </Button>
      }
    />
  );
}
