import type { ReactNode } from "react";
import { type Column, DataTable } from "@/components/DataTable";
import { Bytes, Timestamp } from "@/components/Figures";
import { clock, exact, timestamp } from "@/format/format";
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

const place: Column<Message>[] = [
  {
    id: "offset",
    header: "Offset",
    align: "right",
    width: 100,
    cell: (message) => exact(message.offset),
  },
  {
    id: "partition",
    header: "Part.",
    hint: "Partition",
    align: "right",
    width: 52,
    cell: (message) => message.partition,
  },
];

const time: Column<Message> = {
  id: "timestamp",
  header: "Timestamp",
  width: 192,
  cell: (message) => <Timestamp value={message.timestamp_ms} millis />,
};

/** Beside the detail pane, which has the date. */
const shortTime: Column<Message> = {
  id: "timestamp",
  header: "Time",
  width: 84,
  cell: ({ timestamp_ms }) =>
    timestamp_ms === null ? null : (
      <span title={timestamp(timestamp_ms)}>{clock(timestamp_ms)}</span>
    ),
};

const content: Column<Message>[] = [
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

const wide = [...place, time, ...content, size];
const narrow = [...place, shortTime, ...content];

export const messageKey = (message: Message): string => `${message.partition}:${message.offset}`;

export function MessagesTable(props: MessagesTableProps) {
  const { messages, activeKey, onOpen, detailOpen, empty } = props;
  return (
    <DataTable
      label="Messages"
      testId="messages-table"
      rows={messages}
      columns={detailOpen ? narrow : wide}
      rowKey={messageKey}
      rowTestId={() => "message-row"}
      activeKey={detailOpen ? activeKey : undefined}
      onActiveChange={detailOpen ? onOpen : undefined}
      onOpen={onOpen}
      empty={empty}
    />
  );
}
