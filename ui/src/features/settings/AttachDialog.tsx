import {
  Button,
  ColorInput,
  Group,
  Modal,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ErrorState } from "@/components/ErrorState";
import { Notice } from "@/components/Notice";
import { TableSkeleton } from "@/components/Skeletons";
import { plural } from "@/format/format";
import type { ClusterSettings, ClusterTried, Secret } from "@/gen/api";
import { useAttachCluster, useClusterSettings, useTryCluster } from "@/queries/platform";
import {
  authOf,
  COLORS,
  emptySettings,
  idOf,
  MECHANISMS,
  PROTOCOLS,
  REGISTRY_AUTHS,
  type RegistryAuth,
  settingsOf,
} from "./attachForm";

interface AttachDialogProps {
  /** The cluster to change; none: a new one. */
  id: string | null;
  opened: boolean;
  onClose: () => void;
}

/** Where another cluster is, how to get in, and how it is shown. */
export function AttachDialog({ id, opened, onClose }: AttachDialogProps) {
  const { data, error } = useClusterSettings(opened ? id : null);
  const start = id === null ? emptySettings : data;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={id === null ? "Attach a cluster" : "Change the cluster"}
      size={640}
    >
      {error ? <ErrorState error={error} inline /> : null}
      {opened && start === undefined && !error ? <TableSkeleton /> : null}
      {opened && start ? <Form start={start} isNew={id === null} onClose={onClose} /> : null}
    </Modal>
  );
}

const authWords: Record<RegistryAuth, string> = {
  none: "None",
  basic: "User and password",
  bearer: "Token",
};

interface FormProps {
  start: ClusterSettings;
  isNew: boolean;
  onClose: () => void;
}

