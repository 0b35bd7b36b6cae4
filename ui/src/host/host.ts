/** What surrounds the page: the desktop shell, a server, or a fake. */
export interface Host {
  readonly kind: "desktop" | "http" | "fake";
  /** Resolves with the reply, rejects with an `ApiError`. */
  call(command: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
}

export async function pickHost(): Promise<Host> {
  if (import.meta.env.MODE === "fake") return (await import("./fake")).createFakeHost();
  const { insideDesktop, desktopHost } = await import("./desktop");
  if (insideDesktop()) return desktopHost;
  return (await import("./http")).httpHost;
}
