import { Outlet } from "@tanstack/react-router";

/** Sidebar, top bar, page. */
export function Shell() {
  return (
    <main style={{ height: "100%" }}>
      <Outlet />
    </main>
  );
}
