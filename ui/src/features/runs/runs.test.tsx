import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { createFakeHost } from "@/host/fake";
import { axeFindings, renderApp } from "@/testing/renderApp";

it("lists the runs of all DAGs, newest first, without a finding of axe", async () => {
  const { container } = await renderApp("/runs");
  expect((await screen.findAllByTestId(/^run-row-/)).length).toBeGreaterThan(5);
  expect(await axeFindings(container)).toEqual([]);
}, 20_000);

it("asks for the state that the URL names, and clears what failed", async () => {
  const { host } = await renderApp("/runs?state=failed&dag=warehouse_sync");
  const row = await screen.findByTestId(/^run-row-/);
  expect(row).toHaveTextContent("Failed");
  await userEvent.click(await screen.findByTestId(/^run-clear-/));
  await waitFor(() =>
    expect(host.calls.findLast((call) => call.command === "tasks_clear")?.params).toMatchObject({
      dag_id: "warehouse_sync",
      only_failed: true,
    }),
  );
});

it("opens a run on its DAG's page", async () => {
  const { router } = await renderApp("/runs?state=failed&dag=warehouse_sync");
  await userEvent.click(await screen.findByTestId(/^run-row-/));
  await waitFor(() => expect(router.state.location.pathname).toBe("/dags/warehouse_sync"));
  expect(router.state.location.search).toHaveProperty("run");
});

it("says what belongs there when nothing has run", async () => {
  const host = createFakeHost({ delayMs: 0 });
  host.override("runs_list", () => []);
  await renderApp("/runs", host);
  expect(await screen.findByTestId("runs-empty")).toHaveTextContent("No runs yet");
});
