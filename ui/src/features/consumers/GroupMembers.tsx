import { UserX } from "lucide-react";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import type { GroupMember } from "@/gen/api";
import { ranges } from "./ranges";

const columns: Column<GroupMember>[] = [
  {
    id: "client",
    header: "Client ID",
    grow: 1,
    minWidth: 130,
    value: (m) => m.client_id,
    cell: (m) => m.client_id,
  },
  {
    id: "host",
    header: "Host",
    width: 130,
    value: (m) => m.host,
    cell: (m) => m.host,
  },
  {
    id: "count",
    header: "Partitions",
    align: "right",
    width: 90,
    value: (m) => held(m),
    cell: held,
  },
  {
    id: "assignment",
    header: "Assignment",
    grow: 2,
    minWidth: 200,
    cell: (m) => {
      const text = m.assignment
        .map(({ topic, partitions }) => `${topic} ${ranges(partitions)}`)
        .join("; ");
      return <span title={text}>{text === "" ? "nothing" : text}</span>;
    },
  },
  {
    id: "member",
    header: "Member ID",
    grow: 2,
    minWidth: 180,
    cell: (m) => (
      <span className="mono dim" title={m.member_id}>
        {m.member_id}
      </span>
    ),
  },
];

function held(member: GroupMember): number {
  return member.assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

export function GroupMembers({ members }: { members: readonly GroupMember[] }) {
  return (
    <DataTable
      label="Members"
      rows={members}
      columns={columns}
      rowKey={(m) => m.member_id}
      rowTestId={(m) => `member-row-${m.client_id}`}
      empty={
        <EmptyState
          icon={UserX}
          title="Nobody is reading"
          body="Members stand here while consumers of this group are running. Offsets can be reset now."
        />
      }
    />
  );
}
