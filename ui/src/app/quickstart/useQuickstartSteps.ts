import { notifications } from "@mantine/notifications";
import { type QuickstartStep, useQuickstartStep } from "@/queries/quickstart";

const said: Record<QuickstartStep, string> = {
  start: "The quickstart runs: this computer is sampled every second.",
  stop: "The quickstart stopped. What it wrote is still there.",
  remove: "The quickstart is gone, with its topics, schema, group and DAG.",
};

/** Start, stop or remove the quickstart, and say how it went. */
export function useQuickstartSteps() {
  const step = useQuickstartStep();
  return {
    busy: step.isPending,
    error: step.error,
    take: (next: QuickstartStep, onDone?: () => void): void =>
      step.mutate(next, {
        onSuccess: () => {
          notifications.show({ message: said[next], color: "water" });
          onDone?.();
        },
        onError: (error) =>
          notifications.show({
            title: error.message,
            message: error.hint ?? error.code,
            color: "red",
          }),
      }),
  };
}
