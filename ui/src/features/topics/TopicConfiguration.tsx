import { useState } from "react";
import { useCluster, useReadOnly } from "@/app/cluster";
import { ConfigTable } from "@/components/ConfigTable";
import { ErrorState } from "@/components/ErrorState";
import { FilterInput } from "@/components/FilterInput";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { Toolbar } from "@/components/Toolbar";
import type { ConfigEntry } from "@/gen/api";
import { useTopicConfig } from "@/queries/topics";
import { EditTopicConfig } from "./EditTopicConfig";

export function TopicConfiguration({ topic }: { topic: string }) {
  const cluster = useCluster();
  const { data, error, refetch } = useTopicConfig(cluster, topic);
  const readOnly = useReadOnly();
  const [filter, setFilter] = useState("");
  const [editing, setEditing] = useState<ConfigEntry | null>(null);
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  return (
    <>
      <Toolbar aside={data ? summary(data) : null}>
        <FilterInput value={filter} onChange={setFilter} placeholder="Filter keys" />
      </Toolbar>
      <Panel flush fill>
        {data ? (
          <ConfigTable
            label="Topic configuration"
            entries={data}
            filter={filter}
            onEdit={readOnly ? undefined : setEditing}
          />
        ) : (
          <TableSkeleton />
        )}
      </Panel>
      <EditTopicConfig topic={topic} entry={editing} onClose={() => setEditing(null)} />
    </>
  );
}

function summary(entries: readonly ConfigEntry[]): string {
  const changed = entries.filter((entry) => !entry.is_default).length;
  return changed === 0
    ? "All at their defaults. Open a row to edit it."
    : `${changed} changed, shown first. Open a row to edit it.`;
}
