import { useElementSize } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef } from "react";
import { TableSkeleton } from "@/components/Skeletons";
import { StatePill } from "@/components/StatePill";
import { stateLook } from "@/components/states";
import { duration, timestamp } from "@/format/format";
import { useNow } from "@/format/useNow";
import type { DagDetail, RunDetail } from "@/gen/api";
import classes from "./GanttTab.module.css";
import { type GanttBar, type GanttRow, gantt } from "./gantt";
import type { DagView } from "./useDagView";

interface GanttTabProps {
  dag: DagDetail;
  run: RunDetail | null;
  view: DagView;
  empty: ReactNode;
  loading: boolean;
}

const ROW_PX = 28;
/** The room a tick's words take. */
const TICK_PX = 72;

/** The selected run on a time axis: hollow waits, filled works. */
export function GanttTab({ dag, run, view, empty, loading }: GanttTabProps) {
  if (run === null) return loading ? <TableSkeleton /> : empty;
  return <Gantt dag={dag} run={run} view={view} />;
}

function Gantt({ dag, run, view }: { dag: DagDetail; run: RunDetail; view: DagView }) {
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: track, width } = useElementSize();
  const ticksMax = Math.max(2, Math.floor(width / TICK_PX));
  const chart = useMemo(
    () => gantt(run.run, run.tasks, dag.edges, now, ticksMax),
    [run, dag.edges, now, ticksMax],
  );
  const span = chart.endMs - chart.startMs;
  const percent = (ms: number) => `${(ms / span) * 100}%`;
  const place = (bar: GanttBar) => ({
    left: percent(bar.fromMs - chart.startMs),
    width: percent(bar.toMs - bar.fromMs),
  });
  const virtual = useVirtualizer({
    count: chart.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  return (
    <div ref={scroller} className={classes.scroller} data-testid="dag-gantt">
      <div className={classes.axis}>
        <div className={classes.corner}>{timestamp(chart.startMs, false)}</div>
        <div ref={track} className={classes.track}>
          {chart.ticksMs.map((tick) => (
            <span key={tick} className={classes.tick} style={{ left: percent(tick) }}>
              {tick === 0 ? "0" : `+${duration(tick)}`}
            </span>
          ))}
        </div>
      </div>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        <div className={classes.lines} aria-hidden>
          <div className={classes.track}>
            {chart.ticksMs.map((tick) => (
              <span key={tick} className={classes.line} style={{ left: percent(tick) }} />
            ))}
          </div>
        </div>
        {virtual.getVirtualItems().map((item) => {
          const row = chart.rows[item.index];
          if (row === undefined) return null;
          const { instance } = row;
          return (
            <button
              key={`${instance.task_id}#${instance.map_index}`}
              type="button"
              className={classes.row}
              style={{ transform: `translateY(${item.start}px)` }}
              data-selected={instance.task_id === view.taskId || undefined}
              title={words(row)}
              onClick={() =>
                view.selectTask(
                  instance.task_id,
                  instance.map_index < 0 ? undefined : instance.map_index,
                )
              }
            >
              <span className={classes.label}>
                <StatePill state={instance.state} compact />
                <span className={classes.name}>
                  {instance.task_id}
                  {instance.map_index < 0 ? "" : ` [${instance.map_index}]`}
                </span>
                <span className="dim num">
                  {row.working === null ? "" : duration(row.working.toMs - row.working.fromMs)}
                </span>
              </span>
              <span
                className={classes.track}
                style={{ "--state": stateLook(instance.state).color }}
              >
                {row.waiting === null ? null : (
                  <span className={classes.waiting} style={place(row.waiting)} />
                )}
                {row.working === null ? null : (
                  <span
                    className={classes.working}
                    data-state={instance.state}
                    style={place(row.working)}
                  />
                )}
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function words({ instance, waiting, working }: GanttRow): string {
  const lines = [`${instance.task_id}: ${stateLook(instance.state).label}`];
  if (waiting !== null) lines.push(`waited ${duration(waiting.toMs - waiting.fromMs)}`);
  if (working !== null) {
    lines.push(
      `worked ${duration(working.toMs - working.fromMs)} from ${timestamp(working.fromMs)}`,
    );
  }
  if (instance.note !== null) lines.push(instance.note);
  return lines.join("\n");
}
