import { useMemo } from "react";
import { configReading } from "@/format/configValue";
import type { ConfigEntry } from "@/gen/api";
import { type Column, DataTable } from "./DataTable";
import { Prose } from "./Prose";
import { Tag } from "./Tag";

interface ConfigTableProps {
  label: string;
  entries: readonly ConfigEntry[];
  filter: string;
  /** Given, a row opens for editing. */
  onEdit?: (entry: ConfigEntry) => void;
}

const sources: Record<string, string> = {
  DYNAMIC_TOPIC_CONFIG: "topic",
  DYNAMIC_BROKER_CONFIG: "broker, live",
  DYNAMIC_DEFAULT_BROKER_CONFIG: "all brokers, live",
  STATIC_BROKER_CONFIG: "broker file",
  DEFAULT_CONFIG: "default",
};

const columns: Column<ConfigEntry>[] = [
  {
    id: "name",
    header: "Name",
    grow: 1,
    minWidth: 250,
    value: ({ name }) => name,
    cell: ({ name }) => <code style={{ fontSize: 12 }}>{name}</code>,
  },
  {
    id: "value",
    header: "Value",
    grow: 1,
    minWidth: 160,
    cell: (entry) => (
      <span
        className="mono"
        title={entry.value ?? undefined}
        style={entry.is_default ? { color: "var(--ph-text-2)" } : { fontWeight: 600 }}
      >
        {entry.sensitive ? "••••••" : (entry.value ?? "–")}
        <Reading entry={entry} />
      </span>
    ),
  },
  {
    id: "source",
    header: "Set by",
    width: 130,
    value: ({ source }) => sources[source] ?? source,
    cell: ({ source, is_default }) => (
      <Tag tone={is_default ? "plain" : "accent"} title={source}>
        {sources[source] ?? source}
      </Tag>
    ),
  },
  {
    id: "doc",
    header: "What it does",
    grow: 2,
    minWidth: 200,
    cell: ({ documentation }) => (
      <span style={{ color: "var(--ph-text-2)" }} title={documentation ?? undefined}>
        <Prose text={documentation ?? ""} />
      </span>
    ),
  },
];

function Reading({ entry }: { entry: ConfigEntry }) {
  const reading = configReading(entry.name, entry.value);
  if (reading === null) return null;
  return (
    <span className="dim" style={{ fontFamily: "var(--ph-font)", fontWeight: 400, marginLeft: 8 }}>
      {reading}
    </span>
  );
}

/** Configuration keys: what was changed comes first. */
export function ConfigTable({ label, entries, filter, onEdit }: ConfigTableProps) {
  const rows = useMemo(() => arrange(entries, filter), [entries, filter]);
  return (
    <DataTable
      label={label}
      rows={rows}
      columns={columns}
      rowKey={({ name }) => name}
      rowTestId={({ name }) => `config-row-${name}`}
      onOpen={onEdit && ((entry) => !entry.read_only && onEdit(entry))}
      empty={<p style={{ padding: 24, textAlign: "center", margin: 0 }}>No key is called that.</p>}
    />
  );
}

export function arrange(entries: readonly ConfigEntry[], filter: string): ConfigEntry[] {
  const wanted = filter.trim().toLowerCase();
  return entries
    .filter(
      ({ name, documentation }) =>
        name.includes(wanted) || (documentation ?? "").toLowerCase().includes(wanted),
    )
    .sort((a, b) => Number(a.is_default) - Number(b.is_default) || (a.name < b.name ? -1 : 1));
}
