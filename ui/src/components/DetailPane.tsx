import { ActionIcon, Tooltip } from "@mantine/core";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import classes from "./DetailPane.module.css";

interface DetailPaneProps {
  title: ReactNode;
  children: ReactNode;
  onClose: () => void;
  /** Walk to the neighbours; absent at an end. */
  onPrevious?: () => void;
  onNext?: () => void;
  actions?: ReactNode;
  /** Pixels at first; the edge drags. */
  initialWidth?: number;
  testId?: string;
}

const WIDTH_MIN = 320;

/** One row in full, beside its table: ↑/↓ walk, Escape closes, the edge drags. */
export function DetailPane(props: DetailPaneProps) {
  const { title, children, onClose, onPrevious, onNext, actions, testId } = props;
  const [width, setWidth] = useState(props.initialWidth ?? 460);
  const pane = useRef<HTMLElement>(null);
  const drag = (x: number) => {
    const right = pane.current?.getBoundingClientRect().right ?? window.innerWidth;
    setWidth(Math.max(WIDTH_MIN, Math.min(right - x, window.innerWidth - 420)));
  };
  return (
    <aside
      ref={pane}
      className={classes.pane}
      style={{ width }}
      data-testid={testId}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a draggable edge is no <hr> */}
      <div
        className={classes.edge}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the details"
        aria-valuenow={Math.round(width)}
        aria-valuemin={WIDTH_MIN}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event.clientX);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") setWidth((w) => w + 24);
          if (event.key === "ArrowRight") setWidth((w) => Math.max(WIDTH_MIN, w - 24));
        }}
      />
      <div className={classes.head}>
        <div className={classes.title}>{title}</div>
        {actions}
        <Tooltip label="Previous (↑)">
          <ActionIcon aria-label="Previous" disabled={!onPrevious} onClick={onPrevious}>
            <ChevronUp size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Next (↓)">
          <ActionIcon aria-label="Next" disabled={!onNext} onClick={onNext}>
            <ChevronDown size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Close (Esc)">
          <ActionIcon aria-label="Close details" onClick={onClose} data-testid="detail-close">
            <X size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}
