import { type ReactNode, useMemo } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { Bytes, Timestamp } from "@/components/Figures";
import { exact } from "@/format/format";
import type { Message } from "@/gen/api";
import { PayloadPreview } from "./PayloadPreview";

interface MessagesTableProps {
  messages: readonly Message[];
  activeKey: string | null;
  onOpen: (message: Message) => void;
  /** Walking the rows shows each in the pane. */
  detailOpen: boolean;
  empty: ReactNode;
}

const offset: Column<Message> = {
  id: "offset",
  header: "Offset",
  align: "right",
  width: 108,
  cell: (message) => exact(message.offset),
};

const columns: Column<Message>[] = [
  offset,
  {
    id: "partition",
    header: "Part.",
    align: "right",
    width: 56,
    cell: (m) => m.partition,
    hint: "Partition",
  },
  {
    id: "timestamp",
    header: "Timestamp",
    width: 178,
    cell: (message) => <Timestamp value={message.timestamp_ms} millis />,
  },
  {
    id: "key",
    header: "Key",
    grow: 1,
    minWidth: 90,
    cell: (message) => <PayloadPreview payload={message.key} />,
  },
  {
    id: "value",
    header: "Value",
    grow: 4,
    minWidth: 180,
    cell: (message) => <PayloadPreview payload={message.value} />,
  },
];

const size: Column<Message> = {
  id: "size",
  header: "Size",
  align: "right",
  width: 82,
  cell: (message) => <Bytes value={message.size_bytes} />,
};

export const messageKey = (message: Message): string => `${message.partition}:${message.offset}`;

export function MessagesTable(props: MessagesTableProps) {
  const { messages, activeKey, onOpen, detailOpen, empty } = props;
  const shown = useMemo(() => (detailOpen ? columns : [...columns, size]), [detailOpen]);
  return (
    <DataTable
      label="Messages"
      testId="messages-table"
      rows={messages}
      columns={shown}
      rowKey={messageKey}
      rowTestId={() => "message-row"}
      activeKey={detailOpen ? activeKey : undefined}
      onActiveChange={detailOpen ? onOpen : undefined}
      onOpen={onOpen}
      empty={empty}
    />
  );
}
