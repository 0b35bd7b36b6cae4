import { useLocalStorage } from "@mantine/hooks";
import { Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { PageSkeleton } from "@/components/Skeletons";
import { OpenDoors } from "./OpenDoors";
import { Palette } from "./Palette";
import classes from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts";
import { Sidebar } from "./Sidebar";
import { TopBar } from "./TopBar";
import { useActionEvents } from "./useActionEvents";
import { useRememberPage } from "./useRememberPage";

/** Sidebar, top bar, page; and what works from everywhere. */
export function Shell() {
  const [folded, setFolded] = useLocalStorage({
    key: "pumphouse.sidebar.folded",
    defaultValue: false,
  });
  const toggle = () => setFolded((now) => !now);
  const { dialogs, act } = useActionEvents(toggle);
  useRememberPage();
  return (
    <div className={classes.shell} data-folded={folded || undefined}>
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <Sidebar folded={folded} onToggle={toggle} />
      <div className={classes.right}>
        <TopBar />
        <OpenDoors />
        <main id="page" className={classes.page} tabIndex={-1}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Palette onEvent={act} />
      <Shortcuts onEvent={act} />
      {dialogs}
    </div>
  );
}
