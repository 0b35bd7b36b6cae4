import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ErrorState } from "@/components/ErrorState";
import { Notice } from "@/components/Notice";
import { Panel } from "@/components/Panel";
import { plural } from "@/format/format";
import type { EditableSettings, Settings } from "@/gen/api";
import { useSaveSettings } from "@/queries/platform";
import { changedKeys, sections } from "./fields";
import { SettingRow } from "./SettingRow";
import classes from "./SettingsForm.module.css";

export function SettingsForm({ settings }: { settings: Settings }) {
  const [draft, setDraft] = useState<EditableSettings>(settings.editable);
  const save = useSaveSettings();
  const changed = changedKeys(settings.editable, draft);
  const submit = () =>
    save.mutate(draft, {
      onSuccess: ({ restart_needed }) =>
        notifications.show({
          message:
            restart_needed.length > 0
              ? "Saved. Some of it waits for the next start."
              : "Saved, and in force.",
          color: "water",
        }),
    });
  return (
    <form
      className={classes.form}
      data-testid="settings-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed.length > 0) submit();
      }}
    >
      {settings.restart_needed.length > 0 ? (
        <Notice tone="warning" testId="restart-needed">
          Saved, but waiting for Pumphouse's next start:{" "}
          {settings.restart_needed.map((key, index) => (
            <span key={key}>
              {index > 0 ? ", " : ""}
              <code>{key}</code>
            </span>
          ))}
          .
        </Notice>
      ) : null}
      {sections.map((section) => (
        <Panel key={section.title} title={section.title} flush>
          {section.fields.map((field) => (
            <SettingRow
              key={field.key}
              field={field}
              draft={draft}
              changed={changed.includes(field.key)}
              onChange={(part) => {
                save.reset();
                setDraft((before) => ({ ...before, ...part }));
              }}
            />
          ))}
        </Panel>
      ))}
      {save.error ? <ErrorState error={save.error} inline /> : null}
      <div className={classes.foot}>
        <span className={classes.note}>
          {changed.length > 0
            ? `${plural(changed.length, "change")} not saved`
            : "Also in config.toml, by the same names."}
        </span>
        <Button
          variant="default"
          disabled={changed.length === 0}
          onClick={() => setDraft(settings.editable)}
        >
          Undo
        </Button>
        <Button
          type="submit"
          disabled={changed.length === 0}
          loading={save.isPending}
          data-testid="settings-save"
        >
          Save
        </Button>
      </div>
    </form>
  );
}
