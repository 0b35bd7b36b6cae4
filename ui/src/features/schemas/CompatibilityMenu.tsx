import { Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Check, ChevronDown } from "lucide-react";
import { READ_ONLY, useReadOnly } from "@/app/cluster";
import { useSetCompatibility } from "@/queries/schemas";
import classes from "./CompatibilityMenu.module.css";
import { explainLevel, LEVELS } from "./levels";

interface CompatibilityMenuProps {
  cluster: string;
  /** None: the global level. */
  subject: string | null;
  /** The level in force, when it is known. */
  level: string | null;
  inherited: boolean;
}

/** The level in force and the way to another; a change can be taken back. */
export function CompatibilityMenu({ cluster, subject, level, inherited }: CompatibilityMenuProps) {
  const change = useSetCompatibility();
  const readOnly = useReadOnly();
  const what = subject === null ? "Global compatibility" : "Compatibility";
  const set = (next: string | null, undo: (() => void) | null) =>
    change.mutate(
      { cluster, subject, level: next },
      {
        onSuccess: () =>
          notifications.show({
            title: `${what}: ${next ?? "as the global level"}`,
            message: undo ? (
              <Button variant="subtle" size="compact-xs" onClick={undo}>
                Undo
              </Button>
            ) : (
              "As before"
            ),
          }),
        onError: (error) =>
          notifications.show({
            color: "red",
            title: "Compatibility unchanged",
            message: error.message,
          }),
      },
    );
  const before = inherited ? null : level;
  const choose = (next: string | null) =>
    set(next, level === null ? null : () => set(before, null));
  return (
    <Menu position="bottom-end" width={340}>
      <Menu.Target>
        <Button
          variant="default"
          rightSection={<ChevronDown size={13} />}
          loading={change.isPending}
          data-testid="compatibility"
          disabled={readOnly}
          title={readOnly ? READ_ONLY : level === null ? undefined : explainLevel(level)}
        >
          <span className="dim">{what}&nbsp;</span>
          {level ?? ""}
          {inherited ? <span className="dim">&nbsp;· from global</span> : null}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {subject === null ? null : (
          <Menu.Item
            leftSection={<Mark shown={inherited} />}
            onClick={() => choose(null)}
            data-testid="compatibility-inherit"
          >
            As the global level
          </Menu.Item>
        )}
        {LEVELS.map((one) => (
          <Menu.Item
            key={one}
            leftSection={<Mark shown={!inherited && one === level} />}
            onClick={() => choose(one)}
            data-testid={`compatibility-${one}`}
          >
            <span className={classes.level}>{one}</span>
            <span className={classes.words}>{explainLevel(one)}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const Mark = ({ shown }: { shown: boolean }) => (
  <span style={{ width: 14, display: "inline-flex" }}>
    {shown ? <Check size={14} aria-label="in force" /> : null}
  </span>
);
