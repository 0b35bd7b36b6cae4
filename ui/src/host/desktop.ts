/** The desktop shell. No other file imports `@tauri-apps`. */
import { invoke, isTauri } from "@tauri-apps/api/core";
import type { Host } from "./host";

export const insideDesktop = (): boolean => isTauri();

export const desktopHost: Host = {
  kind: "desktop",
  call: (command, params) => invoke("rpc", { command, params }),
};
