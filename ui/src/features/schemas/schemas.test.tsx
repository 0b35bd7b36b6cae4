import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { createFakeHost, type FakeHost } from "@/host/fake";
import { axeFindings, renderApp } from "@/testing/renderApp";

const paramsOf = (host: FakeHost, command: string): unknown =>
  host.calls.findLast((call) => call.command === command)?.params;

describe("the list of subjects", () => {
  it("shows each subject and whether its level is inherited", async () => {
    const { container } = await renderApp("/schemas");
    expect(await screen.findByTestId("subject-row-host.metrics-value")).toHaveTextContent(
      "BACKWARD · from global",
    );
    expect(screen.getByTestId("subject-row-host.report-value")).not.toHaveTextContent(
      "from global",
    );
    expect(await axeFindings(container)).toEqual([]);
  }, 20_000);

  it("registers a new subject from the example", async () => {
    const { host, router } = await renderApp("/schemas?register=true");
    await userEvent.type(await screen.findByTestId("register-subject"), "shipments-value");
    await userEvent.click(screen.getByTestId("register-submit"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/schemas/shipments-value"));
    expect(paramsOf(host, "schema_register")).toMatchObject({
      subject: "shipments-value",
      schema_type: "AVRO",
      references: [],
    });
  });

  it("switches off what would change a cluster attached read-only", async () => {
    await renderApp("/schemas/host.metrics-value?cluster=staging");
    await waitFor(() => expect(screen.getByTestId("compatibility")).toBeDisabled());
    expect(screen.getByTestId("subject-menu")).toBeDisabled();
  });

  it("says what belongs there when there is none", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("subjects_list", () => []);
    await renderApp("/schemas", host);
    expect(await screen.findByTestId("schemas-empty")).toHaveTextContent("No schemas yet");
  });
});

describe("a subject", () => {
  it("compares versions, without a finding of axe", async () => {
    const { container } = await renderApp("/schemas/host.metrics-value?tab=diff");
    const diff = await screen.findByTestId("schema-diff");
    await waitFor(() => expect(diff).toHaveTextContent("Without caches"));
    expect(await axeFindings(container)).toEqual([]);
  }, 20_000);

  it("offers to register only what was found compatible", async () => {
    const host = createFakeHost({ delayMs: 0 });
    host.override("schema_check", () => ({
      compatible: false,
      messages: ["'color' is new and has no default"],
    }));
    await renderApp("/schemas/host.report-value?tab=evolve", host);
    await userEvent.click(await screen.findByTestId("schema-check"));
    expect(await screen.findByTestId("schema-verdict")).toHaveTextContent(
      "'color' is new and has no default",
    );
    expect(screen.getByTestId("evolve-register")).toBeDisabled();
  });

  it("is deleted only after its name was typed", async () => {
    const { host, router } = await renderApp("/schemas/shop.Customer");
    await userEvent.click(await screen.findByTestId("subject-menu"));
    await userEvent.click(await screen.findByTestId("subject-delete-permanent"));
    const name = await screen.findByTestId("confirm-name");
    await userEvent.type(name, "shop.Custome");
    expect(screen.getByTestId("confirm-submit")).toBeDisabled();
    await userEvent.type(name, "r");
    await userEvent.click(screen.getByTestId("confirm-submit"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/schemas"));
    expect(paramsOf(host, "subject_delete")).toEqual({
      cluster: "local",
      subject: "shop.Customer",
      permanent: true,
    });
  });

  it("changes its level and takes the change back", async () => {
    const { host } = await renderApp("/schemas/host.report-value");
    await userEvent.click(await screen.findByTestId("compatibility"));
    await userEvent.click(await screen.findByTestId("compatibility-NONE"));
    await waitFor(() =>
      expect(paramsOf(host, "compatibility_set")).toMatchObject({ level: "NONE" }),
    );
    await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
    await waitFor(() =>
      expect(paramsOf(host, "compatibility_set")).toMatchObject({ level: "FULL" }),
    );
  });
});
