import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ErrorState } from "./ErrorState";

interface ConfirmByNameProps {
  opened: boolean;
  onClose: () => void;
  /** What happens: `Delete topic`. */
  title: string;
  /** What must be typed. */
  name: string;
  /** What is lost. */
  children: ReactNode;
  /** The word on the button. */
  action: string;
  onConfirm: () => void;
  busy?: boolean;
  error?: Error | null;
}

/** What destroys asks for the name. */
export function ConfirmByName(props: ConfirmByNameProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      {props.opened ? <Body {...props} /> : null}
    </Modal>
  );
}

function Body({ name, children, action, onConfirm, onClose, busy, error }: ConfirmByNameProps) {
  const [typed, setTyped] = useState("");
  const ready = typed === name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) onConfirm();
      }}
    >
      <Stack gap="md">
        <Text component="div" size="md" c="var(--ph-text-2)">
          {children}
        </Text>
        <TextInput
          data-autofocus
          data-testid="confirm-name"
          label={
            <>
              Type <code>{name}</code> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        {error ? <ErrorState error={error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            color="red"
            disabled={!ready}
            loading={busy}
            data-testid="confirm-submit"
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
