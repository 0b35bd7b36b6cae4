import { Link } from "@tanstack/react-router";
import type { Column } from "@/components/DataTable";
import { HumanNumber } from "@/components/Figures";
import { Sparkline } from "@/components/Sparkline";
import { StatePill } from "@/components/StatePill";
import { groupState } from "@/components/states";
import type { GroupRow } from "@/gen/api";

export const groupColumns: Column<GroupRow>[] = [
  {
    id: "group",
    header: "Group ID",
    grow: 3,
    minWidth: 128,
    value: (g) => g.group,
    cell: (g) => (
      <Link to="/consumers/$group" params={{ group: g.group }} title={g.group}>
        {g.group}
      </Link>
    ),
  },
  {
    id: "state",
    header: "State",
    width: 166,
    value: (g) => g.state,
    cell: (g) => <StatePill state={groupState(g.state)} title={g.state} />,
  },
  {
    id: "kind",
    header: "Type",
    width: 84,
    value: (g) => g.kind,
    cell: (g) => (g.kind === "Unknown" ? <span className="dim">–</span> : g.kind),
  },
  {
    id: "members",
    header: "Members",
    align: "right",
    width: 76,
    value: (g) => g.members,
    cell: (g) => <HumanNumber value={g.members} />,
  },
  {
    id: "topics",
    header: "Topics",
    grow: 3,
    minWidth: 112,
    value: (g) => g.topics.join(),
    cell: (g) => (
      <span style={{ color: "var(--ph-text-2)" }} title={g.topics.join("\n")}>
        {g.topics.join(", ")}
      </span>
    ),
  },
  {
    id: "trend",
    header: "Lag, last minute",
    width: 104,
    cell: (g) => (
      <Sparkline
        values={g.trend}
        label={`Lag of ${g.group}, last minute`}
        color="var(--ph-chart-3)"
      />
    ),
  },
  {
    id: "lag",
    header: "Total lag",
    align: "right",
    width: 86,
    value: (g) => g.total_lag,
    cell: (g) => <HumanNumber value={g.total_lag} />,
  },
  {
    id: "assignor",
    header: "Assignor",
    width: 84,
    value: (g) => g.protocol,
    cell: (g) => (g.protocol === "" ? <span className="dim">–</span> : g.protocol),
  },
  {
    id: "coordinator",
    header: "Coordinator",
    grow: 2,
    minWidth: 166,
    value: (g) => g.coordinator,
    cell: (g) =>
      g.coordinator === null ? (
        <span className="dim">–</span>
      ) : (
        <span title={g.coordinator}>{g.coordinator}</span>
      ),
  },
];
