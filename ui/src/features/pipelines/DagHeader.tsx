import { Button, Tooltip } from "@mantine/core";
import { CalendarClock, Clock, FileCode, Play } from "lucide-react";
import { TimeAgo } from "@/components/Figures";
import { PageHeader } from "@/components/PageHeader";
import type { DagDetail } from "@/gen/api";
import classes from "./DagHeader.module.css";
import { PauseSwitch, Tags } from "./DagsTable";
import { explainSchedule, scheduleText } from "./schedule";

/** Who it is, when it runs, and the buttons. */
export function DagHeader({ dag, onTrigger }: { dag: DagDetail; onTrigger: () => void }) {
  const { row } = dag;
  return (
    <PageHeader
      title={row.dag_id}
      aside={<Tags tags={row.tags} />}
      description={
        <span className={classes.facts}>
          {row.description === null ? null : (
            <span className={classes.description} title={row.description}>
              {row.description}
            </span>
          )}
          <Tooltip label={explainSchedule(row.schedule)} multiline maw={300}>
            <span className={classes.fact}>
              <CalendarClock size={13} aria-hidden />
              <span className={row.schedule === null ? undefined : "mono"}>
                {scheduleText(row.schedule)}
              </span>
            </span>
          </Tooltip>
          <span className={classes.fact} title="When the next run begins">
            <Clock size={13} aria-hidden />
            {row.paused ? (
              "Paused"
            ) : row.next_run_ms === null ? (
              "No next run"
            ) : (
              <span>
                next <TimeAgo value={row.next_run_ms} />
              </span>
            )}
          </span>
          <span className={classes.fact} title="The file in the DAGs folder">
            <FileCode size={13} aria-hidden />
            <span className="mono">{row.file}</span>
          </span>
        </span>
      }
      actions={
        <>
          <span className={classes.pause}>
            <PauseSwitch dag={row} />
            {row.paused ? "Paused" : "Active"}
          </span>
          <Button leftSection={<Play size={13} />} onClick={onTrigger} data-testid="dag-trigger">
            Trigger
          </Button>
        </>
      }
    />
  );
}
