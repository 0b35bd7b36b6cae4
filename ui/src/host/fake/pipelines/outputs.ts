/** What fake tasks leave behind: logs, XComs, rendered templates. */
import type { RenderedField, TaskInstanceRow, Xcom } from "@/gen/api";
import type { FakeRun } from "./simulate";

const ESC = "\u001b";
const paint = (code: number, text: string): string => `${ESC}[${code}m${text}${ESC}[0m`;

/** ASCII only, so that bytes and characters are the same here. */
export function logText(run: FakeRun, instance: TaskInstanceRow, nowMs: number): string {
  if (instance.started_at_ms === null) return "";
  const start = instance.started_at_ms;
  const end = instance.ended_at_ms ?? nowMs;
  const lines: string[] = [];
  const say = (atMs: number, level: string, text: string) => {
    if (atMs <= end) lines.push(`[${new Date(atMs).toISOString()}] ${level} - ${text}`);
  };
  say(
    start,
    "INFO",
    `task ${run.dag.id}.${instance.task_id} try ${instance.try_number} of ${instance.max_tries + 1}`,
  );
  say(start + 20, "INFO", `operator ${instance.operator}`);
  const total = instance.task_id === "train" ? 4_000 : 40;
  const lastMs = instance.ended_at_ms ?? start + total * 100;
  const step = Math.max(1, (lastMs - start) / (total + 4));
  for (let i = 0; i < total; i += 1) {
    const at = start + step * (i + 1);
    if (at > end) break;
    if (i % 17 === 5)
      say(at, paint(33, "WARNING"), `batch ${i}: slow answer, ${paint(1, `${300 + i} ms`)}`);
    else if (i % 9 === 3)
      say(
        at,
        "INFO",
        `${paint(32, "ok")} ${paint(36, `batch ${i}`)} of ${total}: <${(i * 37) % 991} rows>`,
      );
    else
      say(at, "INFO", `batch ${i} of ${total}: ${(i * 7919) % 10_007} rows in ${(i * 13) % 97} ms`);
  }
  if (instance.ended_at_ms !== null) {
    if (instance.state === "failed") {
      say(end, paint(31, "ERROR"), "the command ended with exit code 1");
      lines.push(
        "Traceback (most recent call last):",
        '  File "task.py", line 21, in run',
        "    copy_rows(source, target)",
        paint(31, "ConnectionError: the server closed the connection after 40 batches"),
      );
    } else {
      say(end, "INFO", `${paint(32, "done")}: pushed return_value`);
    }
  }
  return `${lines.join("\n")}\n`;
}

export function xcoms(run: FakeRun, instance: TaskInstanceRow): Xcom[] {
  const samples = 58 + (run.age % 5);
  return [
    {
      key: "return_value",
      value: `{"samples":${samples},"first_offset":9007199254740993,"cpu":{"mean":23.10,"max":71.4},"hosts":["local"],"complete":true,"note":null}`,
    },
    { key: "rows", value: String(samples * 4) },
  ].slice(0, instance.task_id === "publish" ? 1 : 2);
}

export function rendered(run: FakeRun, instance: TaskInstanceRow): RenderedField[] {
  const date = new Date(run.logicalMs ?? run.startMs).toISOString();
  switch (instance.operator) {
    case "SQLExecuteQueryOperator":
    case "SQLCheckOperator":
      return [
        {
          name: "sql",
          value: `INSERT INTO ${run.dag.id} (ts, samples, cpu_mean)\nVALUES ('${date}', 58, 23.10)`,
        },
        { name: "conn_id", value: "warehouse" },
      ];
    case "BashOperator":
      return [
        {
          name: "bash_command",
          value: `set -e\npg_dump --table orders > /tmp/orders-${date.slice(0, 10)}.sql`,
        },
      ];
    case "KafkaProduceOperator":
      return [
        { name: "topic", value: run.dag.id === "host_report" ? "host.report" : "flights.daily" },
        { name: "value", value: '{"samples": 58, "cpu_mean": 23.10}' },
      ];
    default:
      return [{ name: "op_kwargs", value: `{"ds": "${date.slice(0, 10)}"}` }];
  }
}
