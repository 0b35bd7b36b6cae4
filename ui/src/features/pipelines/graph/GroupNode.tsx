import { Handle, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";
import { StatePill } from "@/components/StatePill";
import { stateLook } from "@/components/states";
import { plural } from "@/format/format";
import classes from "./nodes.module.css";
import type { GroupFlowNode } from "./toFlow";

/** A task group: a frame around its tasks, or one node in their place. */
export const GroupNode = memo(function GroupNode({ data }: NodeProps<GroupFlowNode>) {
  const { node, status, onToggle } = data;
  const Chevron = node.folded ? ChevronRight : ChevronDown;
  const tasks = plural(node.taskIds.length, "task");
  return (
    <div
      className={node.folded ? classes.folded : classes.group}
      data-state={status?.state ?? "none"}
      data-testid={`group-node-${node.label}`}
      style={{ "--state": stateLook(status?.state ?? "none").color }}
    >
      <Handle type="target" position={Position.Left} className={classes.handle} />
      <button
        type="button"
        className={`${classes.groupHead} nodrag nopan`}
        aria-expanded={!node.folded}
        title={node.folded ? "Unfold the group" : "Fold the group"}
        onClick={(event) => {
          event.stopPropagation();
          onToggle(node.id);
        }}
      >
        <Chevron size={14} aria-hidden className={classes.icon} />
        <span className={classes.groupLabel}>{node.label}</span>
        <span className={classes.extra}>{tasks}</span>
      </button>
      {status === null ? null : (
        <span className={classes.groupStatus}>
          {node.folded ? (
            status.counts.slice(0, 3).map(({ state, count }) => (
              <span key={state} className={classes.count}>
                <StatePill state={state} compact title={`${count} ${stateLook(state).label}`} />
                {count}
              </span>
            ))
          ) : (
            <StatePill state={status.state} compact />
          )}
        </span>
      )}
      <Handle type="source" position={Position.Right} className={classes.handle} />
    </div>
  );
});
