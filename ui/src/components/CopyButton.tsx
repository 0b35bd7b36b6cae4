import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { Check, Copy } from "lucide-react";

interface CopyButtonProps {
  value: string | (() => string);
  /** What is copied: `address`, `value`. */
  label: string;
  size?: number;
}

export function CopyButton({ value, label, size = 14 }: CopyButtonProps) {
  const clipboard = useClipboard({ timeout: 1500 });
  const text = clipboard.copied ? "Copied" : `Copy ${label}`;
  return (
    <Tooltip label={text}>
      <ActionIcon
        aria-label={text}
        size={size + 10}
        color={clipboard.copied ? "water" : "gray"}
        onClick={(event) => {
          event.stopPropagation();
          clipboard.copy(typeof value === "function" ? value() : value);
        }}
      >
        {clipboard.copied ? <Check size={size} /> : <Copy size={size} />}
      </ActionIcon>
    </Tooltip>
  );
}
