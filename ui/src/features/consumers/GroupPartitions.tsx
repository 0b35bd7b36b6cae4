import { Link } from "@tanstack/react-router";
import { ListX } from "lucide-react";
import { useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { HumanNumber } from "@/components/Figures";
import { Sparkline } from "@/components/Sparkline";
import { exact } from "@/format/format";
import type { GroupPartition } from "@/gen/api";
import { type LagHistory, placeKey } from "./lagHistory";

interface GroupPartitionsProps {
  partitions: readonly GroupPartition[];
  history: LagHistory;
}

const fixed: Column<GroupPartition>[] = [
  {
    id: "topic",
    header: "Topic",
    grow: 2,
    minWidth: 150,
    value: (p) => p.topic,
    cell: (p) => (
      <Link to="/topics/$topic" params={{ topic: p.topic }} title={p.topic}>
        {p.topic}
      </Link>
    ),
  },
  {
    id: "partition",
    header: "Partition",
    align: "right",
    width: 78,
    value: (p) => p.partition,
    cell: (p) => p.partition,
  },
  {
    id: "consumer",
    header: "Consumer",
    grow: 2,
    minWidth: 120,
    value: (p) => p.client_id,
    cell: (p) =>
      p.client_id === null ? (
        <span className="dim">not assigned</span>
      ) : (
        <span title={p.member_id ?? undefined}>{p.client_id}</span>
      ),
  },
  {
    id: "host",
    header: "Host",
    grow: 1,
    minWidth: 90,
    value: (p) => p.host,
    cell: (p) => p.host ?? <span className="dim">–</span>,
  },
  {
    id: "current",
    header: "Current offset",
    align: "right",
    width: 112,
    value: (p) => p.current_offset,
    cell: (p) =>
      p.current_offset === null ? (
        <span className="dim" title="Nothing committed yet">
          –
        </span>
      ) : (
        exact(p.current_offset)
      ),
  },
  {
    id: "end",
    header: "End offset",
    align: "right",
    width: 112,
    value: (p) => p.end_offset,
    cell: (p) => exact(p.end_offset),
  },
];

const lag: Column<GroupPartition> = {
  id: "lag",
  header: "Lag",
  align: "right",
  width: 90,
  value: (p) => p.lag,
  cell: (p) => <HumanNumber value={p.lag} />,
};

export function GroupPartitions({ partitions, history }: GroupPartitionsProps) {
  const columns = useMemo(
    (): Column<GroupPartition>[] => [
      ...fixed,
      {
        id: "trend",
        header: "Lag, seen here",
        width: 108,
        hint: "Since this page was opened, two minutes at most",
        cell: (p) => (
          <Sparkline
            values={(history.lags.get(placeKey(p)) ?? []).map((value) => value ?? 0)}
            label={`Lag of ${p.topic} ${p.partition}`}
            color="var(--ph-chart-3)"
          />
        ),
      },
      lag,
    ],
    [history],
  );
  return (
    <DataTable
      label="Lag per partition"
      rows={partitions}
      columns={columns}
      rowKey={placeKey}
      rowTestId={(p) => `lag-row-${p.topic}-${p.partition}`}
      empty={
        <EmptyState
          icon={ListX}
          title="No partitions"
          body="This group has committed no offsets and holds no partitions."
        />
      }
    />
  );
}
