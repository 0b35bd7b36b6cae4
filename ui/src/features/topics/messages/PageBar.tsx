import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { ArrowRight, RotateCw } from "lucide-react";
import { bytes, duration, exact, plural } from "@/format/format";
import type { MessagePage } from "@/gen/api";
import type { TopicSearch } from "../routes";
import classes from "./Bars.module.css";

interface PageBarProps {
  page: MessagePage | undefined;
  busy: boolean;
  search: TopicSearch;
  onAgain: () => void;
  onChange: (change: TopicSearch) => void;
}

/** What was read, how long it took, and on to the next page. */
export function PageBar({ page, busy, search, onAgain, onChange }: PageBarProps) {
  const only = page?.positions.length === 1 ? page.positions[0] : undefined;
  const forward = search.seek !== undefined && search.seek !== "live";
  return (
    <div className={classes.bar} aria-busy={busy}>
      {page ? (
        <span className={classes.figures} data-testid="page-figures">
          <strong>{plural(page.messages.length, "message")}</strong>
          {` · scanned ${exact(page.scanned)} (${bytes(page.scanned_bytes)}) in ${duration(page.elapsed_ms)}`}
          {forward ? (page.end_reached ? " · end reached" : " · more follow") : ""}
        </span>
      ) : (
        <span className={classes.figures}>Reading…</span>
      )}
      {forward && only && !page?.end_reached ? (
        <Button
          variant="default"
          size="compact-xs"
          rightSection={<ArrowRight size={11} />}
          onClick={() => onChange({ seek: "offset", offset: only.offset, at: undefined })}
          data-testid="next-page"
        >
          Next page
        </Button>
      ) : null}
      <Tooltip label="Read again">
        <ActionIcon
          size={22}
          aria-label="Read again"
          loading={busy}
          onClick={onAgain}
          data-testid="messages-reload"
        >
          <RotateCw size={13} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
