import { Button } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Rate } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { Sparkline } from "@/components/Sparkline";
import { useRoom } from "@/format/useRoom";
import type { TopicRate } from "@/gen/api";

const columns: Column<TopicRate>[] = [
  {
    id: "topic",
    header: "Topic",
    grow: 1,
    minWidth: 110,
    cell: ({ topic }) => (
      <Link to="/topics/$topic" params={{ topic }} title={topic}>
        {topic}
      </Link>
    ),
  },
  {
    id: "trend",
    header: "Last minute",
    width: 104,
    cell: ({ topic, trend }) => (
      <Sparkline values={trend} label={`Messages into ${topic}, last minute`} />
    ),
  },
  {
    id: "rate",
    header: "msg/s",
    align: "right",
    width: 72,
    cell: ({ messages_in_per_s }) => <Rate value={messages_in_per_s} />,
  },
];

export function BusiestTopics({ topics }: { topics: TopicRate[] | undefined }) {
  const navigate = useNavigate();
  const { rows } = useRoom();
  return (
    <Panel title="Busiest topics" flush testId="busiest-topics">
      {topics === undefined ? (
        <TableSkeleton rows={rows} />
      ) : (
        <DataTable
          label="Busiest topics"
          height="content"
          rows={topics.slice(0, rows)}
          columns={columns}
          rowKey={({ topic }) => topic}
          onOpen={({ topic }) => navigate({ to: "/topics/$topic", params: { topic } })}
          empty={
            <EmptyState
              compact
              icon={MessagesSquare}
              title="No topics yet"
              body="The topics with the most messages a second stand here."
              action={
                <Button
                  variant="default"
                  renderRoot={(root) => <Link to="/topics" search={{ create: true }} {...root} />}
                >
                  Create a topic
                </Button>
              }
            />
          }
        />
      )}
    </Panel>
  );
}
