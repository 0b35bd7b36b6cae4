import { Link, useMatches } from "@tanstack/react-router";
import { Fragment, useEffect } from "react";
import type { Crumb } from "../root";
import classes from "./Breadcrumbs.module.css";

export function Breadcrumbs() {
  const crumbs = useMatches({
    select: (matches): Crumb[] =>
      matches.flatMap((match) => match.staticData.crumbs?.({ ...match.params }) ?? []),
    structuralSharing: true,
  });
  const title = crumbs.map((crumb) => crumb.label).join(" / ");
  useEffect(() => {
    document.title = title === "" ? "Pumphouse" : `${title} · Pumphouse`;
  }, [title]);
  return (
    <nav aria-label="Breadcrumbs" className={classes.crumbs} data-testid="breadcrumbs">
      {crumbs.map((crumb, index) => (
        <Fragment key={`${crumb.to ?? ""}${crumb.label}`}>
          {index > 0 ? <span className={classes.slash}>/</span> : null}
          {crumb.to !== undefined && index < crumbs.length - 1 ? (
            <Link to={crumb.to} className={classes.link}>
              {crumb.label}
            </Link>
          ) : (
            <span
              className={classes.here}
              aria-current={index === crumbs.length - 1 ? "page" : undefined}
            >
              {crumb.label}
            </span>
          )}
        </Fragment>
      ))}
    </nav>
  );
}
