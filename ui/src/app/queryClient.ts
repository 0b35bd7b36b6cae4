import { QueryClient } from "@tanstack/react-query";
import { RpcError } from "@/host/rpc";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: RpcError;
  }
}

/** Worth asking again: the other side may be starting. */
const passing = new Set(["unavailable", "timeout"]);

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: true,
        networkMode: "always",
        retry: (failures, error) =>
          failures < 2 && error instanceof RpcError && passing.has(error.code),
        retryDelay: (attempt) => 300 * 2 ** attempt,
      },
      mutations: { networkMode: "always" },
    },
  });
}
