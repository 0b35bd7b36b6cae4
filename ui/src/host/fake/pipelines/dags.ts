/** The DAGs the fake host runs: one of each shape a person meets. */
import type { DagEdge, DagParam, DagTask } from "@/gen/api";

export type FakeOutcome = "success" | "failed" | "skipped";

export interface FakeTask extends DagTask {
  seconds: number;
  /** How the task ends in the n-th run counted back from the newest; absent: success. */
  ends?: (age: number) => FakeOutcome;
}

export interface FakeDag {
  id: string;
  description: string | null;
  schedule: string | null;
  /** Seconds between scheduled runs; null: only by hand. */
  everyS: number | null;
  paused: boolean;
  tags: string[];
  owner: string;
  file: string;
  doc: string | null;
  tasks: FakeTask[];
  edges: DagEdge[];
  params: DagParam[];
  source: string;
  /** Runs to be found in the past. */
  history: number;
}

interface TaskMore {
  groups?: string[];
  rule?: string;
  retries?: number;
  seconds?: number;
  doc?: string;
  ends?: (age: number) => FakeOutcome;
}

const task = (id: string, operator: string, summary: string, more: TaskMore = {}): FakeTask => ({
  task_id: id,
  label: id.split(".").at(-1) ?? id,
  operator,
  groups: more.groups ?? [],
  trigger_rule: more.rule ?? "all_success",
  retries: more.retries ?? 0,
  doc_md: more.doc ?? null,
  summary,
  seconds: more.seconds ?? 1,
  ends: more.ends,
});

/** `"a > b > c"`; `"a > b : label"` for a labelled edge. */
const edges = (...chains: string[]): DagEdge[] =>
  chains.flatMap((chain) => {
    const [path = "", label] = chain.split(" : ");
    const ids = path.split(" > ");
    return ids.slice(1).map((downstream, at) => ({
      upstream: ids[at] ?? "",
      downstream,
      label: label ?? null,
    }));
  });

const hostReport: FakeDag = {
  id: "host_report",
  description: "Sums up this computer's samples each minute",
  schedule: "* * * * *",
  everyS: 60,
  paused: false,
  tags: ["quickstart"],
  owner: "pumphouse",
  file: "quickstart/host_report.yaml",
  doc: "Reads what is new in `host.metrics`, sums it up, keeps it in a table and publishes the summary.",
  history: 40,
  params: [],
  tasks: [
    task("consume", "KafkaConsumeOperator", "host.metrics → XCom, group host_report", {
      seconds: 3,
      retries: 2,
    }),
    task("aggregate", "PythonOperator", "mean and maximum of each figure", {
      seconds: 6,
      retries: 1,
    }),
    task("load", "SQLExecuteQueryOperator", "INSERT INTO host_report …", {
      seconds: 4,
      retries: 1,
    }),
    task("publish", "KafkaProduceOperator", "→ host.report", { seconds: 3, retries: 2 }),
  ],
  edges: edges("consume > aggregate > load > publish"),
  source: `# Sums up this computer's samples each minute.
dag_id: host_report
schedule: "* * * * *"
start_date: 2026-01-01
catchup: false
max_active_runs: 1
tags: [quickstart]

default_args:
  owner: pumphouse
  retries: 1
  retry_delay: 0:00:05

tasks:
  consume:
    operator: kafka_consume
    topic: host.metrics
    group: host_report
    retries: 2
  aggregate:
    operator: python
    python_callable: |
      def run(ti):
          rows = ti.xcom_pull(task_ids="consume")
          return {"samples": len(rows), "cpu_mean": sum(r["cpu"] for r in rows) / max(1, len(rows))}
    depends_on: [consume]
  load:
    operator: sql
    conn_id: warehouse
    sql: >
      INSERT INTO host_report (ts, samples, cpu_mean)
      VALUES ('{{ ts }}', {{ ti.xcom_pull('aggregate').samples }}, {{ ti.xcom_pull('aggregate').cpu_mean }})
    depends_on: [aggregate]
  publish:
    operator: kafka_produce
    topic: host.report
    value: "{{ ti.xcom_pull('aggregate') | tojson }}"
    depends_on: [load]
`,
};

