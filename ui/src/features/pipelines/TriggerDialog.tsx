import {
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { CodeView } from "@/components/CodeView";
import { ErrorState } from "@/components/ErrorState";
import type { DagDetail, RunRow } from "@/gen/api";
import { useDag, usePauseDag, useTriggerDag } from "@/queries/dags";
import { ParamField } from "./ParamField";
import { confError, type FormValues, fromConf, initialValues, toConf } from "./triggerForm";

interface TriggerDialogProps {
  /** None: closed. */
  dagId: string | null;
  onClose: () => void;
  /** What follows; by default a note with the way to the run. */
  onTriggered?: (run: RunRow) => void;
}

/** Starts a run, with the params its DAG asks for. */
export function TriggerDialog({ dagId, onClose, onTriggered }: TriggerDialogProps) {
  return (
    <Modal
      opened={dagId !== null}
      onClose={onClose}
      title={dagId === null ? "Trigger" : `Trigger ${dagId}`}
      size={560}
    >
      {dagId === null ? null : (
        <Loaded key={dagId} dagId={dagId} onClose={onClose} onTriggered={onTriggered} />
      )}
    </Modal>
  );
}

interface LoadedProps extends TriggerDialogProps {
  dagId: string;
}

function Loaded({ dagId, onClose, onTriggered }: LoadedProps) {
  const dag = useDag(dagId);
  if (dag.error && !dag.data)
    return <ErrorState error={dag.error} onRetry={() => dag.refetch()} inline />;
  if (dag.data === undefined) return <Skeleton height={120} />;
  return <Form dag={dag.data} onClose={onClose} onTriggered={onTriggered} />;
}

interface FormProps {
  dag: DagDetail;
  onClose: () => void;
  onTriggered?: (run: RunRow) => void;
}

function Form({ dag, onClose, onTriggered }: FormProps) {
  const navigate = useNavigate();
  // The form stays as it opened while the DAG is read again behind it.
  const [params] = useState(dag.params);
  const [mode, setMode] = useState<"form" | "json">(params.length > 0 ? "form" : "json");
  const [values, setValues] = useState<FormValues>(() => initialValues(params));
  const [json, setJson] = useState("{}");
  const [date, setDate] = useState("");
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [unpause, setUnpause] = useState(true);
  const trigger = useTriggerDag();
  const pause = usePauseDag();
  const paused = dag.row.paused;

  const logicalMs = date.trim() === "" ? null : Date.parse(withZone(date.trim()));
  const dateError = Number.isNaN(logicalMs) ? "A date reads 2026-11-21 or 2026-11-21T06:30Z" : null;
  const jsonProblem = mode === "json" ? confError(json) : null;

  const switchMode = (next: "form" | "json") => {
    if (next === "json") {
      const conf = toConf(params, values);
      if (!conf.ok) return setErrors(conf.errors);
      setJson(conf.conf);
    } else {
      const back = fromConf(params, json);
      if (back === null) return;
      setValues(back);
    }
    setErrors({});
    setMode(next);
  };

  const submit = async () => {
    let conf = json;
    if (mode === "form") {
      const made = toConf(params, values);
      if (!made.ok) return setErrors(made.errors);
      conf = made.conf;
    }
    if (jsonProblem !== null || dateError !== null) return;
    if (paused && unpause) await pause.mutateAsync({ dag_id: dag.row.dag_id, paused: false });
    trigger.mutate(
      {
        dag_id: dag.row.dag_id,
        conf: conf.trim() === "{}" ? null : conf,
        logical_date_ms: logicalMs,
      },
      {
        onSuccess: (run) => {
          onClose();
          if (onTriggered) onTriggered(run);
          else announce(run, () => openRun(run));
        },
      },
    );
  };

  const openRun = (run: RunRow) =>
    navigate({
      to: "/dags/$dagId",
      params: { dagId: run.dag_id },
      search: ({ cluster }) => ({ cluster, run: run.run_id }),
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      noValidate
    >
      <Stack gap="md">
        {params.length > 0 ? (
          <SegmentedControl
            aria-label="How to enter the params"
            value={mode}
            onChange={(next) => switchMode(next === "json" ? "json" : "form")}
            data={[
              { value: "form", label: "Form" },
              { value: "json", label: "JSON" },
            ]}
            w={160}
          />
        ) : (
          <Text c="var(--ph-text-2)" size="md">
            This DAG has no params. What stands in the conf reaches its templates as{" "}
            <code>dag_run.conf</code>.
          </Text>
        )}
        {mode === "form" ? (
          params.map((param) => (
            <ParamField
              key={param.name}
              param={param}
              value={values[param.name] ?? ""}
              error={errors[param.name]}
              onChange={(value) => setValues((all) => ({ ...all, [param.name]: value }))}
            />
          ))
        ) : (
          <div>
            <div style={{ border: "1px solid var(--ph-line-strong)", borderRadius: 4 }}>
              <CodeView
                label="Conf"
                language="json"
                value={json}
                onChange={setJson}
                height={params.length > 0 ? "220px" : "96px"}
                testId="trigger-conf"
              />
            </div>
            {jsonProblem === null ? null : (
              <Text c="var(--ph-danger)" size="sm" mt={4} role="alert">
                {jsonProblem}
              </Text>
            )}
          </div>
        )}
        <TextInput
          label="Logical date"
          description="The moment the run is for; empty means now"
          placeholder={new Date().toISOString().slice(0, 16)}
          value={date}
          error={dateError}
          onChange={(event) => setDate(event.currentTarget.value)}
        />
        {paused ? (
          <Checkbox
            label="Unpause the DAG: while it is paused the run waits in the queue"
            checked={unpause}
            onChange={(event) => setUnpause(event.currentTarget.checked)}
          />
        ) : null}
        {trigger.error ? <ErrorState error={trigger.error} inline /> : null}
        {pause.error ? <ErrorState error={pause.error} inline /> : null}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            data-autofocus
            data-testid="trigger-submit"
            loading={trigger.isPending || pause.isPending}
            disabled={jsonProblem !== null || dateError !== null}
          >
            Trigger
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A date without a zone is taken as UTC, as everywhere in a DAG. */
const withZone = (date: string): string =>
  /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(date) || !date.includes("T") ? date : `${date}Z`;

function announce(run: RunRow, open: () => void): void {
  notifications.show({
    title: `Triggered ${run.dag_id}`,
    message: (
      <Button variant="subtle" size="compact-xs" onClick={open}>
        Open the run
      </Button>
    ),
  });
}
