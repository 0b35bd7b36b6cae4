import { SegmentedControl } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { TableSkeleton } from "@/components/Skeletons";
import type { DagDetail, RunRow, TaskInstanceRow } from "@/gen/api";
import type { NodeStatus } from "@/graph/overlay";
import { useRunDetails } from "@/queries/runs";
import { Cell, RowLabel } from "./GridCells";
import { BAR_PX, Legend, RunColumns } from "./GridRuns";
import classes from "./GridTab.module.css";
import { type GridRow, gridRows, gridStatuses } from "./grid";
import type { DagView } from "./useDagView";

interface GridTabProps {
  dag: DagDetail;
  /** Newest first; none yet: loading. */
  runs: readonly RunRow[] | undefined;
  selectedRun: string | null;
  view: DagView;
  folded: ReadonlySet<string>;
  onFold: (folded: ReadonlySet<string>) => void;
  empty: ReactNode;
}

const ROW_PX = 26;
const COUNTS = [10, 25, 50] as const;

/** Tasks down, runs across: Airflow's grid. */
export function GridTab(props: GridTabProps) {
  if (props.runs === undefined) return <TableSkeleton />;
  if (props.runs.length === 0) return props.empty;
  return <Grid {...props} runs={props.runs} />;
}

function Grid({
  dag,
  runs,
  selectedRun,
  view,
  folded,
  onFold,
}: GridTabProps & { runs: readonly RunRow[] }) {
  const [count, setCount] = useState<number>(25);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => gridRows(dag.tasks, dag.edges, folded),
    [dag.tasks, dag.edges, folded],
  );
  const columns = useMemo(() => runs.slice(0, count).reverse(), [runs, count]);
  const details = useRunDetails(columns);
  const statuses = useStatusTable(
    rows,
    details.map((one) => one.data?.tasks),
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    scrollMargin: BAR_PX + 8,
  });

  // The newest run is at the right, and that is where looking begins.
  const last = columns.at(-1)?.run_id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the newest changes
  useEffect(() => {
    scroller.current?.scrollTo({ left: scroller.current.scrollWidth });
  }, [last, count]);

  const toggle = (id: string) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    onFold(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const tasks = rows.filter((row) => row.kind === "task");
    const taskAt = tasks.findIndex((row) => row.id === view.taskId);
    const runAt = columns.findIndex((run) => run.run_id === selectedRun);
    const task = tasks[clamp(taskAt + step.down, tasks.length)];
    const run = columns[clamp(runAt + step.right, columns.length)];
    view.set({ task: task?.id, run: run?.run_id, map: undefined, try: undefined });
  };

  return (
    <div className={classes.grid}>
      <div className={classes.tools}>
        <span className="dim">Runs</span>
        <SegmentedControl
          aria-label="How many runs"
          value={String(count)}
          onChange={(next) => setCount(Number(next))}
          data={COUNTS.map(String)}
        />
        <Legend />
      </div>
      <div
        ref={scroller}
        className={classes.scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the grid is walked by arrow keys
        tabIndex={0}
        role="application"
        aria-label="Tasks by runs: arrow keys walk"
        onKeyDown={onKeyDown}
        data-testid="dag-grid"
      >
        <div className={classes.inner}>
          <RunColumns columns={columns} selectedRun={selectedRun} onSelect={view.selectRun} />
          <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <div
                  key={row.id}
                  className={classes.row}
                  data-selected={row.id === view.taskId || undefined}
                  style={{ transform: `translateY(${item.start - BAR_PX - 8}px)` }}
                >
                  <RowLabel
                    row={row}
                    onToggle={toggle}
                    onSelect={(taskId) => view.selectTask(taskId)}
                  />
                  {columns.map((run, at) => (
                    <Cell
                      key={run.run_id}
                      row={row}
                      run={run}
                      status={statuses[at]?.get(row.id) ?? null}
                      selected={run.run_id === selectedRun}
                      onSelect={() =>
                        view.set({
                          run: run.run_id,
                          task: row.kind === "task" ? row.id : undefined,
                          map: undefined,
                          try: undefined,
                        })
                      }
                    />
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

const KEYS: Partial<Record<string, { down: number; right: number }>> = {
  ArrowDown: { down: 1, right: 0 },
  ArrowUp: { down: -1, right: 0 },
  ArrowLeft: { down: 0, right: -1 },
  ArrowRight: { down: 0, right: 1 },
};

const clamp = (at: number, length: number): number => Math.max(0, Math.min(length - 1, at));

type Statuses = ReadonlyMap<string, NodeStatus>;

/** Per run, each row's status; recomputed for the runs that changed alone. */
function useStatusTable(
  rows: readonly GridRow[],
  tasks: readonly (readonly TaskInstanceRow[] | undefined)[],
): Statuses[] {
  const known = useMemo(() => ({ rows, made: new WeakMap<object, Statuses>() }), [rows]);
  return tasks.map((instances) => {
    if (instances === undefined) return new Map();
    let made = known.made.get(instances);
    if (made === undefined) {
      made = gridStatuses(known.rows, instances);
      known.made.set(instances, made);
    }
    return made;
  });
}
