import { ActionIcon } from "@mantine/core";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { stateLook } from "@/components/states";
import { timestamp } from "@/format/format";
import type { RunRow } from "@/gen/api";
import type { NodeStatus } from "@/graph/overlay";
import classes from "./GridTab.module.css";
import type { GridRow } from "./grid";
import { runTime } from "./RunBar";

interface RowLabelProps {
  row: GridRow;
  onToggle: (groupId: string) => void;
  onSelect: (taskId: string) => void;
}

/** A row's name at the left; a group's folds. */
export function RowLabel({ row, onToggle, onSelect }: RowLabelProps) {
  const inset = { paddingLeft: 12 + row.depth * 16 };
  switch (row.kind) {
    case "group":
      return (
        <div className={classes.label} style={inset}>
          <ActionIcon
            size={18}
            aria-label={`${row.folded ? "Unfold" : "Fold"} ${row.label}`}
            aria-expanded={!row.folded}
            onClick={() => onToggle(row.id)}
          >
            {row.folded ? <ChevronRight size={13} /> : <ChevronDown size={13} />}
          </ActionIcon>
          <span className={classes.groupName}>{row.label}</span>
          <span className="dim">{row.taskIds.length}</span>
        </div>
      );
    case "task":
      return (
        <button
          type="button"
          className={classes.label}
          style={inset}
          title={row.id}
          tabIndex={-1}
          onClick={() => onSelect(row.id)}
        >
          <span className={classes.taskName}>{row.label}</span>
        </button>
      );
  }
}

interface CellProps {
  row: GridRow;
  run: RunRow;
  status: NodeStatus | null;
  selected: boolean;
  onSelect: () => void;
}

/** One task (or group) in one run. */
export const Cell = memo(
  function Cell({ row, run, status, selected, onSelect }: CellProps) {
    const look = status === null ? null : stateLook(status.state);
    const Icon = look?.icon;
    const words = `${row.label}, ${timestamp(runTime(run), false)}: ${look?.label ?? "No state"}`;
    return (
      <button
        type="button"
        className={classes.cell}
        data-selected={selected || undefined}
        data-state={status?.state}
        aria-label={words}
        title={status?.note ? `${words}\n${status.note}` : words}
        tabIndex={-1}
        onClick={onSelect}
      >
        <span
          className={classes.square}
          style={{ "--state": look?.color }}
          data-state={status?.state}
        >
          {Icon === undefined || status?.state === "none" ? null : (
            <Icon size={10} strokeWidth={3} aria-hidden />
          )}
        </span>
      </button>
    );
  },
  (a, b) =>
    a.status === b.status &&
    a.selected === b.selected &&
    a.row === b.row &&
    a.run.run_id === b.run.run_id,
);
