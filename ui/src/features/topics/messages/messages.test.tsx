import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { axeFindings, renderApp } from "@/testing/renderApp";

describe("Messages", () => {
  it("shows 64-bit numbers exactly, and walks by keyboard", async () => {
    const { router } = await renderApp("/topics/host.metrics?tab=messages");
    const rows = await screen.findAllByTestId("message-row");
    await userEvent.click(rows[0] as HTMLElement);
    const detail = await screen.findByTestId("message-detail");
    await waitFor(() => expect(detail).toHaveTextContent("18446744073709551615"));
    expect(detail).toHaveTextContent("9007199254740993");
    expect(await axeFindings()).toEqual([]);

    const first = router.state.location.search.at;
    fireEvent.keyDown(screen.getByRole("grid", { name: "Messages" }), { key: "ArrowDown" });
    await waitFor(() => expect(router.state.location.search.at).not.toBe(first));
    fireEvent.keyDown(detail, { key: "Escape" });
    await waitFor(() => expect(screen.queryByTestId("message-detail")).toBeNull());
  });

  it("asks for what the URL says", async () => {
    const { host } = await renderApp(
      "/topics/orders.v1?tab=messages&seek=offset&offset=100&partition=2&q=Lisboa&limit=250",
    );
    await screen.findByTestId("messages-table");
    expect(host.calls.find(({ command }) => command === "messages_browse")?.params).toEqual({
      cluster: "local",
      topic: "orders.v1",
      partitions: [2],
      seek: { from: "offset", offset: 100 },
      limit: 250,
      contains: "Lisboa",
    });
  });

  it("follows live, and a pause asks no more", async () => {
    const { host } = await renderApp("/topics/orders.v1?tab=messages&seek=live");
    expect((await screen.findAllByTestId("message-row")).length).toBeGreaterThan(0);
    await userEvent.click(screen.getByTestId("tail-pause"));
    const asked = () => host.calls.filter(({ command }) => command === "messages_tail").length;
    expect(await screen.findByText("Paused")).toBeVisible();
    const before = asked();
    await userEvent.click(screen.getByTestId("tail-pause"));
    await waitFor(() => expect(asked()).toBeGreaterThan(before));
    expect(host.calls.findLast(({ command }) => command === "messages_tail")?.params).toMatchObject(
      { positions: expect.arrayContaining([expect.objectContaining({ partition: 0 })]) },
    );
  });

  it("treats bytes as data, never as markup", async () => {
    const { host } = await renderApp("/settings");
    const topic = host.world.topic("audit.log");
    const value = '<img src=x onerror="document.title=1"><a href="http://x">y</a>';
    topic.produced.set(0, [{ timestamp_ms: 1, key: null, value, encoding: "text", headers: [] }]);
    await userEvent.click(screen.getByTestId("nav-topics"));
    await userEvent.click(await screen.findByText("audit.log"));
    await userEvent.click(await screen.findByTestId("tab-messages"));
    const row = await screen.findByTestId("message-row");
    expect(row).toHaveTextContent(value);
    expect(row.querySelector("img, a")).toBeNull();
  });
});
