import { stateLook } from "@/components/states";
import { duration, timestamp } from "@/format/format";
import { useNow } from "@/format/useNow";
import type { RunRow } from "@/gen/api";
import classes from "./GridTab.module.css";
import { runTime } from "./RunBar";
import { runLength } from "./RunBars";

/** The room the runs' bars take above the squares. */
export const BAR_PX = 54;

interface RunColumnsProps {
  columns: readonly RunRow[];
  selectedRun: string | null;
  onSelect: (runId: string) => void;
}

/** The runs as bars: height is duration, colour is state; a click selects. */
export function RunColumns({ columns, selectedRun, onSelect }: RunColumnsProps) {
  const now = useNow();
  const lengths = columns.map((run) => runLength(run, now) ?? 0);
  const longest = Math.max(...lengths, 1);
  return (
    <div className={classes.columns} style={{ height: BAR_PX }}>
      <div className={classes.corner}>
        <span className="num">{duration(longest)}</span>
        <span>0</span>
      </div>
      {columns.map((run, at) => {
        const look = stateLook(run.state);
        const words = `${run.run_type}, ${timestamp(runTime(run), false)}: ${look.label}, ${duration(lengths[at] ?? 0)}`;
        return (
          <button
            key={run.run_id}
            type="button"
            className={classes.column}
            aria-pressed={run.run_id === selectedRun}
            aria-label={words}
            title={words}
            tabIndex={-1}
            onClick={() => onSelect(run.run_id)}
          >
            <span
              className={classes.columnBar}
              style={{
                "--state": look.color,
                height: 4 + ((lengths[at] ?? 0) / longest) * (BAR_PX - 12),
              }}
            />
          </button>
        );
      })}
    </div>
  );
}

const SHOWN_STATES = [
  "success",
  "running",
  "failed",
  "upstream_failed",
  "skipped",
  "up_for_retry",
  "queued",
] as const;

/** What the squares' colours and icons mean. */
export function Legend() {
  return (
    <div className={classes.legend} aria-hidden>
      {SHOWN_STATES.map((state) => {
        const look = stateLook(state);
        const Icon = look.icon;
        return (
          <span key={state} className={classes.legendItem}>
            <span className={classes.square} style={{ "--state": look.color }} data-state={state}>
              <Icon size={10} strokeWidth={3} />
            </span>
            {look.label}
          </span>
        );
      })}
    </div>
  );
}
