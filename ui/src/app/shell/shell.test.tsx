import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { createFakeHost } from "@/host/fake";
import { RpcError, rpc } from "@/host/rpc";
import { renderApp } from "@/testing/renderApp";
import { openPalette } from "./paletteStore";

describe("the shell", () => {
  it("finds a topic by a few letters", async () => {
    const { router } = await renderApp("/settings");
    act(openPalette);
    await userEvent.type(await screen.findByTestId("palette-input"), "pay auth");
    await userEvent.click(await screen.findByTestId("palette-topic-payments.authorised"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/topics/payments.authorised"));
  });

  it("goes by keys, but not while typing", async () => {
    const { router } = await renderApp("/settings");
    const press = (key: string, on: Element = document.body) => fireEvent.keyDown(on, { key });
    press("g");
    press("t");
    await waitFor(() => expect(router.state.location.pathname).toBe("/topics"));
    const filter = await screen.findByTestId("topics-filter");
    press("g", filter);
    press("c", filter);
    expect(router.state.location.pathname).toBe("/topics");
    press("/");
    expect(filter).toHaveFocus();
    press("?");
    expect(await screen.findByTestId("shortcuts-sheet")).toBeVisible();
  });

  it("keeps the cluster in the URL from page to page", async () => {
    const { router, host } = await renderApp("/topics?cluster=staging");
    await screen.findByTestId("topics-table");
    await userEvent.click(screen.getByTestId("nav-consumers"));
    await screen.findByTestId("groups-table");
    expect(router.state.location.search.cluster).toBe("staging");
    expect(host.calls.findLast(({ command }) => command === "groups_list")?.params).toEqual({
      cluster: "staging",
    });
  });

  it("shows where a service listens", async () => {
    await renderApp("/settings");
    await userEvent.click(await screen.findByTestId("service-broker"));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("127.0.0.1:9092")).toBeVisible();
  });

  it("says so while others can connect unasked", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("status", () => ({
      version: "0.1.0",
      services: [],
      data_dir: "/data",
      started_at_ms: 0,
      now_ms: 0,
      rss_bytes: 0,
      warnings: ["The broker can be reached by others."],
    }));
    await renderApp("/settings", host);
    expect(await screen.findByTestId("open-doors")).toHaveTextContent("reached by others");
  });

  it("gives every failure a code", async () => {
    await renderApp("/settings");
    const failure = await rpc("topic", { cluster: "local", topic: "none" }).catch((e) => e);
    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({ code: "not_found", command: "topic" });
  });
});
