/** The whole window at a URL, over a fake host: what component tests look at. */
import { createMemoryHistory } from "@tanstack/react-router";
import { act, render } from "@testing-library/react";
import axe from "axe-core";
import { App } from "@/app/App";
import { createQueryClient } from "@/app/queryClient";
import { createAppRouter } from "@/app/router";
import { createFakeHost, type FakeHost } from "@/host/fake";
import { setHost } from "@/host/rpc";

export async function renderApp(url: string, host: FakeHost = createFakeHost({ delayMs: 0 })) {
  setHost(host);
  const router = createAppRouter();
  router.update({ ...router.options, history: createMemoryHistory({ initialEntries: [url] }) });
  const queries = createQueryClient();
  queries.setDefaultOptions({
    queries: { ...queries.getDefaultOptions().queries, retry: false },
  });
  const view = render(<App router={router} queries={queries} />);
  await act(() => router.load());
  return { ...view, router, host };
}

/** What axe-core finds wrong, in words. Colours are judged in the real window. */
export async function axeFindings(root: Element = document.body): Promise<string[]> {
  const { violations } = await axe.run(root, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
}
