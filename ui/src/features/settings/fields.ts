/** The settings a person may change, in the words of the systems they come from. */
import type { EditableSettings } from "@/gen/api";

type Key = keyof EditableSettings;

type KeysOf<T> = { [K in Key]: EditableSettings[K] extends T ? K : never }[Key];

export type Field =
  | { kind: "number"; key: KeysOf<number>; min: number; max: number; unit?: string }
  | { kind: "switch"; key: KeysOf<boolean> }
  | { kind: "text"; key: KeysOf<string>; placeholder: string };

export interface FieldWords {
  /** The name people know it by. */
  name: string;
  about: string;
}

export interface Section {
  title: string;
  fields: Field[];
}

export const sections: Section[] = [
  {
    title: "Broker",
    fields: [
      { kind: "number", key: "num_partitions", min: 1, max: 10_000 },
      { kind: "switch", key: "auto_create_topics_enable" },
      { kind: "number", key: "log_retention_hours", min: -1, max: 1_000_000, unit: "hours" },
    ],
  },
  {
    title: "Orchestrator",
    fields: [
      { kind: "number", key: "parallelism", min: 1, max: 1_024, unit: "tasks" },
      { kind: "switch", key: "dags_are_paused_at_creation" },
      { kind: "text", key: "database", placeholder: "sqlite" },
      { kind: "text", key: "python", placeholder: "python3" },
    ],
  },
  {
    title: "Charts",
    fields: [{ kind: "number", key: "metrics_retention_days", min: 1, max: 3_650, unit: "days" }],
  },
];

export const words: Record<Key, FieldWords> = {
  num_partitions: {
    name: "num.partitions",
    about: "Partitions of topics that a producer or consumer creates by asking for them.",
  },
  auto_create_topics_enable: {
    name: "auto.create.topics.enable",
    about: "Whether asking for an unknown topic creates it.",
  },
  log_retention_hours: {
    name: "log.retention.hours",
    about: "How long messages are kept where the topic does not say. −1 keeps them for ever.",
  },
  parallelism: {
    name: "parallelism",
    about: "Tasks running at once, over all DAGs.",
  },
  dags_are_paused_at_creation: {
    name: "dags_are_paused_at_creation",
    about: "A DAG seen for the first time waits until it is switched on.",
  },
  database: {
    name: "database",
    about:
      "Where runs and task states are kept: sqlite inside the data directory, or a postgres:// URL.",
  },
  python: {
    name: "python",
    about: "The interpreter that runs Python tasks: a name on the PATH, or a full path.",
  },
  metrics_retention_days: {
    name: "metrics_retention_days",
    about: "How far back the charts can look.",
  },
};

/** The keys whose value differs. */
export const changedKeys = (before: EditableSettings, after: EditableSettings): Key[] =>
  sections
    .flatMap((section) => section.fields.map((field) => field.key))
    .filter((key) => before[key] !== after[key]);
