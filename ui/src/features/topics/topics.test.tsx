import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";

describe("Topics", () => {
  it("lists, filters and hides internal topics, and axe finds nothing", async () => {
    await renderApp("/topics");
    expect(await screen.findByTestId("topic-row-orders.v1")).toBeVisible();
    expect(screen.queryByTestId("topic-row-__consumer_offsets")).toBeNull();
    expect(await axeFindings()).toEqual([]);

    await userEvent.type(screen.getByTestId("topics-filter"), "orders");
    await waitFor(() => expect(screen.queryByTestId("topic-row-clickstream.raw")).toBeNull());
    expect(screen.getByTestId("topic-row-orders.v1.dlq")).toBeVisible();

    await userEvent.clear(screen.getByTestId("topics-filter"));
    await userEvent.click(screen.getByTestId("topics-internal"));
    expect(await screen.findByTestId("topic-row-__consumer_offsets")).toBeVisible();
  });

  it("creates a topic with only what differs from Kafka's defaults", async () => {
    const { host, router } = await renderApp("/topics?create=true");
    const name = await screen.findByTestId("topic-name-input");
    await userEvent.type(name, "not a name");
    await userEvent.click(screen.getByTestId("create-topic-submit"));
    expect(await screen.findByText(/No spaces/)).toBeVisible();

    await userEvent.clear(name);
    await userEvent.type(name, "parcels.v1");
    await userEvent.type(screen.getByTestId("topic-config-retention.ms"), "3600000");
    await userEvent.click(screen.getByTestId("create-topic-submit"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/topics/parcels.v1"));
    expect(host.calls.find(({ command }) => command === "topic_create")?.params).toEqual({
      cluster: "local",
      topic: "parcels.v1",
      partitions: 1,
      replication_factor: 1,
      configs: [{ name: "retention.ms", value: "3600000" }],
    });
  });

  it("says what the broker said when it refuses", async () => {
    await renderApp("/topics?create=true");
    await userEvent.type(await screen.findByTestId("topic-name-input"), "orders.v1");
    await userEvent.click(screen.getByTestId("create-topic-submit"));
    const alert = await screen.findByTestId("error-state");
    expect(alert).toHaveAttribute("data-code", "conflict");
    expect(alert).toHaveTextContent("Choose another name");
  });

  it("deletes only when the name is typed", async () => {
    const { host, router } = await renderApp("/topics/audit.log");
    await userEvent.click(await screen.findByTestId("topic-menu"));
    await userEvent.click(await screen.findByTestId("topic-delete"));
    const submit = await screen.findByTestId("confirm-submit");
    expect(submit).toBeDisabled();
    await userEvent.type(screen.getByTestId("confirm-name"), "audit.log");
    await userEvent.click(submit);
    await waitFor(() => expect(router.state.location.pathname).toBe("/topics"));
    expect(host.world.topics.has("audit.log")).toBe(false);
  });

  it("names a topic that is not there, with the way out", async () => {
    await renderApp("/topics/nowhere");
    expect(await screen.findByTestId("error-state")).toHaveTextContent(
      "There is no topic nowhere.",
    );
  });

  it("offers to fill an empty cluster", async () => {
    const { host } = await renderApp("/settings");
    host.override("topics_list", () => []);
    await userEvent.click(screen.getByTestId("nav-topics"));
    expect(await screen.findByText("No topics yet")).toBeVisible();
    const page = screen.getByTestId("page-topics");
    expect(within(page).getAllByTestId("create-topic")).not.toHaveLength(0);
  });
});
