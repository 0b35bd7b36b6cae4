import { useCluster } from "@/app/cluster";
import { fixedRange, useTimeRange } from "@/app/timeRange";
import { useWindowEnds } from "@/components/chartWindow";
import { type Column, DataTable } from "@/components/DataTable";
import { Bytes, HumanNumber, Rate } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { Stat, StatStrip } from "@/components/StatStrip";
import { Tag } from "@/components/Tag";
import { TimeChart } from "@/components/TimeChart";
import { exact, rate } from "@/format/format";
import { useRoom } from "@/format/useRoom";
import type { PartitionRow, TopicDetail } from "@/gen/api";
import { useMetrics } from "@/queries/cluster";

const columns: Column<PartitionRow>[] = [
  {
    id: "partition",
    header: "Partition",
    width: 84,
    value: (p) => p.partition,
    cell: (p) => p.partition,
  },
  {
    id: "leader",
    header: "Leader",
    width: 80,
    value: (p) => p.leader,
    cell: (p) => p.leader,
  },
  {
    id: "replicas",
    header: "Replicas",
    grow: 1,
    cell: (p) => p.replicas.join(", "),
  },
  {
    id: "isr",
    header: "In sync",
    grow: 1,
    cell: (p) =>
      p.isr.length < p.replicas.length ? (
        <Tag tone="danger" title="Some replicas lag behind">
          {p.isr.join(", ") || "none"}
        </Tag>
      ) : (
        p.isr.join(", ")
      ),
  },
  {
    id: "start",
    header: "Start offset",
    align: "right",
    grow: 1,
    value: (p) => p.start_offset,
    cell: (p) => exact(p.start_offset),
  },
  {
    id: "end",
    header: "End offset",
    align: "right",
    grow: 1,
    hint: "The next offset to be written",
    value: (p) => p.end_offset,
    cell: (p) => exact(p.end_offset),
  },
  {
    id: "messages",
    header: "Messages",
    align: "right",
    grow: 1,
    value: (p) => p.end_offset - p.start_offset,
    cell: (p) => <HumanNumber value={p.end_offset - p.start_offset} />,
  },
  {
    id: "size",
    header: "Size",
    align: "right",
    width: 96,
    value: (p) => p.size_bytes,
    cell: (p) => <Bytes value={p.size_bytes} />,
  },
];

const NONE: number[] = [];

export function TopicOverview({ detail }: { detail: TopicDetail }) {
  const { row, partitions } = detail;
  const cluster = useCluster();
  const { window, setRange } = useTimeRange();
  const { data } = useMetrics(cluster, [`topic_in:${row.name}`], window);
  const ends = useWindowEnds(window);
  const { chartPx } = useRoom();
  return (
    <>
      <StatStrip label="Topic figures" testId="topic-stats">
        <Stat label="Messages">
          <HumanNumber value={row.messages} />
        </Stat>
        <Stat label="Size">
          <Bytes value={row.size_bytes} />
        </Stat>
        <Stat label="In, a second">
          <Rate value={row.messages_in_per_s} />
        </Stat>
        <Stat label="Out, a second">
          <Rate value={row.messages_out_per_s} />
        </Stat>
        <Stat label="Partitions">{row.partitions}</Stat>
        <Stat label="Replication factor">{row.replication_factor}</Stat>
        <Stat label="Under-replicated" alarm={row.under_replicated > 0}>
          {row.under_replicated}
        </Stat>
        <Stat label="Consumer groups">{row.consumers}</Stat>
      </StatStrip>
      <Panel flush>
        <TimeChart
          title="Messages in"
          {...ends}
          timesMs={data?.times_ms ?? NONE}
          series={[
            {
              label: "per second",
              color: "--ph-chart-1",
              fill: true,
              values: data?.series[0]?.values ?? [],
            },
          ]}
          axisFormat={rate}
          format={(value) => `${rate(value)}/s`}
          height={chartPx}
          onBrush={(from, to) => setRange(fixedRange(from, to))}
          onReset={() => setRange(undefined)}
        />
      </Panel>
      <Panel flush fill title="Partitions">
        <DataTable
          label="Partitions"
          rows={partitions}
          columns={columns}
          rowKey={(p) => String(p.partition)}
          rowTestId={(p) => `partition-row-${p.partition}`}
        />
      </Panel>
    </>
  );
}
