import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";

describe("Consumers", () => {
  it("lists groups by lag and opens one; axe finds nothing", async () => {
    await renderApp("/consumers");
    await userEvent.click(await screen.findByText("order-fulfilment"));
    expect(await screen.findByTestId("lag-row-orders.v1-5")).toBeVisible();
    expect(await axeFindings()).toEqual([]);
    await userEvent.click(screen.getByTestId("tab-members"));
    expect(await screen.findByTestId("member-row-order-fulfilment-2")).toHaveTextContent(
      "orders.v1 2, 5",
    );
  });

  it("shows what a reset would change before it changes it", async () => {
    const { host } = await renderApp("/consumers/host-report?reset=true");
    await userEvent.click(await screen.findByTestId("reset-preview"));
    expect(await screen.findByTestId("reset-changes")).toBeVisible();
    const resets = () => host.calls.filter(({ command }) => command === "group_reset");
    expect(resets().map(({ params }) => params)).toEqual([
      {
        cluster: "local",
        group: "host-report",
        topic: "host.metrics",
        partitions: null,
        reset: { to: "earliest" },
        dry_run: true,
      },
    ]);
    await userEvent.click(screen.getByTestId("reset-apply"));
    await waitFor(() => expect(resets()).toHaveLength(2));
    expect(resets()[1]?.params).toMatchObject({ dry_run: false });
  });

  it("says why a group with members cannot be reset", async () => {
    await renderApp("/consumers/billing?reset=true");
    await userEvent.click(await screen.findByTestId("reset-preview"));
    expect(await screen.findByTestId("error-state")).toHaveTextContent("Stop its consumers first");
  });
});
