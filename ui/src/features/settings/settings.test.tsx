import { fireEvent, screen } from "@testing-library/react";
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

/** At once: letter by letter a form this large takes its time. */
const fill = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });

it("attaches a cluster and says what answers", async () => {
  const { host } = await renderApp("/settings?attach=true");
  fill(await screen.findByLabelText("Name"), "Prod EU");
  fill(screen.getByTestId("attach-bootstrap"), "kafka.example:9093");
  fill(screen.getByLabelText("Schema registry"), "https://registry.example");
  fireEvent.click(screen.getByText("Token"));
  fill(screen.getByTestId("attach-token"), "t0ken");
  fireEvent.click(screen.getByTestId("attach-try"));
  expect(await screen.findByTestId("attach-tried")).toHaveTextContent("3 brokers answer");
  fireEvent.click(screen.getByTestId("attach-submit"));
  expect(await screen.findByTestId("attached-prod-eu")).toHaveTextContent("kafka.example:9093");
  expect(host.calls.findLast(({ command }) => command === "cluster_attach")?.params).toMatchObject({
    settings: {
      id: "prod-eu",
      registry_token: { is: "new", text: "t0ken" },
      registry_password: { is: "none" },
      read_only: true,
    },
  });
});