const flights: FakeDag = {
  id: "flights_daily",
  description: "Flights from the public data set into daily figures per airport",
  schedule: "30 6 * * *",
  everyS: 86_400,
  paused: false,
  tags: ["flights", "warehouse"],
  owner: "analytics",
  file: "flights_daily.yaml",
  doc: "The daily figures. `decide` looks at how much arrived and takes the short or the long way.",
  history: 12,
  params: [],
  tasks: [
    task("start", "EmptyOperator", "", { seconds: 0.1 }),
    task("extract.airports", "HttpOperator", "GET /airports.csv", {
      groups: ["extract"],
      seconds: 6,
      retries: 3,
    }),
    task("extract.carriers", "HttpOperator", "GET /carriers.csv", {
      groups: ["extract"],
      seconds: 3,
      retries: 3,
    }),
    task("extract.flights", "KafkaConsumeOperator", "flights.raw → /tmp/flights.parquet", {
      groups: ["extract"],
      seconds: 18,
      retries: 3,
    }),
    task("decide", "BranchPythonOperator", "more than 100,000 rows?", { seconds: 0.6 }),
    task("full_load", "SQLExecuteQueryOperator", "TRUNCATE flights; INSERT …", {
      seconds: 40,
      ends: () => "skipped",
    }),
    task("increment", "SQLExecuteQueryOperator", "INSERT INTO flights SELECT …", { seconds: 22 }),
    task("quality.row_count", "SQLCheckOperator", "SELECT count(*) > 0 FROM flights", {
      groups: ["quality"],
      seconds: 2,
    }),
    task("quality.delays.negative", "SQLCheckOperator", "SELECT min(delay) > -120 FROM flights", {
      groups: ["quality", "quality.delays"],
      seconds: 3,
      ends: (age) => (age === 2 || age === 7 ? "failed" : "success"),
    }),
    task("quality.delays.outliers", "SQLCheckOperator", "SELECT max(delay) < 2000 FROM flights", {
      groups: ["quality", "quality.delays"],
      seconds: 3,
    }),
    task("summarise", "PythonOperator", "per airport and day", {
      rule: "none_failed_min_one_success",
      seconds: 12,
    }),
    task("publish", "KafkaProduceOperator", "→ flights.daily", { seconds: 2 }),
    task("alert", "HttpOperator", "POST /hooks/flights", { rule: "one_failed", seconds: 1 }),
    task("tidy", "BashOperator", "rm -rf /tmp/flights-{{ ds }}", {
      rule: "all_done",
      seconds: 0.8,
    }),
  ],
  edges: edges(
    "start > extract.airports > decide",
    "start > extract.carriers > decide",
    "start > extract.flights > decide",
    "decide > full_load : first load",
    "decide > increment : daily",
    "full_load > quality.row_count",
    "increment > quality.row_count",
    "quality.row_count > quality.delays.negative > summarise > publish > tidy",
    "quality.row_count > quality.delays.outliers > summarise",
    "quality.delays.negative > alert",
    "quality.delays.outliers > alert > tidy",
  ),
  source:
    'dag_id: flights_daily\nschedule: "30 6 * * *"\ntags: [flights, warehouse]\n\ntasks:\n  start:\n    operator: empty\n',
};

const trainModel: FakeDag = {
  id: "train_model",
  description: "Trains and compares delay models; started by hand with parameters",
  schedule: null,
  everyS: null,
  paused: false,
  tags: ["ml"],
  owner: "research",
  file: "ml/train_model.yaml",
  doc: null,
  history: 5,
  params: [
    {
      name: "model",
      default: '"boosted_trees"',
      kind: "string",
      description: "The kind of model to train",
      choices: ["boosted_trees", "linear", "baseline"],
    },
    {
      name: "rows_max",
      default: "12345678901234567890",
      kind: "integer",
      description: "Rows to train on, at most",
      choices: [],
    },
    { name: "learning_rate", default: "0.10", kind: "number", description: null, choices: [] },
    {
      name: "publish",
      default: "true",
      kind: "boolean",
      description: "Publish the winner to models.live",
      choices: [],
    },
    {
      name: "features",
      default: '["delay", "distance", "carrier"]',
      kind: "array",
      description: "Columns the model may look at",
      choices: [],
    },
    {
      name: "note",
      default: '""',
      kind: "string",
      description: "Shown in the report",
      choices: [],
    },
  ],
  tasks: [
    task("split", "PythonOperator", "80 / 20 by day", { seconds: 4 }),
    task("train", "PythonOperator", "fit({{ params.model }})", {
      seconds: 30,
      retries: 2,
      ends: (age) => (age === 1 ? "failed" : "success"),
    }),
    task("score", "PythonOperator", "mean absolute error", { seconds: 5 }),
    task("publish", "KafkaProduceOperator", "→ models.live", { seconds: 1 }),
  ],
  edges: edges("split > train > score > publish", "split > score : hold-out"),
  source:
    "dag_id: train_model\nschedule: null\n\nparams:\n  model:\n    default: boosted_trees\n    enum: [boosted_trees, linear, baseline]\n",
};

