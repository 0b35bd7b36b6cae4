import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

const KEY = "pumphouse.lastPage";

/** The last page comes back at the next start, when that start asks for no other. */
export function useRememberPage(): void {
  const router = useRouter();
  const started = useRef(false);
  useEffect(() => {
    if (!started.current) {
      started.current = true;
      const fresh = window.sessionStorage.getItem(KEY) === null;
      const last = window.localStorage.getItem(KEY);
      window.sessionStorage.setItem(KEY, "open");
      if (fresh && last?.startsWith("/") && last !== "/" && router.state.location.href === "/") {
        router.navigate({ href: last, replace: true });
      }
    }
    return router.subscribe("onResolved", ({ toLocation }) =>
      window.localStorage.setItem(KEY, toLocation.href),
    );
  }, [router]);
}
