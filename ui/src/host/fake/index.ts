/** A platform that is not there, with data that moves: for tests and `npm run dev:fake`. */
import type { ApiError, Commands } from "@/gen/api";
import type { Host } from "../host";
import { createWorld, type World } from "./world";

type Handlers = {
  [K in keyof Commands]?: (
    params: Commands[K]["params"],
  ) => Commands[K]["reply"] | Promise<Commands[K]["reply"]>;
};

export interface FakeHost extends Host {
  readonly world: World;
  /** Answers a command another way, until the next `override` of it. */
  override<K extends keyof Commands>(command: K, handler: NonNullable<Handlers[K]>): void;
  /** Every command called so far, in order. */
  readonly calls: { command: string; params: unknown }[];
}

interface FakeOptions {
  /** How long each reply takes. */
  delayMs?: number;
}

export function createFakeHost({ delayMs = 40 }: FakeOptions = {}): FakeHost {
  const world = createWorld();
  const overrides = new Map<string, (params: never) => unknown>();
  const calls: FakeHost["calls"] = [];
  return {
    kind: "fake",
    world,
    calls,
    override: (command, handler) => {
      overrides.set(command, handler as (params: never) => unknown);
    },
    async call(command, params) {
      calls.push({ command, params });
      if (calls.length > 10_000) calls.splice(0, 5_000);
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      const handler = overrides.get(command) ?? world.handlers[command as keyof Commands];
      if (!handler) {
        throw {
          code: "unsupported",
          message: `The fake does not know \`${command}\`.`,
        } satisfies ApiError;
      }
      return structuredClone(await handler(params as never));
    },
  };
}

export type { Handlers };
