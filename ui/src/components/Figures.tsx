/** Figures in human units; the exact value stands in the hover. */
import { ago, bytes, count, duration, exact, rate, timestamp } from "@/format/format";
import { useNow } from "@/format/useNow";

interface FigureProps {
  value: number | null | undefined;
}

const None = () => (
  <span className="dim" title="not known">
    –
  </span>
);

export function HumanNumber({ value }: FigureProps) {
  if (value == null) return <None />;
  return (
    <span className="num" title={exact(value)}>
      {count(value)}
    </span>
  );
}

export function Bytes({ value }: FigureProps) {
  if (value == null) return <None />;
  return (
    <span className="num" title={`${exact(value)} bytes`}>
      {bytes(value)}
    </span>
  );
}

/** Per second; the unit stands in the column's header. */
export function Rate({ value }: FigureProps) {
  if (value == null) return <None />;
  return (
    <span className={value === 0 ? "num dim" : "num"} title={`${value} per second`}>
      {rate(value)}
    </span>
  );
}

export function Duration({ value }: FigureProps) {
  if (value == null) return <None />;
  return (
    <span className="num" title={`${exact(Math.round(value))} ms`}>
      {duration(value)}
    </span>
  );
}

/** How long ago (or until), moving; the hover has the time to the millisecond. */
export function TimeAgo({ value }: FigureProps) {
  const now = useNow();
  if (value == null) return <None />;
  return (
    <time className="num" dateTime={new Date(value).toISOString()} title={timestamp(value)}>
      {ago(value, now)}
    </time>
  );
}

/** A point in time, to the second; the hover says how long ago. */
export function Timestamp({ value, millis = false }: FigureProps & { millis?: boolean }) {
  if (value == null) return <None />;
  return (
    <time className="num" dateTime={isoOrEmpty(value)} title={timestamp(value)}>
      {timestamp(value, millis)}
    </time>
  );
}

const isoOrEmpty = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
};