function Form({ start, isNew, onClose }: FormProps) {
  const [draft, setDraft] = useState(start);
  const [auth, setAuth] = useState(() => authOf(start));
  const attempt = useTryCluster();
  const attach = useAttachCluster();
  const set = (part: Partial<ClusterSettings>) => {
    attempt.reset();
    attach.reset();
    setDraft((before) => ({ ...before, ...part }));
  };
  const text = (key: TextKey) => ({
    value: draft[key] ?? "",
    spellCheck: false,
    autoComplete: "off",
    onChange: (event: { currentTarget: { value: string } }) =>
      set({ [key]: event.currentTarget.value === "" ? null : event.currentTarget.value }),
  });
  const named = isNew ? { ...draft, id: idOf(draft.name ?? "") } : draft;
  const settings = settingsOf(named, auth);
  const ready = settings.id !== "" && settings.bootstrap_servers.trim() !== "";
  const tls = draft.security_protocol.endsWith("SSL");
  const sasl = draft.security_protocol.startsWith("SASL");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        attach.mutate(settings, {
          onSuccess: ({ name }) => {
            notifications.show({ message: `${name} is attached.`, color: "water" });
            onClose();
          },
        });
      }}
    >
      <Stack gap="sm">
        <Group grow align="flex-start">
          <TextInput label="Name" placeholder="Production" data-autofocus {...text("name")} />
          <ColorInput
            label="Colour"
            swatches={COLORS}
            format="hex"
            value={draft.color ?? ""}
            onChange={(color) => set({ color: color === "" ? null : color })}
          />
        </Group>
        <TextInput
          label="Bootstrap servers"
          placeholder="kafka-1.example:9092,kafka-2.example:9092"
          value={draft.bootstrap_servers}
          spellCheck={false}
          onChange={(event) => set({ bootstrap_servers: event.currentTarget.value })}
          data-testid="attach-bootstrap"
        />
        <Group grow align="flex-start">
          <Select
            label="Security"
            data={PROTOCOLS}
            value={draft.security_protocol}
            allowDeselect={false}
            onChange={(value) => value && set({ security_protocol: value })}
          />
          {tls ? (
            <TextInput
              label="Certificates"
              placeholder="The system's, or a PEM file"
              {...text("ca_file")}
            />
          ) : null}
        </Group>
        {sasl ? (
          <Group grow align="flex-start">
            <Select
              label="Mechanism"
              data={MECHANISMS}
              value={draft.sasl_mechanism ?? "PLAIN"}
              allowDeselect={false}
              onChange={(value) => set({ sasl_mechanism: value })}
            />
            <TextInput label="User" {...text("sasl_username")} />
            <SecretInput
              label="Password"
              secret={draft.sasl_password}
              onChange={(sasl_password) => set({ sasl_password })}
            />
          </Group>
        ) : null}
        <TextInput
          label="Schema registry"
          placeholder="https://registry.example (none if left empty)"
          {...text("registry_url")}
        />
        {draft.registry_url === null ? null : (
          <>
            <Group align="flex-end" justify="space-between">
              <SegmentedControl
                aria-label="How the registry lets in"
                value={auth}
                data={REGISTRY_AUTHS.map((value) => ({ value, label: authWords[value] }))}
                onChange={(next) => {
                  attempt.reset();
                  setAuth(REGISTRY_AUTHS.find((one) => one === next) ?? "none");
                }}
              />
              {draft.registry_url.startsWith("https:") ? (
                <TextInput
                  w={260}
                  aria-label="Certificates of the registry"
                  placeholder="Certificates: the system's, or a PEM file"
                  {...text("registry_ca_file")}
                />
              ) : null}
            </Group>
            {auth === "basic" ? (
              <Group grow align="flex-start">
                <TextInput label="User" {...text("registry_username")} />
                <SecretInput
                  label="Password"
                  secret={draft.registry_password}
                  onChange={(registry_password) => set({ registry_password })}
                />
              </Group>
            ) : null}
            {auth === "bearer" ? (
              <SecretInput
                label="Token"
                testId="attach-token"
                secret={draft.registry_token}
                onChange={(registry_token) => set({ registry_token })}
              />
            ) : null}
          </>
        )}
        <Switch
          label="Read-only: nothing can be changed there from here"
          checked={draft.read_only}
          onChange={(event) => set({ read_only: event.currentTarget.checked })}
        />
        {attempt.data ? (
          <Tried tried={attempt.data} hasRegistry={settings.registry_url !== null} />
        ) : null}
        {attempt.error ? <ErrorState error={attempt.error} inline /> : null}
        {attach.error ? <ErrorState error={attach.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="default"
            disabled={!ready}
            loading={attempt.isPending}
            onClick={() => attempt.mutate(settings)}
            data-testid="attach-try"
          >
            Try it
          </Button>
          <Button
            type="submit"
            disabled={!ready}
            loading={attach.isPending}
            data-testid="attach-submit"
          >
            {isNew ? "Attach" : "Save"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type TextKey =
  | "name"
  | "ca_file"
  | "sasl_username"
  | "registry_url"
  | "registry_username"
  | "registry_ca_file";

interface SecretInputProps {
  label: string;
  secret: Secret;
  onChange: (secret: Secret) => void;
  testId?: string;
}

/** What is stored is never shown; typing replaces it. */
function SecretInput({ label, secret, onChange, testId }: SecretInputProps) {
  return (
    <PasswordInput
      label={label}
      data-testid={testId}
      placeholder={secret.is === "stored" ? "as it is stored" : ""}
      autoComplete="new-password"
      value={secret.is === "new" ? secret.text : ""}
      onChange={(event) => {
        const text = event.currentTarget.value;
        onChange(text === "" ? { is: "none" } : { is: "new", text });
      }}
    />
  );
}

/** What answered, and what did not. */
function Tried({ tried, hasRegistry }: { tried: ClusterTried; hasRegistry: boolean }) {
  const good = tried.brokers_error === null && tried.registry_error === null;
  return (
    <Notice tone={good ? "info" : "warning"} testId="attach-tried">
      {tried.brokers === null
        ? `The cluster: ${tried.brokers_error}`
        : `${plural(tried.brokers, "broker")} answer${tried.brokers === 1 ? "s" : ""}.`}{" "}
      {!hasRegistry
        ? null
        : tried.subjects === null
          ? `The registry: ${tried.registry_error}`
          : `The registry has ${plural(tried.subjects, "subject")}.`}
    </Notice>
  );
}
