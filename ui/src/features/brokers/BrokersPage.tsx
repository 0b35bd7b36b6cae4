import { useNavigate, useSearch } from "@tanstack/react-router";
import { Server } from "lucide-react";
import { useCluster } from "@/app/cluster";
import { ConfigTable } from "@/components/ConfigTable";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { HumanNumber } from "@/components/Figures";
import { FilterInput } from "@/components/FilterInput";
import { Page } from "@/components/Page";
import { PageHeader } from "@/components/PageHeader";
import { Panel } from "@/components/Panel";
import { PageSkeleton, TableSkeleton } from "@/components/Skeletons";
import { Tag } from "@/components/Tag";
import { plural } from "@/format/format";
import type { BrokerRow } from "@/gen/api";
import { useBrokerConfig, useBrokers } from "@/queries/cluster";

const columns: Column<BrokerRow>[] = [
  { id: "id", header: "ID", align: "right", width: 70, value: (b) => b.id, cell: (b) => b.id },
  {
    id: "address",
    header: "Address",
    grow: 2,
    minWidth: 200,
    value: (b) => b.host,
    cell: (b) => (
      <>
        <code style={{ fontSize: 12 }}>{`${b.host}:${b.port}`}</code>
        {b.controller ? (
          <span style={{ marginLeft: 8 }}>
            <Tag tone="accent">controller</Tag>
          </span>
        ) : null}
      </>
    ),
  },
  {
    id: "rack",
    header: "Rack",
    grow: 1,
    value: (b) => b.rack,
    cell: (b) => b.rack ?? <span className="dim">–</span>,
  },
  {
    id: "partitions",
    header: "Partitions",
    align: "right",
    width: 110,
    value: (b) => b.partitions,
    cell: (b) => <HumanNumber value={b.partitions} />,
  },
  {
    id: "leaders",
    header: "Leads",
    align: "right",
    width: 110,
    hint: "Partitions this broker is the leader of",
    value: (b) => b.leaders,
    cell: (b) => <HumanNumber value={b.leaders} />,
  },
];

export function BrokersPage() {
  const cluster = useCluster();
  const { broker, q = "" } = useSearch({ from: "/brokers" });
  const navigate = useNavigate({ from: "/brokers" });
  const { data: brokers, error, refetch } = useBrokers(cluster);
  const shown = broker ?? brokers?.[0]?.id;
  if (error && !brokers) return <ErrorState error={error} onRetry={refetch} />;
  if (!brokers) return <PageSkeleton />;
  return (
    <Page mode="fill" testId="page-brokers">
      <PageHeader
        title="Brokers"
        aside={<span className="dim">{plural(brokers.length, "broker")}</span>}
      />
      <Panel flush>
        <DataTable
          label="Brokers"
          height="content"
          maxHeight={220}
          rows={brokers}
          columns={columns}
          rowKey={(b) => String(b.id)}
          rowTestId={(b) => `broker-row-${b.id}`}
          activeKey={shown === undefined ? null : String(shown)}
          onActiveChange={(b) =>
            navigate({ search: (before) => ({ ...before, broker: b.id }), replace: true })
          }
          empty={
            <EmptyState
              icon={Server}
              title="No broker answers"
              body="Brokers stand here as soon as one of them can be reached."
            />
          }
        />
      </Panel>
      {shown === undefined ? null : (
        <BrokerConfig
          broker={shown}
          filter={q}
          onFilter={(next) =>
            navigate({
              search: (before) => ({ ...before, q: next === "" ? undefined : next }),
              replace: true,
            })
          }
        />
      )}
    </Page>
  );
}

interface BrokerConfigProps {
  broker: number;
  filter: string;
  onFilter: (filter: string) => void;
}

function BrokerConfig({ broker, filter, onFilter }: BrokerConfigProps) {
  const cluster = useCluster();
  const { data, error, refetch } = useBrokerConfig(cluster, broker);
  const changed = data?.filter((entry) => !entry.is_default).length ?? 0;
  return (
    <Panel
      fill
      flush
      title={`Configuration of broker ${broker}`}
      aside={
        <>
          {data ? (
            <span>
              {changed === 0 ? "all at their defaults" : `${changed} changed, shown first`}
            </span>
          ) : null}
          <FilterInput value={filter} onChange={onFilter} placeholder="Filter keys" width={200} />
        </>
      }
    >
      {error && !data ? <ErrorState error={error} onRetry={refetch} /> : null}
      {!data && !error ? <TableSkeleton /> : null}
      {data ? <ConfigTable label="Broker configuration" entries={data} filter={filter} /> : null}
    </Panel>
  );
}
