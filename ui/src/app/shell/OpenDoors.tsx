import { Notice } from "@/components/Notice";
import { useStatus } from "@/queries/platform";
import classes from "./OpenDoors.module.css";

/** Says, for as long as it is so, that others can connect without saying who they are. */
export function OpenDoors() {
  const { data: status } = useStatus();
  if (!status?.warnings.length) return null;
  return (
    <div className={classes.doors}>
      <Notice tone="warning" testId="open-doors">
        {status.warnings.map((warning) => (
          <div key={warning}>{warning}</div>
        ))}
      </Notice>
    </div>
  );
}
