import { ActionIcon, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useStatus } from "@/queries/platform";
import { type Place, placeGroups, settingsPlace } from "../navigation";
import { ClusterSwitcher } from "./ClusterSwitcher";
import { Mark } from "./Mark";
import classes from "./Sidebar.module.css";

interface SidebarProps {
  folded: boolean;
  onToggle: () => void;
}

export function Sidebar({ folded, onToggle }: SidebarProps) {
  const { data: status } = useStatus();
  const Fold = folded ? PanelLeftOpen : PanelLeftClose;
  const foldLabel = folded ? "Unfold the sidebar" : "Fold the sidebar";
  return (
    <nav className={classes.sidebar} data-folded={folded || undefined} aria-label="Pages">
      <div className={classes.brand}>
        <Link to="/" className={classes.mark} aria-label="Pumphouse, overview">
          <Mark size={22} />
          {folded ? null : <span className={classes.word}>Pumphouse</span>}
        </Link>
      </div>
      <ClusterSwitcher folded={folded} />
      <div className={classes.groups}>
        {placeGroups.map((group) => (
          <div key={group.label} className={classes.group}>
            <div className={classes.groupLabel}>{folded ? null : group.label}</div>
            {group.places.map((place) => (
              <NavLink key={place.id} place={place} folded={folded} />
            ))}
          </div>
        ))}
      </div>
      <div className={classes.foot}>
        <NavLink place={settingsPlace} folded={folded} />
        <div className={classes.line}>
          {folded ? null : (
            <span className={classes.version}>{status ? `v${status.version}` : ""}</span>
          )}
          <Tooltip label={foldLabel} position="right">
            <ActionIcon
              aria-label={foldLabel}
              onClick={onToggle}
              data-testid="sidebar-fold"
              size={28}
            >
              <Fold size={15} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </nav>
  );
}

function NavLink({ place, folded }: { place: Place; folded: boolean }) {
  const Icon = place.icon;
  const link = (
    <Link
      to={place.to}
      className={classes.link}
      activeOptions={{ exact: place.to === "/", includeSearch: false }}
      activeProps={{ "data-active": true, "aria-current": "page" }}
      data-testid={`nav-${place.id}`}
      aria-label={folded ? place.label : undefined}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      {folded ? null : place.label}
    </Link>
  );
  return folded ? (
    <Tooltip label={place.label} position="right" openDelay={80}>
      {link}
    </Tooltip>
  ) : (
    link
  );
}
