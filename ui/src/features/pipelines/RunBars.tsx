import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { stateLook } from "@/components/states";
import { duration, timestamp } from "@/format/format";
import type { RunRow } from "@/gen/api";
import classes from "./RunBars.module.css";

interface RunBarsProps {
  dagId: string;
  /** Oldest first. */
  runs: readonly RunRow[];
  nowMs: number;
}

const HEIGHT_PX = 22;
const HEIGHT_MIN_PX = 4;
const PLACES = 14;

/** The last runs: height is duration, colour and shape are state, a click opens the run. */
export function RunBars({ dagId, runs, nowMs }: RunBarsProps) {
  const lengths = runs.map((run) => runLength(run, nowMs));
  const longest = Math.max(...lengths.map((ms) => ms ?? 0), 1);
  return (
    <div className={classes.bars}>
      {Array.from({ length: Math.max(0, PLACES - runs.length) }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the empty places are all alike
        <span key={place} className={classes.place} />
      ))}
      {runs.map((run, at) => {
        const look = stateLook(run.state);
        const ms = lengths[at] ?? null;
        const words = `${look.label}${ms === null ? "" : `, ${duration(ms)}`}, ${timestamp(
          run.logical_date_ms ?? run.queued_at_ms ?? 0,
          false,
        )}`;
        return (
          <Fragment key={run.run_id}>
            <Link
              to="/dags/$dagId"
              params={{ dagId }}
              search={(current) => ({ cluster: current.cluster, run: run.run_id })}
              className={classes.bar}
              title={words}
              aria-label={`Run: ${words}`}
              tabIndex={-1}
              onClick={(event) => event.stopPropagation()}
            >
              <span
                className={classes.fill}
                data-state={run.state}
                style={{
                  "--state": look.color,
                  height: barHeight(ms, longest),
                }}
              />
            </Link>
          </Fragment>
        );
      })}
    </div>
  );
}

export function runLength(run: RunRow, nowMs: number): number | null {
  if (run.started_at_ms === null) return null;
  return Math.max(0, (run.ended_at_ms ?? nowMs) - run.started_at_ms);
}

const barHeight = (ms: number | null, longest: number): number =>
  ms === null ? HEIGHT_MIN_PX : HEIGHT_MIN_PX + (ms / longest) * (HEIGHT_PX - HEIGHT_MIN_PX);
