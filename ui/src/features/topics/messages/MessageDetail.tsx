import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { useCluster } from "@/app/cluster";
import { CopyButton } from "@/components/CopyButton";
import { DetailPane } from "@/components/DetailPane";
import { ErrorState } from "@/components/ErrorState";
import { Bytes, TimeAgo, Timestamp } from "@/components/Figures";
import { TableSkeleton } from "@/components/Skeletons";
import { exact } from "@/format/format";
import type { Message } from "@/gen/api";
import { useMessage } from "@/queries/messages";
import { useClusters } from "@/queries/platform";
import { Headers } from "./Headers";
import { kcatCommand } from "./kcat";
import classes from "./MessageDetail.module.css";
import { PayloadView } from "./PayloadView";

interface MessageDetailProps {
  topic: string;
  partition: number;
  offset: number;
  /** What the list has of it. */
  known: Message | undefined;
  onClose: () => void;
  onPrevious?: () => void;
  onNext?: () => void;
}

type Part = "value" | "key" | "headers";

/** One message in full: value, key, headers. */
export function MessageDetail(props: MessageDetailProps) {
  const { topic, partition, offset, known, onClose, onPrevious, onNext } = props;
  const cluster = useCluster();
  const { data: clusters } = useClusters();
  const [part, setPart] = useState<Part>("value");
  const { data, error, refetch, isPlaceholderData } = useMessage(
    { cluster, topic, partition, offset },
    known,
  );
  const bootstrap = clusters?.find(({ id }) => id === cluster)?.bootstrap_servers;
  return (
    <DetailPane
      testId="message-detail"
      title={`Partition ${partition}, offset ${exact(offset)}`}
      onClose={onClose}
      onPrevious={onPrevious}
      onNext={onNext}
      initialWidth={480}
      actions={
        bootstrap === undefined ? null : (
          <CopyButton
            label="as kcat command"
            value={kcatCommand({ bootstrap, topic, partition, offset })}
          />
        )
      }
    >
      {error && !data ? <ErrorState error={error} onRetry={refetch} /> : null}
      {!data && !error ? <TableSkeleton rows={6} /> : null}
      {data ? (
        <>
          <dl className={classes.facts}>
            <div>
              <dt>Timestamp</dt>
              <dd>
                <Timestamp value={data.timestamp_ms} millis />
                {data.timestamp_ms === null ? null : (
                  <span className={classes.aside}>
                    <TimeAgo value={data.timestamp_ms} />
                  </span>
                )}
              </dd>
            </div>
            <div>
              <dt>Size</dt>
              <dd>
                <Bytes value={data.size_bytes} />
              </dd>
            </div>
          </dl>
          <div className={classes.parts}>
            <SegmentedControl
              aria-label="Part of the message"
              value={part}
              onChange={(next) => setPart(next as Part)}
              data={[
                { value: "value", label: "Value" },
                { value: "key", label: "Key" },
                { value: "headers", label: `Headers ${data.headers.length}` },
              ]}
            />
          </div>
          {part === "headers" ? (
            <Headers headers={data.headers} />
          ) : (
            <PayloadView
              key={`${part}${partition}:${offset}`}
              payload={data[part]}
              label={part === "value" ? "Value" : "Key"}
              loading={isPlaceholderData}
            />
          )}
        </>
      ) : null}
    </DetailPane>
  );
}
