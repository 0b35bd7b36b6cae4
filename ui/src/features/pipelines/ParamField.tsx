import { Select, Switch, Text, Textarea, TextInput } from "@mantine/core";
import type { DagParam } from "@/gen/api";
import { choiceJson, fieldKind } from "./triggerForm";

interface ParamFieldProps {
  param: DagParam;
  /** See `FormValues`. */
  value: string;
  error?: string;
  onChange: (value: string) => void;
}

const MONO = { input: { fontFamily: "var(--ph-mono)" } };

/** One param, entered as its type wants. */
export function ParamField({ param, value, error, onChange }: ParamFieldProps) {
  const shared = {
    label: (
      <>
        {param.name}{" "}
        <Text span c="var(--ph-text-3)" size="xs" className="mono">
          {param.kind ?? "any"}
        </Text>
      </>
    ),
    description: param.description ?? undefined,
    error,
    "data-testid": `param-${param.name}`,
  };
  const kind = fieldKind(param);
  switch (kind) {
    case "text":
      return (
        <TextInput {...shared} value={value} onChange={(e) => onChange(e.currentTarget.value)} />
      );
    case "number":
      return (
        <TextInput
          {...shared}
          value={value}
          inputMode="numeric"
          styles={MONO}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
    case "boolean":
      return (
        <Switch
          {...shared}
          checked={value === "true"}
          onChange={(e) => onChange(e.currentTarget.checked ? "true" : "false")}
        />
      );
    case "choice":
      return (
        <Select
          {...shared}
          value={value === "" ? null : value}
          data={param.choices.map((choice) => ({
            value: choiceJson(param, choice),
            label: unquoted(choice),
          }))}
          onChange={(next) => onChange(next ?? "")}
          allowDeselect={false}
          searchable={param.choices.length > 8}
        />
      );
    case "json":
      return (
        <Textarea
          {...shared}
          value={value}
          rows={Math.min(10, Math.max(2, value.split("\n").length))}
          styles={MONO}
          spellCheck={false}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      );
  }
}

/** `"fast"` reads `fast`. */
function unquoted(choice: string): string {
  if (!choice.startsWith('"')) return choice;
  try {
    return String(JSON.parse(choice));
  } catch {
    return choice;
  }
}
