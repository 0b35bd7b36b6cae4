import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";

it("saves what was changed and tells what waits for the next start", async () => {
  const { host } = await renderApp("/settings");
  const python = await screen.findByTestId("setting-python");
  expect(await axeFindings()).toEqual([]);
  expect(screen.getByTestId("settings-save")).toBeDisabled();
  await userEvent.clear(python);
  await userEvent.type(python, "/opt/python/bin/python3");
  await userEvent.click(screen.getByTestId("settings-save"));
  expect(await screen.findByTestId("restart-needed")).toHaveTextContent("python");
  expect(host.calls.findLast(({ command }) => command === "settings_set")?.params).toMatchObject({
    editable: { python: "/opt/python/bin/python3", num_partitions: 1 },
  });
});
