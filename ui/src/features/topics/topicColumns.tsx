import { Link } from "@tanstack/react-router";
import type { Column } from "@/components/DataTable";
import { Bytes, HumanNumber, Rate } from "@/components/Figures";
import { Sparkline } from "@/components/Sparkline";
import { Tag } from "@/components/Tag";
import type { TopicRow } from "@/gen/api";

export const topicColumns: Column<TopicRow>[] = [
  {
    id: "name",
    header: "Name",
    grow: 3,
    minWidth: 190,
    value: (topic) => topic.name,
    cell: (topic) => (
      <>
        <Link to="/topics/$topic" params={{ topic: topic.name }} title={topic.name}>
          {topic.name}
        </Link>
        {topic.internal ? (
          <span style={{ marginLeft: 8, flex: "none" }}>
            <Tag>internal</Tag>
          </span>
        ) : null}
      </>
    ),
  },
  {
    id: "partitions",
    header: "Partitions",
    align: "right",
    width: 82,
    value: (topic) => topic.partitions,
    cell: (topic) => <HumanNumber value={topic.partitions} />,
  },
  {
    id: "replication",
    header: "Replicas",
    align: "right",
    width: 76,
    value: (topic) => topic.replication_factor,
    cell: (topic) =>
      topic.under_replicated > 0 ? (
        <Tag tone="danger" title={`${topic.under_replicated} partitions under-replicated`}>
          {topic.replication_factor} !
        </Tag>
      ) : (
        topic.replication_factor
      ),
  },
  {
    id: "messages",
    header: "Messages",
    align: "right",
    width: 90,
    hint: "End minus start offsets: an upper bound on compacted topics",
    value: (topic) => topic.messages,
    cell: (topic) => <HumanNumber value={topic.messages} />,
  },
  {
    id: "size",
    header: "Size",
    align: "right",
    width: 88,
    value: (topic) => topic.size_bytes,
    cell: (topic) => <Bytes value={topic.size_bytes} />,
  },
  {
    id: "trend",
    header: "Last minute",
    width: 104,
    cell: (topic) => (
      <Sparkline values={topic.trend} label={`Messages into ${topic.name}, last minute`} />
    ),
  },
  {
    id: "in",
    header: "In/s",
    align: "right",
    width: 68,
    hint: "Messages in a second",
    value: (topic) => topic.messages_in_per_s,
    cell: (topic) => <Rate value={topic.messages_in_per_s} />,
  },
  {
    id: "out",
    header: "Out/s",
    align: "right",
    width: 68,
    hint: "Messages out a second",
    value: (topic) => topic.messages_out_per_s,
    cell: (topic) => <Rate value={topic.messages_out_per_s} />,
  },
  {
    id: "cleanup",
    header: "Cleanup",
    width: 80,
    value: (topic) => topic.cleanup_policy,
    cell: (topic) => topic.cleanup_policy ?? <span className="dim">–</span>,
  },
  {
    id: "schema",
    header: "Schema",
    width: 86,
    value: (topic) => schemaWord(topic),
    cell: (topic) => {
      const word = schemaWord(topic);
      return word === null ? <span className="dim">–</span> : <Tag>{word}</Tag>;
    },
  },
  {
    id: "consumers",
    header: "Groups",
    align: "right",
    width: 70,
    hint: "Consumer groups with committed offsets on it",
    value: (topic) => topic.consumers,
    cell: (topic) => <HumanNumber value={topic.consumers} />,
  },
];

function schemaWord({ key_schema, value_schema }: TopicRow): string | null {
  if (key_schema !== null && value_schema !== null) return "key, value";
  if (value_schema !== null) return "value";
  return key_schema === null ? null : "key";
}
