import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  ListRestart,
  Square,
  StepForward,
} from "lucide-react";
import { Duration } from "@/components/Figures";
import { StatePill } from "@/components/StatePill";
import { timestamp } from "@/format/format";
import { useNow } from "@/format/useNow";
import type { RunRow } from "@/gen/api";
import { isActive, useClearTasks, useStopRun } from "@/queries/runs";
import { failedNote } from "./notes";
import classes from "./RunBar.module.css";
import { runLength } from "./RunBars";

interface RunBarProps {
  dagId: string;
  /** Newest first. */
  runs: readonly RunRow[];
  /** The run shown. */
  run: RunRow | null;
  /** It was chosen by hand; otherwise the latest is followed. */
  pinned: boolean;
  onSelect: (runId: string | null) => void;
}

/** Which run is shown, how it fares, and what can be done with it. */
export function RunBar({ dagId, runs, run, pinned, onSelect }: RunBarProps) {
  const now = useNow();
  const stop = useStopRun();
  const clear = useClearTasks();
  if (run === null) {
    return pinned ? (
      <Button variant="default" onClick={() => onSelect(null)}>
        Show the latest run
      </Button>
    ) : null;
  }
  const at = runs.findIndex((one) => one.run_id === run.run_id);
  const older = at < 0 ? undefined : runs[at + 1];
  const newer = at <= 0 ? undefined : runs[at - 1];
  const act = { dag_id: dagId, run_id: run.run_id };
  return (
    <div className={classes.bar}>
      {isActive(run) ? (
        <Button
          variant="default"
          leftSection={<Square size={12} />}
          loading={stop.isPending}
          onClick={() => stop.mutate(act, { onError: failedNote("The run was not stopped") })}
          data-testid="run-stop"
        >
          Stop
        </Button>
      ) : (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<ListRestart size={14} />}
              loading={clear.isPending}
              data-testid="run-clear"
            >
              Clear
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              disabled={run.state !== "failed"}
              onClick={() =>
                clear.mutate(
                  { ...act, task_ids: [], downstream: false, only_failed: true },
                  { onError: failedNote("Nothing was cleared") },
                )
              }
              data-testid="run-clear-failed"
            >
              Failed tasks: they run again
            </Menu.Item>
            <Menu.Item
              onClick={() =>
                clear.mutate(
                  { ...act, task_ids: [], downstream: false, only_failed: false },
                  { onError: failedNote("Nothing was cleared") },
                )
              }
            >
              All tasks: the whole run again
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <span data-testid="run-state" data-state={run.state}>
        <StatePill state={run.state} />
      </span>
      <span className={classes.length}>
        <Duration value={runLength(run, now)} />
      </span>
      <div className={classes.picker}>
        <Tooltip label="Older run">
          <ActionIcon
            size={28}
            aria-label="Older run"
            disabled={older === undefined}
            onClick={() => older && onSelect(older.run_id)}
          >
            <ChevronLeft size={15} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={330}>
          <Menu.Target>
            <button type="button" className={classes.current} title={run.run_id}>
              <span className="dim">{run.run_type}</span>
              <span className="num">{timestamp(runTime(run), false)}</span>
              <ChevronDown size={13} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown mah={380} style={{ overflowY: "auto" }}>
            {runs.map((one) => (
              <Menu.Item
                key={one.run_id}
                onClick={() => onSelect(one.run_id)}
                aria-current={one.run_id === run.run_id || undefined}
                leftSection={<StatePill state={one.state} compact />}
                rightSection={
                  <span className="dim">
                    <Duration value={runLength(one, now)} />
                  </span>
                }
              >
                <span className="num">{timestamp(runTime(one), false)}</span>{" "}
                <span className="dim">{one.run_type}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label="Newer run">
          <ActionIcon
            size={28}
            aria-label="Newer run"
            disabled={newer === undefined}
            onClick={() => newer && onSelect(newer.run_id)}
          >
            <ChevronRight size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={pinned ? "Follow the latest run" : "The latest run is followed"}>
          <ActionIcon
            size={28}
            aria-label="Follow the latest run"
            aria-pressed={!pinned}
            color={pinned ? "gray" : "water"}
            onClick={() => onSelect(pinned ? null : run.run_id)}
          >
            <StepForward size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

/** The moment a run is for, or else when it came to be. */
export const runTime = (run: RunRow): number =>
  run.logical_date_ms ?? run.queued_at_ms ?? run.started_at_ms ?? 0;
