import { Button, Select } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Network, SearchX } from "lucide-react";
import { useDeferredValue, useMemo } from "react";
import { useCluster } from "@/app/cluster";
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
import { useGroups } from "@/queries/groups";
import { filterGroups } from "./filterGroups";
import { groupColumns } from "./groupColumns";
import type { ConsumersSearch } from "./routes";

const FROM = { from: "/consumers" } as const;

export function ConsumersPage() {
  const cluster = useCluster();
  const { q = "", state } = useSearch(FROM);
  const navigate = useNavigate(FROM);
  const { data, error, refetch } = useGroups(cluster);
  const filter = useDeferredValue(q);
  const rows = useMemo(() => filterGroups(data ?? [], filter, state), [data, filter, state]);
  const states = useMemo(() => [...new Set((data ?? []).map((g) => g.state))].sort(), [data]);
  const put = (change: ConsumersSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  if (error && !data) return <ErrorState error={error} onRetry={refetch} />;
  const filtered = q !== "" || state !== undefined;
  return (
    <Page mode="fill" testId="page-consumers">
      <PageHeader title="Consumers" />
      <Toolbar aside={data ? `${exact(rows.length)} of ${exact(data.length)} groups` : null}>
        <FilterInput
          value={q}
          onChange={(next) => put({ q: next === "" ? undefined : next })}
          placeholder="Filter groups and topics"
          testId="groups-filter"
        />
        <Select
          aria-label="State"
          placeholder="Any state"
          clearable
          w={170}
          value={state ?? null}
          data={states}
          onChange={(next) => put({ state: next ?? undefined })}
        />
      </Toolbar>
      <Panel flush fill>
        {data ? (
          <DataTable
            label="Consumer groups"
            testId="groups-table"
            rows={rows}
            columns={groupColumns}
            rowKey={(g) => g.group}
            rowTestId={(g) => `group-row-${g.group}`}
            initialSort={{ column: "lag", desc: true }}
            onOpen={(g) => navigate({ to: "/consumers/$group", params: { group: g.group } })}
            empty={
              filtered ? (
                <EmptyState
                  icon={SearchX}
                  title="No group matches"
                  action={
                    <Button
                      variant="default"
                      onClick={() => put({ q: undefined, state: undefined })}
                    >
                      Clear the filters
                    </Button>
                  }
                />
              ) : (
                <EmptyState
                  icon={Network}
                  title="No consumer groups yet"
                  body="A group stands here once a consumer with a group.id has joined or committed an offset."
                  action={
                    <Button variant="default" component={Link} to="/topics">
                      See the topics
                    </Button>
                  }
                />
              )
            }
          />
        ) : (
          <TableSkeleton rows={10} />
        )}
      </Panel>
    </Page>
  );
}
