import { CloseButton, TextInput } from "@mantine/core";
import { Search } from "lucide-react";

interface FilterInputProps {
  value: string;
  onChange: (value: string) => void;
  placeholder: string;
  width?: number;
  testId?: string;
}

/** Filters as you type; `/` jumps here, Escape clears. */
export function FilterInput({
  value,
  onChange,
  placeholder,
  width = 240,
  testId,
}: FilterInputProps) {
  return (
    <TextInput
      data-filter
      data-testid={testId ?? "filter"}
      aria-label={placeholder}
      placeholder={placeholder}
      value={value}
      w={width}
      leftSection={<Search size={13} aria-hidden />}
      rightSection={
        value === "" ? (
          <kbd style={{ fontSize: 10, opacity: 0.7 }}>/</kbd>
        ) : (
          <CloseButton size="xs" aria-label="Clear filter" onClick={() => onChange("")} />
        )
      }
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (value === "") event.currentTarget.blur();
        else onChange("");
      }}
    />
  );
}
