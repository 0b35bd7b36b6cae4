import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ArrowRight, Play, Square } from "lucide-react";
import { useState } from "react";
import { ErrorState } from "@/components/ErrorState";
import { HumanNumber } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { StatePill } from "@/components/StatePill";
import type { Quickstart } from "@/gen/api";
import { useQuickstart } from "@/queries/quickstart";
import classes from "./QuickstartCard.module.css";
import { QuickstartRemove } from "./QuickstartRemove";
import { useQuickstartSteps } from "./useQuickstartSteps";

/** What the quickstart is, whether it runs, and its switches. */
export function QuickstartCard() {
  const { data, error, refetch } = useQuickstart();
  const { take, busy } = useQuickstartSteps();
  const [removing, setRemoving] = useState(false);
  return (
    <Panel
      title="Quickstart"
      testId="quickstart-card"
      aside={data ? <StatePill state={data.state} /> : null}
    >
      {error && !data ? <ErrorState error={error} onRetry={refetch} inline /> : null}
      {data ? (
        <div className={classes.card}>
          <p className={classes.text}>{explain(data)}</p>
          {data.error ? (
            <p className={classes.error} role="alert">
              {data.error}
            </p>
          ) : null}
          <div className={classes.foot}>
            {data.state === "absent" ? null : <Steps quickstart={data} />}
            <div className={classes.buttons}>
              {data.state === "running" ? (
                <Button
                  variant="default"
                  leftSection={<Square size={12} />}
                  loading={busy}
                  onClick={() => take("stop")}
                  data-testid="quickstart-stop"
                >
                  Stop
                </Button>
              ) : (
                <Button
                  leftSection={<Play size={12} />}
                  loading={busy}
                  onClick={() => take("start")}
                  data-testid="quickstart-start"
                >
                  Start
                </Button>
              )}
              {data.state === "absent" ? null : (
                <Button
                  variant="subtle"
                  color="gray"
                  onClick={() => setRemoving(true)}
                  data-testid="quickstart-remove"
                >
                  Remove…
                </Button>
              )}
            </div>
          </div>
        </div>
      ) : null}
      <QuickstartRemove opened={removing} onClose={() => setRemoving(false)} />
    </Panel>
  );
}

function explain(quickstart: Quickstart): string {
  switch (quickstart.state) {
    case "running":
      return "This computer's CPU, memory, disks and network, sampled every second. Every minute a DAG turns the new samples into a report.";
    case "stopped":
      return "Sampling is stopped; what it wrote is still there.";
    case "absent":
      return "Real data without internet: samples this computer every second into a topic, and a DAG turns them into a report every minute.";
  }
}

/** Topic → group → DAG → topic, each a link. */
function Steps({ quickstart }: { quickstart: Quickstart }) {
  return (
    <ol className={classes.steps}>
      <li>
        <Link
          to="/topics/$topic"
          params={{ topic: quickstart.source_topic }}
          search={{ tab: "messages" }}
        >
          <code>{quickstart.source_topic}</code>
          <span className={classes.figure}>
            <HumanNumber value={quickstart.produced} /> samples
          </span>
        </Link>
        <ArrowRight size={13} aria-hidden />
      </li>
      <li>
        <Link to="/consumers/$group" params={{ group: quickstart.group }}>
          <code>{quickstart.group}</code>
          <span className={classes.figure}>reads</span>
        </Link>
        <ArrowRight size={13} aria-hidden />
      </li>
      <li>
        <Link to="/dags/$dagId" params={{ dagId: quickstart.dag_id }}>
          <code>{quickstart.dag_id}</code>
          <span className={classes.figure}>every minute</span>
        </Link>
        <ArrowRight size={13} aria-hidden />
      </li>
      <li>
        <Link
          to="/topics/$topic"
          params={{ topic: quickstart.report_topic }}
          search={{ tab: "messages" }}
        >
          <code>{quickstart.report_topic}</code>
          <span className={classes.figure}>summary</span>
        </Link>
      </li>
    </ol>
  );
}
