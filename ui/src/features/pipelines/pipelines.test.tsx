import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { TaskInstanceRow } from "@/gen/api";
import { createFakeHost, type FakeHost } from "@/host/fake";
import { axeFindings, renderApp } from "@/testing/renderApp";

const paramsOf = (host: FakeHost, command: string): unknown =>
  host.calls.findLast((call) => call.command === command)?.params;

describe("the list of DAGs", () => {
  it("shows every DAG, and the files that could not be read with their line", async () => {
    const { container } = await renderApp("/dags");
    expect(await screen.findByTestId("dag-row-host_report")).toBeInTheDocument();
    expect(screen.getByTestId("dag-row-cleanup_exports")).toHaveTextContent("No runs");
    expect(screen.getByTestId("import-errors")).toHaveTextContent("drafts/orders_hourly.yaml:14");
    expect(await axeFindings(container)).toEqual([]);
  }, 20_000);

  it("filters by text, tag and state, and keeps the filter in the URL", async () => {
    const { router } = await renderApp("/dags?show=paused");
    expect(await screen.findByTestId("dag-row-cleanup_exports")).toBeInTheDocument();
    expect(screen.queryByTestId("dag-row-host_report")).toBeNull();
    await userEvent.type(screen.getByTestId("dags-filter"), "partition");
    await waitFor(() => expect(screen.queryByTestId("dag-row-cleanup_exports")).toBeNull());
    expect(router.state.location.search).toMatchObject({ show: "paused", q: "partition" });
  });

  it("pauses at once and tells the backend", async () => {
    const { host } = await renderApp("/dags");
    const pause = await screen.findByTestId("dag-pause-host_report");
    expect(pause).toBeChecked();
    await userEvent.click(pause);
    expect(screen.getByTestId("dag-pause-host_report")).not.toBeChecked();
    await waitFor(() =>
      expect(paramsOf(host, "dag_pause")).toEqual({ dag_id: "host_report", paused: true }),
    );
  });

  it("goes back when the backend refuses to pause", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("dag_pause", () => {
      throw { code: "unavailable", message: "The orchestrator is down." };
    });
    await renderApp("/dags", host);
    await userEvent.click(await screen.findByTestId("dag-pause-host_report"));
    await waitFor(() => expect(screen.getByTestId("dag-pause-host_report")).toBeChecked());
  });

  it("says what belongs there when there is none, and starts the quickstart", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("dags_list", () => ({ dags: [], import_errors: [] }));
    await renderApp("/dags", host);
    await userEvent.click(await screen.findByTestId("dags-quickstart"));
    await waitFor(() => expect(paramsOf(host, "quickstart_start")).toEqual({}));
  });
});

describe("triggering", () => {
  it("sends the params as written, and shows the run", async () => {
    const { host, router } = await renderApp("/dags/train_model?trigger=true");
    const rows = await screen.findByTestId("param-rows_max");
    await userEvent.clear(rows);
    await userEvent.type(rows, "98765432109876543210");
    await userEvent.click(screen.getByTestId("trigger-submit"));
    await waitFor(() => expect(router.state.location.search).toHaveProperty("run"));
    const sent = paramsOf(host, "dag_trigger") as { conf: string };
    expect(sent.conf).toContain('"rows_max": 98765432109876543210');
    expect(sent.conf).toContain('"learning_rate": 0.10');
  });

  it("names the field that cannot be sent", async () => {
    const { host } = await renderApp("/dags/train_model?trigger=true");
    await userEvent.type(await screen.findByTestId("param-rows_max"), ".5");
    await userEvent.click(screen.getByTestId("trigger-submit"));
    expect(await screen.findByText("A whole number is needed")).toBeInTheDocument();
    expect(paramsOf(host, "dag_trigger")).toBeUndefined();
  });
});

