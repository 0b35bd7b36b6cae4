import { Spotlight } from "@mantine/spotlight";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { Database, type LucideIcon, Network, Search, Shapes, Workflow } from "lucide-react";
import { useState } from "react";
import { dagActions } from "@/features/pipelines/actions";
import { useDags } from "@/queries/dags";
import { useGroups } from "@/queries/groups";
import { useSubjects } from "@/queries/schemas";
import { useTopics } from "@/queries/topics";
import type { Action, ActionEvent } from "../actions";
import { useCluster } from "../cluster";
import classes from "./Palette.module.css";
import { closePalette, paletteStore } from "./paletteStore";
import { best } from "./rank";
import { useActions } from "./useActions";

interface PaletteProps {
  onEvent: (event: ActionEvent) => void;
}

interface Entry {
  id: string;
  label: string;
  words: string[];
  icon: LucideIcon;
  shortcut?: string;
  note?: string;
  run: () => void;
}

/** Ctrl/⌘-K: every page, thing and action by a few letters. */
export function Palette({ onEvent }: PaletteProps) {
  const [query, setQuery] = useState("");
  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut={["mod + K"]}
      scrollable
      classNames={{ content: classes.content, search: classes.search, actionsGroup: classes.group }}
      maxHeight={460}
      size={600}
      radius="md"
      transitionProps={{ duration: 60 }}
      overlayProps={{ backgroundOpacity: 0.45 }}
      triggerOnContentEditable
      tagsToIgnore={[]}
    >
      <Spotlight.Search
        placeholder="Pages, topics, groups, subjects, DAGs, actions"
        leftSection={<Search size={16} aria-hidden />}
        data-testid="palette-input"
        aria-label="Search everything"
      />
      <Spotlight.ActionsList className={classes.list}>
        <Found query={query} onEvent={onEvent} />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/** Mounted with the palette open: only then are the lists asked for. */
function Found({ query, onEvent }: { query: string; onEvent: (event: ActionEvent) => void }) {
  const sections = useSections(onEvent);
  const asked = query.trim() !== "";
  const limit = asked ? 8 : 4;
  const shown = sections
    .filter((section) => asked || !section.onlyAsked)
    .map(({ label, entries, always }) => ({
      label,
      ...best(entries, query, (entry) => entry.words, always ? 12 : limit),
    }))
    .filter(({ items }) => items.length > 0);
  // Where the best hit is, one looks first.
  if (asked) shown.sort((a, b) => b.score - a.score);
  if (shown.length === 0) return <Spotlight.Empty>Nothing is called that.</Spotlight.Empty>;
  return shown.map(({ label, items }) => (
    <Spotlight.ActionsGroup key={label} label={label}>
      {items.map((entry) => (
        <Spotlight.Action
          key={entry.id}
          onClick={() => {
            closePalette();
            entry.run();
          }}
          data-testid={`palette-${entry.id}`}
        >
          <span className={classes.entry}>
            <entry.icon size={15} strokeWidth={1.75} aria-hidden />
            <span className={classes.label}>{entry.label}</span>
            {entry.note ? <span className={classes.note}>{entry.note}</span> : null}
            {entry.shortcut ? <kbd className={classes.kbd}>{entry.shortcut}</kbd> : null}
          </span>
        </Spotlight.Action>
      ))}
    </Spotlight.ActionsGroup>
  ));
}

interface Section {
  label: string;
  /** Long lists show only their best; actions show all. */
  always?: boolean;
  /** Not shown before something is typed. */
  onlyAsked?: boolean;
  entries: Entry[];
}

function useSections(onEvent: (event: ActionEvent) => void): Section[] {
  const cluster = useCluster();
  const navigate = useNavigate();
  const router = useRouter();
  const actions = useActions();
  const { data: topics } = useTopics(cluster);
  const { data: groups } = useGroups(cluster);
  const { data: subjects } = useSubjects(cluster);
  const { data: dags } = useDags();

  const entryOf = (action: Action): Entry & { group: string } => ({
    id: action.id,
    label: action.label,
    words: [action.label, ...(action.keywords ?? [])],
    icon: action.icon,
    shortcut: action.shortcut,
    group: action.group,
    run: () => {
      if (action.event) onEvent(action.event);
      if (action.href) router.navigate({ href: withCluster(action.href, cluster) });
    },
  });
  const done = actions.map(entryOf);
  const thing = (kind: string, name: string, icon: LucideIcon, run: () => void, note?: string) => ({
    id: `${kind}-${name}`,
    label: name,
    words: [name, `${kind} ${name}`],
    icon,
    note,
    run,
  });
  return [
    { label: "Go to", always: true, entries: done.filter((entry) => entry.group === "Go to") },
    { label: "Do", always: true, entries: done.filter((entry) => entry.group === "Do") },
    {
      label: "Topics",
      entries: (topics ?? []).map(({ name, internal }) =>
        thing(
          "topic",
          name,
          Database,
          () => navigate({ to: "/topics/$topic", params: { topic: name } }),
          internal ? "internal" : undefined,
        ),
      ),
    },
    {
      label: "Consumer groups",
      entries: (groups ?? []).map(({ group, state }) =>
        thing(
          "group",
          group,
          Network,
          () => navigate({ to: "/consumers/$group", params: { group } }),
          state,
        ),
      ),
    },
    {
      label: "Subjects",
      entries: (subjects ?? []).map(({ subject, schema_type }) =>
        thing(
          "subject",
          subject,
          Shapes,
          () =>
            router.navigate({
              href: withCluster(`/schemas/${encodeURIComponent(subject)}`, cluster),
            }),
          schema_type,
        ),
      ),
    },
    {
      label: "Trigger",
      onlyAsked: true,
      entries: dagActions(dags?.dags ?? []).map(entryOf),
    },
    {
      label: "DAGs",
      entries: (dags?.dags ?? []).map(({ dag_id, paused }) =>
        thing(
          "dag",
          dag_id,
          Workflow,
          () => navigate({ to: "/dags/$dagId", params: { dagId: dag_id } }),
          paused ? "paused" : undefined,
        ),
      ),
    },
  ];
}

/** A plain path forgets which cluster is looked at. */
function withCluster(href: string, cluster: string): string {
  if (cluster === "local") return href;
  return `${href}${href.includes("?") ? "&" : "?"}cluster=${encodeURIComponent(cluster)}`;
}
