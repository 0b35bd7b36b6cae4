import { Button } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { plural } from "@/format/format";
import type { ImportError } from "@/gen/api";
import classes from "./ImportErrors.module.css";

const SHOWN = 2;

/** `file:line`, as editors open it. */
export const errorPlace = (error: ImportError): string =>
  error.line === null ? error.file : `${error.file}:${error.line}`;

/** Files that hold no DAG for a reason: first on the page, so that none is missed. */
export function ImportErrors({ errors }: { errors: readonly ImportError[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? errors : errors.slice(0, SHOWN);
  return (
    <section className={classes.box} aria-label="Import errors" data-testid="import-errors">
      <TriangleAlert size={15} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        <h2 className={classes.title}>
          {plural(errors.length, "file")} in the DAGs folder could not be read
        </h2>
        <ul className={classes.list}>
          {shown.map((error) => (
            <li key={errorPlace(error)} className={classes.item}>
              <code className={classes.place}>{errorPlace(error)}</code>
              <span className={classes.message}>{error.message}</span>
              <CopyButton
                label="error"
                size={12}
                value={`${errorPlace(error)}: ${error.message}`}
              />
            </li>
          ))}
        </ul>
      </div>
      {errors.length > SHOWN ? (
        <Button variant="subtle" color="gray" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${errors.length}`}
        </Button>
      ) : null}
    </section>
  );
}
