import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";
import { verdict } from "./verdict";

describe("Overview", () => {
  it("shows health, charts, the busiest and the slowest; axe finds nothing", async () => {
    await renderApp("/");
    expect(await screen.findByText("Healthy")).toBeVisible();
    const busiest = await screen.findByTestId("busiest-topics");
    expect(await within(busiest).findByText("clickstream.raw")).toBeVisible();
    expect(within(screen.getByTestId("slowest-groups")).getAllByRole("row").length).toBeGreaterThan(
      3,
    );
    expect(screen.getByTestId("chart-messages-in")).toBeVisible();
    expect(await axeFindings()).toEqual([]);
  });

  it("stops the quickstart at once, and removes it only by name", async () => {
    await renderApp("/");
    await userEvent.click(await screen.findByTestId("quickstart-stop"));
    expect(await screen.findByTestId("quickstart-start")).toBeVisible();
    await userEvent.click(screen.getByTestId("quickstart-remove"));
    await userEvent.type(await screen.findByTestId("confirm-name"), "quickstart");
    await userEvent.click(screen.getByTestId("confirm-submit"));
    await waitFor(() => expect(screen.queryByTestId("quickstart-remove")).toBeNull());
  });

  it("judges by the worst figure", () => {
    const check = (brokers: number, offline: number, under_replicated: number, word: string) =>
      expect(verdict({ brokers, offline, under_replicated }).word).toBe(word);
    check(1, 0, 0, "Healthy");
    check(3, 0, 2, "Degraded");
    check(3, 1, 2, "Data offline");
    check(0, 0, 0, "Down");
  });
});
