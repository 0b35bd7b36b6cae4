import { Button, Tabs } from "@mantine/core";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { READ_ONLY, useCluster, useReadOnly } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { PageSkeleton } from "@/components/Skeletons";
import { Tag } from "@/components/Tag";
import { useTopic } from "@/queries/topics";
import { MessagesTab } from "./messages/MessagesTab";
import { ProduceDialog } from "./produce/ProduceDialog";
import { TOPIC_TABS, type TopicTab } from "./routes";
import { TopicConfiguration } from "./TopicConfiguration";
import { TopicConsumers } from "./TopicConsumers";
import { TopicMenu } from "./TopicMenu";
import { TopicOverview } from "./TopicOverview";

const FROM = { from: "/topics/$topic" } as const;

const labels: Record<TopicTab, string> = {
  overview: "Overview",
  messages: "Messages",
  consumers: "Consumers",
  configuration: "Configuration",
};

export function TopicPage() {
  const cluster = useCluster();
  const { topic } = useParams(FROM);
  const { tab = "overview", produce = false } = useSearch(FROM);
  const navigate = useNavigate(FROM);
  const readOnly = useReadOnly();
  const { data, error, refetch } = useTopic(cluster, topic);
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  if (!data) return <PageSkeleton />;
  const schemas = [data.row.key_schema, data.row.value_schema].filter((s) => s !== null);
  const setProduce = (open: true | undefined) =>
    navigate({ search: (before) => ({ ...before, produce: open }), replace: true });
  return (
    <Page mode="fill" testId="page-topic">
      <PageHeader
        title={topic}
        aside={
          <>
            {data.row.internal ? <Tag>internal</Tag> : null}
            {data.row.cleanup_policy?.includes("compact") ? <Tag>compacted</Tag> : null}
            {schemas.map((subject) => (
              <Link key={subject} to="/schemas/$subject" params={{ subject }}>
                <Tag tone="accent" title={`Schema ${subject}`}>
                  {subject.endsWith("-key") ? "key schema" : "value schema"}
                </Tag>
              </Link>
            ))}
          </>
        }
        actions={
          <>
            <Button
              variant="default"
              leftSection={<Send size={13} />}
              disabled={readOnly}
              title={readOnly ? READ_ONLY : undefined}
              onClick={() => setProduce(true)}
              data-testid="produce"
            >
              Produce
            </Button>
            {readOnly ? null : <TopicMenu row={data.row} />}
          </>
        }
      />
      <Tabs
        value={tab}
        onChange={(next) =>
          navigate({
            search: ({ cluster: c, range }) => ({
              cluster: c,
              range,
              tab: TOPIC_TABS.find((known) => known === next && known !== "overview"),
            }),
          })
        }
        keepMounted={false}
        variant="default"
      >
        <Tabs.List>
          {TOPIC_TABS.map((name) => (
            <Tabs.Tab key={name} value={name} data-testid={`tab-${name}`}>
              {labels[name]}
              {name === "consumers" && data.groups.length > 0 ? ` ${data.groups.length}` : ""}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {tab === "overview" ? <TopicOverview detail={data} /> : null}
      {tab === "messages" ? <MessagesTab detail={data} /> : null}
      {tab === "consumers" ? <TopicConsumers groups={data.groups} /> : null}
      {tab === "configuration" ? <TopicConfiguration topic={topic} /> : null}
      <ProduceDialog
        opened={produce && !readOnly}
        onClose={() => setProduce(undefined)}
        row={data.row}
      />
    </Page>
  );
}
