/** The one way from the window to the services: a command with its params. */
import type { ApiError, Commands, ErrorCode } from "@/gen/api";
import { type Host, pickHost } from "./host";

export type CommandName = keyof Commands;
export type Params<K extends CommandName> = Commands[K]["params"];
export type Reply<K extends CommandName> = Commands[K]["reply"];

/** A command that failed. Branch on `code`, show `message`. */
export class RpcError extends Error implements ApiError {
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly detail?: string;
  readonly command: string;

  constructor(command: string, error: ApiError) {
    super(error.message);
    this.name = "RpcError";
    this.command = command;
    this.code = error.code;
    this.hint = error.hint;
    this.detail = error.detail;
  }
}

let host: Promise<Host> | null = null;

/** Tests put a fake here; everything else lets the surroundings decide. */
export function setHost(next: Host): void {
  host = Promise.resolve(next);
}

export async function rpc<K extends CommandName>(
  command: K,
  params: Params<K>,
  signal?: AbortSignal,
): Promise<Reply<K>> {
  host ??= pickHost();
  try {
    const reply = await (await host).call(command, params, signal);
    signal?.throwIfAborted();
    return reply as Reply<K>;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new RpcError(command, asApiError(error));
  }
}

function asApiError(error: unknown): ApiError {
  if (isApiError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: text };
}

function isApiError(error: unknown): error is ApiError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    "message" in error &&
    typeof error.message === "string"
  );
}
