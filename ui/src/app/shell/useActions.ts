import { Keyboard, Monitor, Moon, PanelLeft, Play, Square, Sun, Trash2 } from "lucide-react";
import { runActions } from "@/features/runs/actions";
import { schemaActions } from "@/features/schemas/actions";
import { topicActions } from "@/features/topics/actions";
import { useQuickstart } from "@/queries/quickstart";
import type { Action } from "../actions";
import { allPlaces } from "../navigation";

const pages: Action[] = allPlaces.map((place) => ({
  id: `go-${place.id}`,
  label: place.label,
  group: "Go to",
  icon: place.icon,
  shortcut: `g ${place.key}`,
  href: place.to,
}));

const looks: Action[] = [
  { id: "theme-dark", label: "Dark appearance", icon: Moon, event: "theme-dark", group: "Do" },
  { id: "theme-light", label: "Light appearance", icon: Sun, event: "theme-light", group: "Do" },
  {
    id: "theme-system",
    label: "Appearance as the system",
    icon: Monitor,
    event: "theme-system",
    group: "Do",
  },
  {
    id: "sidebar",
    label: "Fold or unfold the sidebar",
    icon: PanelLeft,
    event: "sidebar",
    group: "Do",
    shortcut: "[",
  },
  {
    id: "shortcuts",
    label: "Keyboard shortcuts",
    icon: Keyboard,
    event: "shortcuts",
    group: "Do",
    shortcut: "?",
    keywords: ["help", "keys"],
  },
];

const quickstart = {
  start: {
    id: "quickstart-start",
    label: "Start the quickstart",
    icon: Play,
    event: "quickstart-start",
    group: "Do",
    keywords: ["demo", "sample", "host.metrics"],
  },
  stop: {
    id: "quickstart-stop",
    label: "Stop the quickstart",
    icon: Square,
    event: "quickstart-stop",
    group: "Do",
    keywords: ["demo", "sample"],
  },
  remove: {
    id: "quickstart-remove",
    label: "Remove the quickstart and its topics",
    icon: Trash2,
    event: "quickstart-remove",
    group: "Do",
    keywords: ["demo", "delete"],
  },
} satisfies Record<string, Action>;

/** What can be done now: the quickstart's actions follow its state. */
export function useActions(): Action[] {
  const { data } = useQuickstart();
  const steps: Action[] = [];
  if (data?.state === "running") steps.push(quickstart.stop, quickstart.remove);
  if (data?.state === "stopped") steps.push(quickstart.start, quickstart.remove);
  if (data?.state === "absent") steps.push(quickstart.start);
  return [...pages, ...runActions, ...topicActions, ...schemaActions, ...steps, ...looks];
}
