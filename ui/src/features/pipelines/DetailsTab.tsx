import type { ReactNode } from "react";
import { CodeView } from "@/components/CodeView";
import { Duration, Timestamp } from "@/components/Figures";
import { stateLook } from "@/components/states";
import type { DagDetail, RunRow } from "@/gen/api";
import { explainSchedule } from "./schedule";
import classes from "./tabs.module.css";

interface DetailsTabProps {
  dag: DagDetail;
  run: RunRow | null;
}

/** Every setting of the DAG and of the selected run. */
export function DetailsTab({ dag, run }: DetailsTabProps) {
  const { row } = dag;
  return (
    <div className={classes.details}>
      {dag.doc_md === null ? null : <p className={classes.doc}>{dag.doc_md}</p>}
      <h2 className={classes.heading}>DAG</h2>
      <Facts
        facts={[
          ["Schedule", row.schedule === null ? "None" : <code key="s">{row.schedule}</code>],
          ["In words", explainSchedule(row.schedule)],
          ["Time zone", dag.timezone],
          ["Start date", <Timestamp key="a" value={dag.start_date_ms} />],
          ["End date", <Timestamp key="e" value={dag.end_date_ms} />],
          [
            "Catch up",
            dag.catchup ? "Yes: missed intervals are run" : "No: only the latest interval",
          ],
          ["Runs at once, at most", dag.max_active_runs],
          ["Tasks at once in a run, at most", dag.max_active_tasks],
          [
            "Run timeout",
            dag.run_timeout_s === null ? (
              "None"
            ) : (
              <Duration key="t" value={dag.run_timeout_s * 1_000} />
            ),
          ],
          ["Owner", row.owner ?? "–"],
          ["File", <code key="f">{row.file}</code>],
          ["Tasks", row.tasks],
        ]}
      />
      {dag.params.length === 0 ? null : (
        <>
          <h2 className={classes.heading}>Params</h2>
          <Facts
            facts={dag.params.map((param) => [
              param.name,
              <span key={param.name}>
                <code>{param.default}</code> <span className="dim">{param.kind ?? "any"}</span>{" "}
                {param.description}
              </span>,
            ])}
          />
        </>
      )}
      {run === null ? null : (
        <>
          <h2 className={classes.heading}>Run</h2>
          <Facts
            facts={[
              ["Run id", <code key="r">{run.run_id}</code>],
              ["State", stateLook(run.state).label],
              ["Type", run.run_type],
              ["Logical date", <Timestamp key="l" value={run.logical_date_ms} />],
              ["Interval from", <Timestamp key="i" value={run.data_interval_start_ms} />],
              ["Interval to", <Timestamp key="j" value={run.data_interval_end_ms} />],
              ["Queued", <Timestamp key="q" value={run.queued_at_ms} millis />],
              ["Started", <Timestamp key="s" value={run.started_at_ms} millis />],
              ["Ended", <Timestamp key="e" value={run.ended_at_ms} millis />],
            ]}
          />
          {run.conf === null ? null : (
            <CodeView value={run.conf} language="json" label="Conf" maxHeight="240px" />
          )}
        </>
      )}
    </div>
  );
}

/** Names at the left, values at the right. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
