import { Button } from "@mantine/core";
import { History, Play } from "lucide-react";
import { EmptyState } from "@/components/EmptyState";
import type { DagDetail } from "@/gen/api";

/** A DAG that has never run. */
export function NoRuns({ dag, onTrigger }: { dag: DagDetail; onTrigger: () => void }) {
  return (
    <EmptyState
      icon={History}
      title="No runs yet"
      body={
        dag.row.schedule === null
          ? "This DAG has no schedule: it runs when it is triggered."
          : dag.row.paused
            ? "This DAG is paused: switch it on and its schedule makes runs, or trigger one now."
            : "Its schedule will make the first run; or trigger one now."
      }
      action={
        <Button leftSection={<Play size={13} />} onClick={onTrigger}>
          Trigger
        </Button>
      }
    />
  );
}
