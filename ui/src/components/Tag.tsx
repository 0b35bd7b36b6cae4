import type { ReactNode } from "react";
import classes from "./Tag.module.css";

interface TagProps {
  children: ReactNode;
  tone?: "plain" | "accent" | "warning" | "danger";
  title?: string;
}

/** A word in a hairline box: `internal`, `compact`, `AVRO`. */
export function Tag({ children, tone = "plain", title }: TagProps) {
  return (
    <span className={classes.tag} data-tone={tone} title={title}>
      {children}
    </span>
  );
}
