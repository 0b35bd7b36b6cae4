/** The fake platform's state: one object whose parts answer the commands. */
import type { Handlers } from "./index";
import { platformHandlers } from "./platform";

export interface World {
  readonly handlers: Handlers;
}

export function createWorld(): World {
  return { handlers: { ...platformHandlers() } };
}
