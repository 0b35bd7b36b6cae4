import { Tooltip } from "@mantine/core";
import { useMatches } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { Breadcrumbs } from "./Breadcrumbs";
import { openPalette } from "./paletteStore";
import { ServicePills } from "./ServicePills";
import { ThemeMenu } from "./ThemeMenu";
import { TimeRangePicker } from "./TimeRangePicker";
import classes from "./TopBar.module.css";

export function TopBar() {
  const charts = useMatches({
    select: (matches) =>
      matches.some(({ staticData: { charts: has }, search }) =>
        typeof has === "function" ? has({ ...search }) : has,
      ),
  });
  return (
    <header className={classes.bar}>
      <Breadcrumbs />
      <button
        type="button"
        className={classes.palette}
        onClick={openPalette}
        data-testid="open-palette"
        title="Pages, topics, groups, DAGs and actions"
      >
        <Search size={13} aria-hidden />
        <span>Search or jump to…</span>
        <kbd>{isMac ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <div className={classes.right}>
        {charts ? <TimeRangePicker /> : null}
        <ServicePills />
        <Tooltip label="Appearance">
          <span>
            <ThemeMenu />
          </span>
        </Tooltip>
      </div>
    </header>
  );
}

const isMac = typeof navigator !== "undefined" && /Mac|iPhone/.test(navigator.userAgent);
