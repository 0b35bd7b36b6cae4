import { Button } from "@mantine/core";
import { Inbox, Radio, SearchX } from "lucide-react";
import { EmptyState } from "@/components/EmptyState";
import type { TopicSearch } from "../routes";

interface NoMessagesProps {
  search: TopicSearch;
  live: boolean;
  onChange: (change: TopicSearch) => void;
}

export function NoMessages({ search, live, onChange }: NoMessagesProps) {
  if (live) {
    return (
      <EmptyState
        icon={Radio}
        title="Listening"
        body="New messages stand here as they arrive."
        action={
          <Button variant="default" onClick={() => onChange({ seek: undefined })}>
            Show the newest instead
          </Button>
        }
      />
    );
  }
  if (search.q !== undefined) {
    return (
      <EmptyState
        icon={SearchX}
        title={`No message read contains “${search.q}”`}
        body="The search went as far as one page reaches. Begin elsewhere, or read more a page."
        action={
          <Button variant="default" onClick={() => onChange({ q: undefined })}>
            Clear the filter
          </Button>
        }
      />
    );
  }
  const elsewhere = search.seek !== undefined && search.seek !== "oldest";
  return (
    <EmptyState
      icon={Inbox}
      title={elsewhere ? "Nothing from here on" : "No messages"}
      body={
        elsewhere
          ? "There may be messages before this place."
          : "What producers write stands here. You can write the first message yourself."
      }
      action={
        elsewhere ? (
          <Button variant="default" onClick={() => onChange({ seek: undefined })}>
            Show the newest
          </Button>
        ) : (
          <Button onClick={() => onChange({ produce: true })}>Produce a message</Button>
        )
      }
    />
  );
}
