import { ActionIcon, CloseButton, Select, Switch, TextInput, Tooltip } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  ChevronDown,
  ChevronUp,
  Download,
  OctagonAlert,
  ScrollText,
  Search,
  WrapText,
} from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { CopyButton } from "@/components/CopyButton";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { exact, plural } from "@/format/format";
import type { TaskInstanceKey } from "@/queries/runs";
import type { LogFollower } from "./follow";
import { LogLine } from "./LogLine";
import classes from "./log.module.css";
import { LogSearch } from "./logBuffer";
import { useLog } from "./useLog";

interface LogTabProps {
  instance: TaskInstanceKey;
  /** The try to read. */
  tryNumber: number;
  /** The latest try there is. */
  tries: number;
  /** The try still goes on: its end is followed; a finished log is read from its beginning. */
  live: boolean;
  onTry: (tryNumber: number | null) => void;
}

const LINE_PX = 18;

/** A try's log: live, searched, coloured. */
export function LogTab({ instance, tryNumber, tries, live, onTry }: LogTabProps) {
  const { follower, version, again } = useLog(instance, tryNumber);
  if (follower === null) return null;
  return (
    <Log
      key={`${instance.run_id}/${instance.task_id}/${instance.map_index}/${tryNumber}`}
      follower={follower}
      version={version}
      again={again}
      name={`${instance.task_id}.${tryNumber}.log`}
      tryNumber={tryNumber}
      tries={tries}
      live={live}
      onTry={onTry}
    />
  );
}

interface LogProps {
  follower: LogFollower;
  /** Changes with the log: redraws. */
  version: number;
  again: () => void;
  name: string;
  tryNumber: number;
  tries: number;
  live: boolean;
  onTry: (tryNumber: number | null) => void;
}

function Log({ follower, version, again, name, tryNumber, tries, live, onTry }: LogProps) {
  const { buffer, phase, error } = follower;
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(live);
  const [wrap, setWrap] = useState(false);
  const [query, setQuery] = useState("");
  const [current, setCurrent] = useState<number | null>(null);
  const [search] = useState(() => new LogSearch());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version tells of new lines
  const matches = useMemo(() => search.find(buffer, query), [search, buffer, query, version]);
  const count = buffer.endLine - buffer.firstLine;
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 30,
  });

  // New lines come into view while following.
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each version
  useEffect(() => {
    if (following && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [version, following]);

  const goTo = (line: number | undefined) => {
    if (line === undefined) return;
    setFollowing(false);
    setCurrent(line);
    virtual.scrollToIndex(line - buffer.firstLine, { align: "center" });
  };
  const at = current === null ? -1 : matches.indexOf(current);
  const step = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const from = at < 0 ? (by > 0 ? -1 : 0) : at;
    goTo(matches[(from + by + matches.length) % matches.length]);
  };
  const find = (text: string) => {
    setQuery(text);
    if (text !== "") goTo(search.find(buffer, text)[0]);
  };
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape" && query !== "") {
      event.stopPropagation();
      setQuery("");
    }
  };

  return (
    <div className={classes.log}>
      <div className={classes.tools}>
        <TextInput
          aria-label="Search the log"
          placeholder="Search"
          w={150}
          value={query}
          onChange={(event) => find(event.currentTarget.value)}
          onKeyDown={onSearchKey}
          leftSection={<Search size={13} aria-hidden />}
          rightSection={
            query === "" ? null : (
              <CloseButton size="xs" aria-label="Clear search" onClick={() => setQuery("")} />
            )
          }
          data-testid="log-search"
        />
        {query === "" ? null : (
          <>
            <span className={classes.count} data-testid="log-matches">
              {matches.length === 0 ? "none" : `${at < 0 ? "–" : at + 1}/${exact(matches.length)}`}
            </span>
            <Tool label="Previous match (⇧⏎)" icon={ChevronUp} onClick={() => step(-1)} />
            <Tool label="Next match (⏎)" icon={ChevronDown} onClick={() => step(1)} />
          </>
        )}
        <Tool
          label={buffer.firstError === null ? "No error in this log" : "Jump to the first error"}
          icon={OctagonAlert}
          disabled={buffer.firstError === null}
          onClick={() => goTo(buffer.firstError ?? undefined)}
          testId="log-first-error"
        />
        <span className={classes.spacer} />
        <Switch
          label="Follow"
          checked={following}
          disabled={phase !== "reading"}
          onChange={(event) => setFollowing(event.currentTarget.checked)}
        />
        <Tool
          label="Wrap long lines"
          icon={WrapText}
          pressed={wrap}
          onClick={() => setWrap(!wrap)}
        />
        <CopyButton value={() => buffer.text()} label="log" />
        <Tool
          label="Download the log"
          icon={Download}
          onClick={() => download(name, buffer.text())}
        />
        {tries > 1 ? (
          <Select
            aria-label="Try"
            w={84}
            value={String(tryNumber)}
            data={Array.from({ length: tries }, (_, i) => ({
              value: String(i + 1),
              label: `Try ${i + 1}`,
            }))}
            allowDeselect={false}
            onChange={(next) =>
              onTry(next === null || Number(next) === tries ? null : Number(next))
            }
            data-testid="log-try"
          />
        ) : null}
      </div>
      {phase === "failed" && error !== null ? (
        <ErrorState error={error} onRetry={again} inline={count > 0} />
      ) : null}
      {count === 0 && phase === "ended" ? (
        <EmptyState compact icon={ScrollText} title="This try wrote nothing" />
      ) : null}
      <div
        ref={scroller}
        className={classes.scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a log is scrolled by keyboard
        tabIndex={0}
        role="log"
        aria-label={`Log of ${name}`}
        data-testid="task-log"
        data-phase={phase}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          const atEnd = scrollHeight - scrollTop - clientHeight < LINE_PX * 2;
          if (phase === "reading" && !atEnd && following) setFollowing(false);
        }}
      >
        <div
          className={classes.inner}
          data-wrap={wrap || undefined}
          style={{ height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map((item) => {
            const line = buffer.firstLine + item.index;
            return (
              <div
                key={line}
                ref={wrap ? virtual.measureElement : undefined}
                data-index={item.index}
                className={classes.place}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <LogLine
                  number={line}
                  text={buffer.raw(line) ?? ""}
                  start={buffer.startStyle(line)}
                  query={query}
                  current={line === current}
                  error={line === buffer.firstError}
                />
              </div>
            );
          })}
        </div>
      </div>
      <div className={classes.foot}>
        <span className="num">{plural(count, "line")}</span>
        {buffer.firstLine > 0 ? (
          <span>{plural(buffer.firstLine, "older line")} dropped to bound memory</span>
        ) : null}
        <span>{phase === "reading" ? "live" : phase === "ended" ? "complete" : "interrupted"}</span>
      </div>
    </div>
  );
}

interface ToolProps {
  label: string;
  icon: typeof Search;
  onClick: () => void;
  disabled?: boolean;
  pressed?: boolean;
  testId?: string;
}

function Tool({ label, icon: Icon, onClick, disabled, pressed, testId }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={24}
        aria-label={label}
        aria-pressed={pressed}
        color={pressed ? "water" : "gray"}
        disabled={disabled}
        onClick={onClick}
        data-testid={testId}
      >
        <Icon size={14} />
      </ActionIcon>
    </Tooltip>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
