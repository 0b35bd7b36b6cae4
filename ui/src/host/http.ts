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
      throw silent(String(cause));
    }
    const text = await response.text();
    const body = parse(text);
    if (response.ok) return body;
    if (typeof body === "object" && body !== null && "code" in body) throw body;
    if (response.status >= 502 && response.status <= 504) throw silent(`HTTP ${response.status}`);
    throw {
      code: "internal",
      message: `\`${command}\` was answered with HTTP ${response.status}.`,
      detail: text.slice(0, 2000),
    } satisfies ApiError;
  },
};

const silent = (detail: string): ApiError => ({
  code: "unavailable",
  message: "Pumphouse does not answer.",
  hint: "Start it with `pumphouse serve`; this page goes on by itself.",
  detail,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
