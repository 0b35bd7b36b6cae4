import { Link, useNavigate } from "@tanstack/react-router";
import { Network } from "lucide-react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { HumanNumber } from "@/components/Figures";
import { Panel } from "@/components/Panel";
import { StatePill } from "@/components/StatePill";
import { groupState } from "@/components/states";
import type { TopicGroup } from "@/gen/api";

const columns: Column<TopicGroup>[] = [
  {
    id: "group",
    header: "Group",
    grow: 2,
    minWidth: 200,
    value: (g) => g.group,
    cell: (g) => (
      <Link to="/consumers/$group" params={{ group: g.group }}>
        {g.group}
      </Link>
    ),
  },
  {
    id: "state",
    header: "State",
    grow: 1,
    minWidth: 160,
    value: (g) => g.state,
    cell: (g) => <StatePill state={groupState(g.state)} label={g.state} />,
  },
  {
    id: "members",
    header: "Members",
    align: "right",
    width: 110,
    value: (g) => g.members,
    cell: (g) => <HumanNumber value={g.members} />,
  },
  {
    id: "lag",
    header: "Lag",
    align: "right",
    width: 130,
    value: (g) => g.lag,
    cell: (g) => <HumanNumber value={g.lag} />,
  },
];

export function TopicConsumers({ groups }: { groups: readonly TopicGroup[] }) {
  const navigate = useNavigate();
  return (
    <Panel flush fill>
      <DataTable
        label="Consumer groups of this topic"
        rows={groups}
        columns={columns}
        rowKey={(g) => g.group}
        rowTestId={(g) => `group-row-${g.group}`}
        initialSort={{ column: "lag", desc: true }}
        onOpen={(g) => navigate({ to: "/consumers/$group", params: { group: g.group } })}
        empty={
          <EmptyState
            icon={Network}
            title="Nobody reads this topic"
            body="A consumer group stands here once it has committed an offset on it."
          />
        }
      />
    </Panel>
  );
}
