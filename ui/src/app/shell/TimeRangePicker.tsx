import { Button, Menu } from "@mantine/core";
import { Check, ChevronDown, Radio, X } from "lucide-react";
import { rangeLabel, ranges, useTimeRange } from "../timeRange";

/** One range for every chart of the page; brushing a chart sets its own. */
export function TimeRangePicker() {
  const { range, window, setRange } = useTimeRange();
  const custom = window.kind === "fixed";
  const live = !custom && (range === undefined || range === "live");
  return (
    <Button.Group>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <Button
            variant="default"
            h={28}
            px={9}
            fw={450}
            data-testid="time-range"
            aria-label={`Time range: ${rangeLabel(range)}`}
            leftSection={live ? <Radio size={13} color="var(--ph-accent)" aria-hidden /> : null}
            rightSection={<ChevronDown size={12} aria-hidden />}
          >
            {rangeLabel(range)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Charts show the last</Menu.Label>
          {ranges.map(({ value, label }) => (
            <Menu.Item
              key={value}
              onClick={() => setRange(value)}
              data-testid={`range-${value}`}
              rightSection={
                value === (range ?? "live") ? <Check size={13} aria-label="current" /> : null
              }
            >
              {value === "live" ? "Live, 5 m" : label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>Or drag over a chart</Menu.Label>
        </Menu.Dropdown>
      </Menu>
      {custom ? (
        <Button
          variant="default"
          h={28}
          px={7}
          aria-label="Back to live"
          onClick={() => setRange(undefined)}
        >
          <X size={13} />
        </Button>
      ) : null}
    </Button.Group>
  );
}
