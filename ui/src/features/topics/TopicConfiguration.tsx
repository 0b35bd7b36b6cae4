import { useState } from "react";
import { useCluster } from "@/app/cluster";
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
  const [filter, setFilter] = useState("");
  const [editing, setEditing] = useState<ConfigEntry | null>(null);
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  return (
    <>
      <Toolbar
        aside={
          data
            ? `${data.filter((e) => !e.is_default).length} changed, first. Open a row to edit it.`
            : null
        }
      >
        <FilterInput value={filter} onChange={setFilter} placeholder="Filter keys" />
      </Toolbar>
      <Panel flush fill>
        {data ? (
          <ConfigTable
            label="Topic configuration"
            entries={data}
            filter={filter}
            onEdit={setEditing}
          />
        ) : (
          <TableSkeleton />
        )}
      </Panel>
      <EditTopicConfig topic={topic} entry={editing} onClose={() => setEditing(null)} />
    </>
  );
}
