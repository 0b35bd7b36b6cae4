import { Duration, Timestamp } from "@/components/Figures";
import { stateLook } from "@/components/states";
import type { DagDetail, DagTask, TaskInstanceRow } from "@/gen/api";
import { Facts } from "./DetailsTab";
import { operatorName } from "./operators";
import classes from "./tabs.module.css";

interface TaskDetailsProps {
  dag: DagDetail;
  task: DagTask;
  instance: TaskInstanceRow | null;
}

/** Everything known about the task and, when there is one, its instance. */
export function TaskDetails({ dag, task, instance }: TaskDetailsProps) {
  const upstream = dag.edges.filter((e) => e.downstream === task.task_id).map((e) => e.upstream);
  const downstream = dag.edges.filter((e) => e.upstream === task.task_id).map((e) => e.downstream);
  return (
    <div className={classes.details}>
      {task.doc_md === null ? null : <p className={classes.doc}>{task.doc_md}</p>}
      {instance === null ? null : (
        <>
          <h2 className={classes.heading}>This run</h2>
          <Facts
            facts={[
              ["State", stateLook(instance.state).label],
              ["Why", instance.note ?? "–"],
              [
                "Tries",
                `${instance.try_number} of ${Math.max(instance.try_number, instance.max_tries + 1)}`,
              ],
              ["Queued", <Timestamp key="q" value={instance.queued_at_ms} millis />],
              ["Started", <Timestamp key="s" value={instance.started_at_ms} millis />],
              ["Ended", <Timestamp key="e" value={instance.ended_at_ms} millis />],
              ["Waited", <Span key="w" from={instance.queued_at_ms} to={instance.started_at_ms} />],
              ["Worked", <Span key="t" from={instance.started_at_ms} to={instance.ended_at_ms} />],
            ]}
          />
        </>
      )}
      <h2 className={classes.heading}>Task</h2>
      <Facts
        facts={[
          ["Task id", <code key="i">{task.task_id}</code>],
          ["Operator", operatorName(task.operator)],
          ["What it does", task.summary === "" ? "–" : <code key="s">{task.summary}</code>],
          ["Trigger rule", <code key="r">{task.trigger_rule}</code>],
          ["Retries", task.retries],
          ["Groups", task.groups.length === 0 ? "–" : task.groups.join(" › ")],
          ["Upstream", upstream.length === 0 ? "–" : upstream.join(", ")],
          ["Downstream", downstream.length === 0 ? "–" : downstream.join(", ")],
        ]}
      />
    </div>
  );
}

const Span = ({ from, to }: { from: number | null; to: number | null }) => (
  <Duration value={from === null || to === null ? null : to - from} />
);
