import {
  Button,
  Collapse,
  Group,
  Modal,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { Prose } from "@/components/Prose";
import { configReading } from "@/format/configValue";
import { useSettings } from "@/queries/platform";
import { useCreateTopic } from "@/queries/topics";
import classes from "./CreateTopic.module.css";
import {
  changedSettings,
  mainSettings,
  moreSettings,
  type TopicSetting,
  topicNameProblem,
} from "./topicConfigs";

interface CreateTopicProps {
  opened: boolean;
  onClose: () => void;
}

export function CreateTopic({ opened, onClose }: CreateTopicProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a topic" size={560}>
      {opened ? <Form onClose={onClose} /> : null}
    </Modal>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const cluster = useCluster();
  const navigate = useNavigate();
  const create = useCreateTopic();
  const { data: settings } = useSettings();
  const [name, setName] = useState("");
  const [touched, setTouched] = useState(false);
  const [partitions, setPartitions] = useState<number | null>(null);
  const [replicas, setReplicas] = useState(1);
  const [values, setValues] = useState<Record<string, string>>({});
  const [more, setMore] = useState(false);
  const fallback = settings?.editable.num_partitions ?? 1;
  const problem = topicNameProblem(name);

  const submit = () => {
    setTouched(true);
    if (problem !== null) return;
    create.mutate(
      {
        cluster,
        topic: name,
        partitions: partitions ?? fallback,
        replication_factor: replicas,
        configs: changedSettings(values),
      },
      {
        onSuccess: () => {
          notifications.show({ message: `Topic ${name} was created.`, color: "water" });
          navigate({ to: "/topics/$topic", params: { topic: name } });
        },
      },
    );
  };
  const field = (setting: TopicSetting) => (
    <SettingField
      key={setting.name}
      setting={setting}
      value={values[setting.name]}
      onChange={(value) => setValues((before) => ({ ...before, [setting.name]: value }))}
    />
  );

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          data-testid="topic-name-input"
          label="Name"
          placeholder="orders.v1"
          description="Letters, digits, dot, underscore and dash. It cannot be changed later."
          value={name}
          error={touched && problem !== null ? <Prose text={problem} /> : null}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={() => setTouched(name !== "")}
          autoComplete="off"
          spellCheck={false}
        />
        <Group grow align="flex-start" gap="md">
          <NumberInput
            data-testid="topic-partitions-input"
            label="Partitions"
            description="More can be added later, never fewer."
            min={1}
            max={10_000}
            allowDecimal={false}
            value={partitions ?? fallback}
            onChange={(value) => setPartitions(typeof value === "number" ? value : null)}
          />
          <NumberInput
            label="Replication factor"
            description="At most one copy a broker."
            min={1}
            max={100}
            allowDecimal={false}
            value={replicas}
            onChange={(value) => setReplicas(typeof value === "number" ? value : 1)}
          />
        </Group>
        {mainSettings.map(field)}
        <button
          type="button"
          className={classes.more}
          aria-expanded={more}
          onClick={() => setMore((now) => !now)}
        >
          <ChevronRight size={13} aria-hidden data-open={more || undefined} />
          More settings
        </button>
        <Collapse expanded={more}>
          <Stack gap="md">{moreSettings.map(field)}</Stack>
        </Collapse>
        {create.error ? <ErrorState error={create.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending} data-testid="create-topic-submit">
            Create topic
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface SettingFieldProps {
  setting: TopicSetting;
  value: string | undefined;
  onChange: (value: string) => void;
}

function SettingField({ setting, value, onChange }: SettingFieldProps) {
  const shared = {
    label: <code className={classes.name}>{setting.name}</code>,
    description: <Prose text={setting.about} />,
    "data-testid": `topic-config-${setting.name}`,
  };
  const reading = configReading(setting.name, value || setting.fallback);
  if (setting.choices) {
    return (
      <Select
        {...shared}
        data={[...setting.choices]}
        value={value ?? setting.fallback}
        allowDeselect={false}
        onChange={(next) => onChange(next ?? setting.fallback)}
      />
    );
  }
  return (
    <TextInput
      {...shared}
      value={value ?? ""}
      rightSectionWidth={110}
      rightSection={reading === null ? null : <span className={classes.reading}>= {reading}</span>}
      placeholder={`${setting.fallback} (default)`}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
