import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";

it("puts what was changed first", async () => {
  await renderApp("/brokers");
  expect(await screen.findByTestId("broker-row-1")).toHaveTextContent("controller");
  await screen.findByTestId("config-row-num.partitions");
  const names = screen
    .getAllByTestId(/^config-row-/)
    .map((row) => row.getAttribute("data-testid")?.slice("config-row-".length));
  expect(names.slice(0, 3)).toEqual([
    "log.retention.hours",
    "num.partitions",
    "advertised.listeners",
  ]);
  expect(await axeFindings()).toEqual([]);
});
