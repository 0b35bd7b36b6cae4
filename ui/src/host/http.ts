/** A browser in front of `pumphouse serve`: `POST /rpc/<command>`. */
import type { ApiError } from "@/gen/api";
import type { Host } from "./host";

export const httpHost: Host = {
  kind: "http",
  async call(command, params, signal) {
    let response: Response;
    try {
      response = await fetch(`/rpc/${command}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(params),
        signal,
      });
    } catch (cause) {
      throw {
        code: "unavailable",
        message: "Pumphouse does not answer.",
        hint: "Start it with `pumphouse serve`, then try again.",
        detail: String(cause),
      } satisfies ApiError;
    }
    const text = await response.text();
    const body = parse(text);
    if (response.ok) return body;
    if (typeof body === "object" && body !== null && "code" in body) throw body;
    throw {
      code: response.status >= 502 ? "unavailable" : "internal",
      message: `\`${command}\` was answered with HTTP ${response.status}.`,
      hint:
        response.status >= 500
          ? "Is `pumphouse serve` running? `PUMPHOUSE_API` says where."
          : undefined,
      detail: text.slice(0, 2000),
    } satisfies ApiError;
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