describe("a DAG", () => {
  it("shows the latest run's states on its nodes", async () => {
    await renderApp("/dags/warehouse_sync");
    const failed = await screen.findByTestId("task-node-copy_orders");
    await waitFor(() => expect(failed).toHaveAttribute("data-state", "failed"));
    expect(screen.getByTestId("task-node-refresh_views")).toHaveAttribute(
      "data-state",
      "upstream_failed",
    );
    expect(screen.getByTestId("run-state")).toHaveAttribute("data-state", "failed");
  });

  it("never moves a node while states change", async () => {
    const host = createFakeHost({ delayMs: 0 });
    let states = [instance("copy_orders", "queued")];
    host.override("run", ({ dag_id, run_id }) => ({
      run: { ...emptyRun, dag_id, run_id },
      tasks: states,
    }));
    await renderApp("/dags/warehouse_sync", host);
    const node = await screen.findByTestId("task-node-copy_orders");
    await waitFor(() => expect(node).toHaveAttribute("data-state", "queued"));
    const place = () => node.closest<HTMLElement>(".react-flow__node")?.style.transform;
    const before = place();
    expect(before).toContain("translate");
    states = [instance("copy_orders", "running"), instance("snapshot", "up_for_retry")];
    await waitFor(() => expect(node).toHaveAttribute("data-state", "running"), { timeout: 5_000 });
    expect(place()).toBe(before);
  }, 20_000);

  it("opens a task's log, jumps to its error, and clears it with all downstream", async () => {
    const { host } = await renderApp("/dags/warehouse_sync?task=copy_orders");
    const log = await screen.findByTestId("task-log");
    await waitFor(() => expect(log).toHaveTextContent("try 3 of 3"));
    expect(await screen.findByTestId("log-first-error")).toBeEnabled();
    expect(screen.getByTestId("task-note")).toHaveTextContent("Exit code 1");
    await userEvent.click(screen.getByTestId("task-clear"));
    await userEvent.click(await screen.findByTestId("task-clear-downstream"));
    await waitFor(() =>
      expect(paramsOf(host, "tasks_clear")).toMatchObject({
        task_ids: ["copy_orders"],
        downstream: true,
        only_failed: false,
      }),
    );
  });

  it("shows what a task prints as text, never as markup", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("task_log", () => ({
      try_number: 1,
      text: '<img src=x onerror="alert(1)"> \u001b[31mred\u001b[0m\n',
      next_offset_bytes: 50,
      done: true,
    }));
    await renderApp("/dags/warehouse_sync?task=snapshot", host);
    const log = await screen.findByTestId("task-log");
    await waitFor(() => expect(log).toHaveTextContent('<img src=x onerror="alert(1)"> red'));
    expect(log.querySelector("img")).toBeNull();
    expect(within(log).getByText("red")).toHaveStyle({ color: "var(--ph-ansi-1)" });
  });

  it("keeps the digits of an XCom", async () => {
    await renderApp("/dags/host_report?tab=details&task=consume&panel=xcom");
    const xcom = await screen.findByTestId("task-xcom", {}, { timeout: 8_000 });
    await waitFor(() => expect(xcom).toHaveTextContent("9007199254740993"));
    expect(xcom).toHaveTextContent("23.10");
  }, 12_000);

  it("has every tab, each without a finding of axe", async () => {
    const { container } = await renderApp("/dags/flights_daily");
    for (const tab of ["grid", "gantt", "runs", "details", "graph"]) {
      await userEvent.click(await screen.findByTestId(`dag-tab-${tab}`));
      await waitFor(() => expect(container.querySelector("[role=tabpanel]")).not.toBeNull());
      expect({ tab, findings: await axeFindings(container) }).toEqual({ tab, findings: [] });
    }
  }, 20_000);

  it("says so when there is no such DAG", async () => {
    await renderApp("/dags/nothing");
    expect(await screen.findByTestId("error-state")).toHaveTextContent(
      "DAG 'nothing' is not known.",
    );
  });
});

const emptyRun = {
  run_type: "manual",
  state: "running",
  logical_date_ms: 0,
  data_interval_start_ms: null,
  data_interval_end_ms: null,
  queued_at_ms: 0,
  started_at_ms: 0,
  ended_at_ms: null,
  conf: null,
} as const;

const instance = (task_id: string, state: TaskInstanceRow["state"]): TaskInstanceRow => ({
  task_id,
  map_index: -1,
  state,
  try_number: 1,
  max_tries: 2,
  operator: "BashOperator",
  queued_at_ms: 0,
  started_at_ms: 0,
  ended_at_ms: null,
  note: null,
});
