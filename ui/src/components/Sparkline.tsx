interface SparklineProps {
  /** Oldest first. */
  values: readonly number[];
  /** What is drawn, for those who do not see it. */
  label: string;
  width?: number;
  height?: number;
  color?: string;
}

/** The last minute at a glance: a line over a faint area, from zero. */
export function Sparkline({
  values,
  label,
  width = 88,
  height = 20,
  color = "var(--ph-chart-1)",
}: SparklineProps) {
  const points = sparkPoints(values, width, height);
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: "block" }}>
      {points.length > 1 ? (
        <>
          <polygon
            points={`0,${height} ${points.join(" ")} ${width},${height}`}
            fill={color}
            opacity={0.12}
          />
          <polyline
            points={points.join(" ")}
            fill="none"
            stroke={color}
            strokeWidth={1.25}
            strokeLinejoin="round"
          />
        </>
      ) : (
        <line x1={0} y1={height - 1} x2={width} y2={height - 1} stroke="var(--ph-line-strong)" />
      )}
    </svg>
  );
}

/** `x,y` of each value; flat at the floor when all are zero. */
export function sparkPoints(values: readonly number[], width: number, height: number): string[] {
  if (values.length < 2) return [];
  const top = Math.max(...values, 0);
  const step = width / (values.length - 1);
  return values.map((value, index) => {
    const y = top === 0 ? height - 1 : height - 1 - (Math.max(0, value) / top) * (height - 3);
    return `${round(index * step)},${round(y)}`;
  });
}

const round = (n: number): number => Math.round(n * 10) / 10;
