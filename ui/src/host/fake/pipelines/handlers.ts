/** The fake orchestrator: DAGs that can be paused, triggered, stopped and cleared. */
import type { ApiError, DagRow, RunRow, TaskInstanceRow } from "@/gen/api";
import { downstreamOf } from "@/graph/navigate";
import type { Handlers } from "../index";
import { type FakeDag, fakeDags } from "./dags";
import { logText, rendered, xcoms } from "./outputs";
import { type FakeRun, simulate } from "./simulate";

const BAR_RUNS = 14;

export function pipelinesHandlers(): Handlers {
  const paused = new Map(fakeDags.map((dag) => [dag.id, dag.paused]));
  const manual: FakeRun[] = [];
  const stopped = new Map<string, number>();
  const cleared = new Map<string, Map<string, number>>();
  const bornMs = Date.now();

  const find = (dagId: string): FakeDag => {
    const dag = fakeDags.find((one) => one.id === dagId);
    if (dag === undefined) throw notFound(`DAG '${dagId}' is not known.`);
    return dag;
  };

  /** Newest first. */
  const runsOf = (dag: FakeDag): FakeRun[] => {
    const all = [...scheduled(dag, bornMs), ...manual.filter((run) => run.dag === dag)];
    return all
      .sort((a, b) => b.startMs - a.startMs)
      .map((run) => {
        const key = `${dag.id}/${run.runId}`;
        return {
          ...run,
          stoppedMs: stopped.get(key) ?? null,
          clearedMs: cleared.get(key) ?? new Map<string, number>(),
        };
      });
  };

  const findRun = (dagId: string, runId: string): FakeRun => {
    const run = runsOf(find(dagId)).find((one) => one.runId === runId);
    if (run === undefined) throw notFound(`Run '${runId}' of '${dagId}' is not known.`);
    return run;
  };

  const findTask = (dagId: string, runId: string, taskId: string) => {
    const run = findRun(dagId, runId);
    const instance = simulate(run, Date.now()).tasks.find((one) => one.task_id === taskId);
    if (instance === undefined) throw notFound(`Task '${taskId}' is not in '${dagId}'.`);
    return { run, instance };
  };

  const row = (dag: FakeDag): DagRow => ({
    dag_id: dag.id,
    description: dag.description,
    schedule: dag.schedule,
    paused: paused.get(dag.id) ?? dag.paused,
    tags: dag.tags,
    owner: dag.owner,
    tasks: dag.tasks.length,
    file: dag.file,
    next_run_ms: dag.everyS === null || paused.get(dag.id) ? null : nextTick(dag.everyS),
    last_runs: runsOf(dag)
      .slice(0, BAR_RUNS)
      .map((run) => simulate(run, Date.now()).run)
      .reverse(),
  });

  return {
    dags_list: () => ({
      dags: fakeDags.map(row),
      import_errors: [
        {
          file: "drafts/orders_hourly.yaml",
          line: 14,
          message:
            "task 'load' depends on 'transfrom', which is no task of this DAG; did you mean 'transform'?",
        },
      ],
    }),
    dag: ({ dag_id }) => {
      const dag = find(dag_id);
      return {
        row: row(dag),
        tasks: dag.tasks.map(({ seconds: _seconds, ends: _ends, ...task }) => task),
        edges: dag.edges,
        params: dag.params,
        source: dag.source,
        doc_md: dag.doc,
        start_date_ms: Date.UTC(2026, 0, 1),
        end_date_ms: null,
        catchup: false,
        timezone: "UTC",
        max_active_runs: 1,
        max_active_tasks: 16,
        run_timeout_s: dag.id === "warehouse_sync" ? 3_600 : null,
      };
    },
    dag_pause: ({ dag_id, paused: now }) => {
      paused.set(find(dag_id).id, now);
      return {};
    },
    dag_trigger: ({ dag_id, conf, logical_date_ms }) => {
      const dag = find(dag_id);
      const nowMs = Date.now();
      const run: FakeRun = {
        dag,
        runId: `manual__${new Date(nowMs).toISOString().replace("Z", "+00:00")}`,
        type: "manual",
        age: 0,
        startMs: nowMs + 300,
        logicalMs: logical_date_ms ?? nowMs,
        conf,
        stoppedMs: null,
        clearedMs: new Map(),
      };
      manual.push(run);
      return simulate(run, nowMs).run;
    },
    runs_list: ({ dag_id, state, limit }) => {
      const dags = dag_id === null ? fakeDags : [find(dag_id)];
      return dags
        .flatMap((dag) => runsOf(dag).map((run) => simulate(run, Date.now()).run))
        .filter((run) => state === null || run.state === state)
        .sort((a: RunRow, b: RunRow) => (b.queued_at_ms ?? 0) - (a.queued_at_ms ?? 0))
        .slice(0, limit);
    },
    run: ({ dag_id, run_id }) => simulate(findRun(dag_id, run_id), Date.now()),
    run_stop: ({ dag_id, run_id }) => {
      findRun(dag_id, run_id);
      stopped.set(`${dag_id}/${run_id}`, Date.now());
      return {};
    },
    tasks_clear: ({ dag_id, run_id, task_ids, downstream, only_failed }) => {
      const run = findRun(dag_id, run_id);
      const named = task_ids.length > 0 ? task_ids : run.dag.tasks.map((task) => task.task_id);
      const states = new Map(simulate(run, Date.now()).tasks.map((one) => [one.task_id, one]));
      const chosen = named.filter((id) => !only_failed || hasFailed(states.get(id)));
      const all = new Set(chosen);
      if (downstream) {
        for (const id of chosen) {
          for (const below of downstreamOf(run.dag.edges, id)) all.add(below);
        }
      }
      const key = `${dag_id}/${run_id}`;
      const times = cleared.get(key) ?? new Map<string, number>();
      for (const id of all) times.set(id, Date.now());
      cleared.set(key, times);
      stopped.delete(key);
      return {};
    },
    task_instance: ({ dag_id, run_id, task_id }) => {
      const { run, instance } = findTask(dag_id, run_id, task_id);
      return {
        instance,
        xcoms: instance.state === "success" ? xcoms(run, instance) : [],
        rendered: instance.started_at_ms === null ? [] : rendered(run, instance),
      };
    },
    task_log: async ({ dag_id, run_id, task_id, try_number, offset_bytes, wait_ms }) => {
      const { run, instance } = findTask(dag_id, run_id, task_id);
      const until = Date.now() + Math.min(wait_ms, 400);
      const ended = () => findTask(dag_id, run_id, task_id).instance.ended_at_ms !== null;
      for (;;) {
        const text = logText(run, findTask(dag_id, run_id, task_id).instance, Date.now());
        const rest = text.slice(offset_bytes, offset_bytes + 262_144);
        const next = offset_bytes + rest.length;
        if (rest !== "" || Date.now() >= until || ended()) {
          return {
            try_number: try_number ?? instance.try_number,
            text: rest,
            next_offset_bytes: next,
            done: ended() && next >= text.length,
          };
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/** The runs a schedule has made, as of now. */
function scheduled(dag: FakeDag, bornMs: number): FakeRun[] {
  const everyMs = (dag.everyS ?? 86_400) * 1_000;
  const live = dag.everyS !== null && dag.everyS <= 3_600;
  const newest = Math.floor((live ? Date.now() : bornMs) / everyMs) * everyMs;
  return Array.from({ length: dag.history }, (_, age) => {
    const logicalMs = newest - age * everyMs;
    const type = dag.everyS === null ? "manual" : "scheduled";
    return {
      dag,
      runId: `${type}__${new Date(logicalMs).toISOString().replace(".000Z", "+00:00")}`,
      type,
      age: live ? Math.floor(logicalMs / everyMs) % 40 : age,
      startMs: logicalMs + 400,
      logicalMs,
      conf: null,
      stoppedMs: null,
      clearedMs: new Map<string, number>(),
    } satisfies FakeRun;
  });
}

const nextTick = (everyS: number): number =>
  (Math.floor(Date.now() / (everyS * 1_000)) + 1) * everyS * 1_000;

const hasFailed = (instance: TaskInstanceRow | undefined): boolean =>
  instance?.state === "failed" || instance?.state === "upstream_failed";

const notFound = (message: string): ApiError => ({
  code: "not_found",
  message,
  hint: "Look at the list: it may have been removed.",
});