const warehouseSync: FakeDag = {
  id: "warehouse_sync",
  description: "Copies changed rows to the reporting warehouse",
  schedule: "0 */2 * * *",
  everyS: 7_200,
  paused: false,
  tags: ["warehouse"],
  owner: "platform",
  file: "warehouse_sync.yaml",
  doc: null,
  history: 14,
  params: [],
  tasks: [
    task("wait_for_window", "TimeDeltaSensor", "0:05:00 after the interval", { seconds: 2 }),
    task("snapshot", "SQLExecuteQueryOperator", "BEGIN; SELECT pg_export_snapshot()", {
      seconds: 5,
    }),
    task("copy_orders", "BashOperator", "pg_dump --table orders | psql", {
      seconds: 45,
      retries: 2,
      ends: (age) => (age === 0 ? "failed" : "success"),
    }),
    task("copy_customers", "BashOperator", "pg_dump --table customers | psql", {
      seconds: 25,
      retries: 2,
    }),
    task("refresh_views", "SQLExecuteQueryOperator", "REFRESH MATERIALIZED VIEW daily_sales", {
      seconds: 15,
    }),
  ],
  edges: edges(
    "wait_for_window > snapshot > copy_orders > refresh_views",
    "snapshot > copy_customers > refresh_views",
  ),
  source: 'dag_id: warehouse_sync\nschedule: "0 */2 * * *"\n',
};

const cleanup: FakeDag = {
  id: "cleanup_exports",
  description: null,
  schedule: "1 day, 0:00:00",
  everyS: null,
  paused: true,
  tags: [],
  owner: "platform",
  file: "cleanup_exports.yaml",
  doc: null,
  history: 0,
  params: [],
  tasks: [task("remove_old", "BashOperator", "find /exports -mtime +30 -delete", { seconds: 2 })],
  edges: [],
  source: "dag_id: cleanup_exports\nschedule: 1 day, 0:00:00\n",
};

const WIDE_TASKS = 240;

const wide: FakeDag = {
  id: "partitions_backfill",
  description: "One task per partition: how the graph and grid carry many",
  schedule: "@weekly",
  everyS: 604_800,
  paused: true,
  tags: ["warehouse", "many tasks"],
  owner: "platform",
  file: "partitions_backfill.yaml",
  doc: null,
  history: 6,
  params: [],
  tasks: [
    task("plan", "PythonOperator", "list partitions", { seconds: 2 }),
    ...Array.from({ length: WIDE_TASKS }, (_, i) => {
      const group = `shard_${Math.floor(i / 40)}`;
      return task(
        `${group}.part_${String(i).padStart(3, "0")}`,
        "SQLExecuteQueryOperator",
        `INSERT … WHERE part = ${i}`,
        {
          groups: [group],
          seconds: 2 + (i % 7),
        },
      );
    }),
    task("verify", "SQLCheckOperator", "SELECT count(*) …", { seconds: 3, rule: "all_done" }),
  ],
  edges: Array.from({ length: WIDE_TASKS }, (_, i) => {
    const id = `shard_${Math.floor(i / 40)}.part_${String(i).padStart(3, "0")}`;
    return edges(`plan > ${id} > verify`);
  }).flat(),
  source: 'dag_id: partitions_backfill\nschedule: "@weekly"\n',
};

export const fakeDags: readonly FakeDag[] = [
  cleanup,
  flights,
  hostReport,
  wide,
  trainModel,
  warehouseSync,
];
