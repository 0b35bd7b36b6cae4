import { NumberInput, Switch, TextInput } from "@mantine/core";
import { useId } from "react";
import type { EditableSettings } from "@/gen/api";
import { type Field, words } from "./fields";
import classes from "./SettingRow.module.css";

interface SettingRowProps {
  field: Field;
  draft: EditableSettings;
  changed: boolean;
  onChange: (part: Partial<EditableSettings>) => void;
}

/** One setting: its name, what it does, its value. */
export function SettingRow({ field, draft, changed, onChange }: SettingRowProps) {
  const id = useId();
  const { name, about } = words[field.key];
  return (
    <div className={classes.row} data-changed={changed || undefined}>
      <div>
        <label htmlFor={id} className={classes.name}>
          {name}
        </label>
        <p id={`${id}-about`} className={classes.about}>
          {about}
        </p>
      </div>
      <Control id={id} field={field} draft={draft} onChange={onChange} />
    </div>
  );
}

function Control({
  id,
  field,
  draft,
  onChange,
}: Omit<SettingRowProps, "changed"> & { id: string }) {
  const shared = {
    id,
    "aria-describedby": `${id}-about`,
    "data-testid": `setting-${field.key}`,
  };
  switch (field.kind) {
    case "number":
      return (
        <NumberInput
          {...shared}
          w={150}
          min={field.min}
          max={field.max}
          allowDecimal={false}
          suffix={field.unit ? ` ${field.unit}` : undefined}
          value={draft[field.key]}
          onChange={(value) => typeof value === "number" && onChange({ [field.key]: value })}
        />
      );
    case "switch":
      return (
        <Switch
          {...shared}
          size="sm"
          checked={draft[field.key]}
          onChange={(event) => onChange({ [field.key]: event.currentTarget.checked })}
        />
      );
    case "text":
      return (
        <TextInput
          {...shared}
          w={240}
          placeholder={field.placeholder}
          value={draft[field.key]}
          spellCheck={false}
          onChange={(event) => onChange({ [field.key]: event.currentTarget.value })}
        />
      );
  }
}
