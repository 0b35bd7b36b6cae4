import { Link, useNavigate } from "@tanstack/react-router";
import { Network } from "lucide-react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { HumanNumber } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { TableSkeleton } from "@/components/Skeletons";
import { Sparkline } from "@/components/Sparkline";
import { StatePill } from "@/components/StatePill";
import { groupState } from "@/components/states";
import { useRoom } from "@/format/useRoom";
import type { GroupLag } from "@/gen/api";

const columns: Column<GroupLag>[] = [
  {
    id: "group",
    header: "Group",
    grow: 1,
    minWidth: 110,
    cell: ({ group, state }) => (
      <>
        <StatePill compact state={groupState(state)} />
        <Link
          to="/consumers/$group"
          params={{ group }}
          title={group}
          style={{ marginLeft: 8, overflow: "hidden", textOverflow: "ellipsis" }}
        >
          {group}
        </Link>
      </>
    ),
  },
  {
    id: "trend",
    header: "Last minute",
    width: 104,
    cell: ({ group, trend }) => (
      <Sparkline values={trend} label={`Lag of ${group}, last minute`} color="var(--ph-chart-3)" />
    ),
  },
  {
    id: "lag",
    header: "Lag",
    align: "right",
    width: 72,
    cell: ({ total_lag }) => <HumanNumber value={total_lag} />,
  },
];

export function SlowestGroups({ groups }: { groups: GroupLag[] | undefined }) {
  const navigate = useNavigate();
  const { rows } = useRoom();
  return (
    <Panel title="Slowest groups" flush testId="slowest-groups">
      {groups === undefined ? (
        <TableSkeleton rows={rows} />
      ) : (
        <DataTable
          label="Slowest groups"
          height="content"
          rows={groups.slice(0, rows)}
          columns={columns}
          rowKey={({ group }) => group}
          onOpen={({ group }) => navigate({ to: "/consumers/$group", params: { group } })}
          empty={
            <EmptyState
              compact
              icon={Network}
              title="No consumer groups yet"
              body="A group appears when its first consumer commits an offset."
            />
          }
        />
      )}
    </Panel>
  );
}
