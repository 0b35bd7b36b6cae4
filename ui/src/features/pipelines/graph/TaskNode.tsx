import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { StatePill } from "@/components/StatePill";
import { stateLook } from "@/components/states";
import { shortName } from "@/graph/model";
import type { NodeStatus } from "@/graph/overlay";
import { operatorIcon, operatorName } from "../operators";
import classes from "./nodes.module.css";
import type { TaskFlowNode } from "./toFlow";

/** A task: what it is at the left, how it fares at the right. */
export const TaskNode = memo(function TaskNode({ data, selected }: NodeProps<TaskFlowNode>) {
  const { task } = data.node;
  const status = data.status;
  const Icon = operatorIcon(task.operator);
  return (
    <div
      className={classes.task}
      data-selected={selected || undefined}
      data-state={status?.state ?? "none"}
      data-testid={`task-node-${task.task_id}`}
      style={{ "--state": stateLook(status?.state ?? "none").color }}
      title={hover(task.task_id, task.summary, status)}
    >
      <Handle type="target" position={Position.Left} className={classes.handle} />
      <Icon size={16} strokeWidth={1.6} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        <div className={classes.label}>{shortName(task.label, task.groups.at(-1))}</div>
        <div className={classes.kind}>
          <span className={classes.kindName}>{operatorName(task.operator)}</span>
          {task.trigger_rule === "all_success" ? null : (
            <span className={classes.rule} title={`Trigger rule ${task.trigger_rule}`}>
              {task.trigger_rule}
            </span>
          )}
        </div>
      </div>
      {status === null ? null : (
        <div className={classes.status}>
          <StatePill state={status.state} compact />
          <Extra status={status} />
        </div>
      )}
      <Handle type="source" position={Position.Right} className={classes.handle} />
    </div>
  );
});

/** Tries beyond the first, or how many instances a mapped task has. */
function Extra({ status }: { status: NodeStatus }) {
  if (status.instances > 1) return <span className={classes.extra}>×{status.instances}</span>;
  if (status.tryNumber !== null && status.tryNumber > 1) {
    return <span className={classes.extra}>try {status.tryNumber}</span>;
  }
  return null;
}

const hover = (id: string, summary: string, status: NodeStatus | null): string =>
  [id, summary, status === null ? "" : stateLook(status.state).label, status?.note ?? ""]
    .filter((line) => line !== "")
    .join("\n");
