import { Button, Switch } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { MessagesSquare, Plus, SearchX } from "lucide-react";
import { useDeferredValue, useMemo } from "react";
import { READ_ONLY, useCluster, useReadOnly } from "@/app/cluster";
import { DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { FilterInput } from "@/components/FilterInput";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { Toolbar } from "@/components/Toolbar";
import { exact } from "@/format/format";
import { useTopics } from "@/queries/topics";
import { CreateTopic } from "./CreateTopic";
import { filterTopics } from "./filterTopics";
import type { TopicsSearch } from "./routes";
import { topicColumns } from "./topicColumns";

const FROM = { from: "/topics" } as const;

export function TopicsPage() {
  const cluster = useCluster();
  const { q = "", internal = false, create = false } = useSearch(FROM);
  const navigate = useNavigate(FROM);
  const { data, error, refetch } = useTopics(cluster);
  const readOnly = useReadOnly();
  const filter = useDeferredValue(q);
  const rows = useMemo(() => filterTopics(data ?? [], filter, internal), [data, filter, internal]);
  const put = (change: TopicsSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const createButton = (
    <Button
      leftSection={<Plus size={14} />}
      disabled={readOnly}
      title={readOnly ? READ_ONLY : undefined}
      onClick={() => put({ create: true })}
      data-testid="create-topic"
    >
      Create topic
    </Button>
  );
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  const hidden = data ? data.filter((topic) => topic.internal).length : 0;
  return (
    <Page mode="fill" testId="page-topics">
      <PageHeader title="Topics" actions={createButton} />
      <Toolbar aside={data ? `${exact(rows.length)} of ${exact(data.length)} topics` : null}>
        <FilterInput
          value={q}
          onChange={(next) => put({ q: next === "" ? undefined : next })}
          placeholder="Filter topics"
          testId="topics-filter"
        />
        <Switch
          label={`Internal topics${hidden > 0 ? ` (${hidden})` : ""}`}
          checked={internal}
          onChange={(event) => put({ internal: event.currentTarget.checked || undefined })}
          data-testid="topics-internal"
        />
      </Toolbar>
      <Panel flush fill>
        {data ? (
          <DataTable
            label="Topics"
            testId="topics-table"
            rows={rows}
            columns={topicColumns}
            rowKey={(topic) => topic.name}
            rowTestId={(topic) => `topic-row-${topic.name}`}
            initialSort={{ column: "name", desc: false }}
            onOpen={(topic) => navigate({ to: "/topics/$topic", params: { topic: topic.name } })}
            empty={
              q === "" ? (
                <EmptyState
                  icon={MessagesSquare}
                  title="No topics yet"
                  body="A topic is a named log of messages. Create one, or let a producer do it by writing."
                  action={createButton}
                />
              ) : (
                <EmptyState
                  icon={SearchX}
                  title={`No topic matches “${q}”`}
                  action={
                    <Button variant="default" onClick={() => put({ q: undefined })}>
                      Clear the filter
                    </Button>
                  }
                />
              )
            }
          />
        ) : (
          <TableSkeleton rows={12} />
        )}
      </Panel>
      <CreateTopic opened={create} onClose={() => put({ create: undefined })} />
    </Page>
  );
}
