import type { SchemaVersion } from "@/gen/api";
import classes from "./SubjectPage.module.css";

interface VersionListProps {
  /** Oldest first. */
  versions: readonly SchemaVersion[];
  shown: number | null;
  onSelect: (version: number) => void;
}

/** The newest on top. */
export function VersionList({ versions, shown, onSelect }: VersionListProps) {
  return (
    <div className={classes.versions}>
      {versions.toReversed().map((one, at) => (
        <button
          key={one.version}
          type="button"
          className={classes.version}
          aria-current={one.version === shown || undefined}
          onClick={() => onSelect(one.version)}
          data-testid={`schema-version-${one.version}`}
        >
          <span>
            Version {one.version} {at === 0 ? <span className="dim">latest</span> : null}
          </span>
          <span className="dim num">id {one.id}</span>
        </button>
      ))}
    </div>
  );
}
