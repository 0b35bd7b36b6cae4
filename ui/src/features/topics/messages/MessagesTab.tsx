import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { ErrorState } from "@/components/ErrorState";
import { TableSkeleton } from "@/components/Skeletons";
import type { Message, TopicDetail } from "@/gen/api";
import { useMessages } from "@/queries/messages";
import type { TopicSearch } from "../routes";
import { LiveBar } from "./LiveBar";
import { MessageDetail } from "./MessageDetail";
import classes from "./MessagesTab.module.css";
import { MessagesTable } from "./MessagesTable";
import { NoMessages } from "./NoMessages";
import { PageBar } from "./PageBar";
import { SeekBar } from "./SeekBar";
import { browseParams, placeOf } from "./seek";
import { useTail } from "./useTail";

const FROM = { from: "/topics/$topic" } as const;

/** A topic's messages: read from anywhere, or as they arrive. */
export function MessagesTab({ detail }: { detail: TopicDetail }) {
  const cluster = useCluster();
  const topic = detail.row.name;
  const search = useSearch(FROM);
  const navigate = useNavigate(FROM);
  const [paused, setPaused] = useState(false);
  const live = search.seek === "live";
  const page = useMessages(browseParams(cluster, topic, search));
  const { tail, error: tailError } = useTail({
    cluster,
    topic,
    partition: search.partition,
    contains: search.q,
    on: live,
    paused,
  });

  const put = (change: TopicSearch) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const messages: readonly Message[] | undefined = live ? tail.messages : page.data?.messages;
  const error = live ? tailError : page.error;
  const place = placeOf(search.at);
  const index =
    place === null || messages === undefined
      ? -1
      : messages.findIndex((m) => m.partition === place.partition && m.offset === place.offset);
  const open = (message: Message | undefined) => {
    if (!message) return;
    // What is being read should not run away.
    if (live) setPaused(true);
    put({ at: `${message.partition}:${message.offset}` });
  };

  return (
    <div className={classes.tab} data-testid="messages-tab">
      <SeekBar
        search={search}
        partitions={detail.partitions.length}
        onChange={(change) => {
          setPaused(false);
          put({ at: undefined, ...change });
        }}
      />
      <div className={classes.surface}>
        <div className={classes.list}>
          {live ? (
            <LiveBar tail={tail} paused={paused} onPause={setPaused} />
          ) : (
            <PageBar
              page={page.data}
              busy={page.isFetching}
              search={search}
              onAgain={() => page.refetch()}
              onChange={put}
            />
          )}
          {error && (messages === undefined || live) ? (
            <ErrorState error={error} onRetry={live ? undefined : () => page.refetch()} />
          ) : messages === undefined ? (
            <TableSkeleton rows={12} />
          ) : (
            <MessagesTable
              messages={messages}
              activeKey={place === null ? null : `${place.partition}:${place.offset}`}
              onOpen={open}
              detailOpen={place !== null}
              empty={<NoMessages search={search} live={live} onChange={put} />}
            />
          )}
        </div>
        {place === null ? null : (
          <MessageDetail
            topic={topic}
            partition={place.partition}
            offset={place.offset}
            known={messages?.[index]}
            onClose={() => put({ at: undefined })}
            onPrevious={index > 0 ? () => open(messages?.[index - 1]) : undefined}
            onNext={
              index >= 0 && index < (messages?.length ?? 0) - 1
                ? () => open(messages?.[index + 1])
                : undefined
            }
          />
        )}
      </div>
    </div>
  );
}
