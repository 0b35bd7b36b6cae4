import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { ActionEvent } from "../actions";
import { allPlaces } from "../navigation";

/** `g` waits this long for its second key. */
const SECOND_KEY_MS = 900;

/** Keys that work from everywhere, unless something is being typed. */
export function Shortcuts({ onEvent }: { onEvent: (event: ActionEvent) => void }) {
  const navigate = useNavigate();
  const leader = useRef(0);
  const act = useRef(onEvent);
  act.current = onEvent;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.timeStamp - leader.current < SECOND_KEY_MS && leader.current > 0) {
        leader.current = 0;
        const place = allPlaces.find((candidate) => candidate.key === event.key);
        if (place) {
          event.preventDefault();
          navigate({ to: place.to });
        }
        return;
      }
      switch (event.key) {
        case "g":
          leader.current = event.timeStamp;
          return;
        case "/": {
          const filter = document.querySelector<HTMLInputElement>("main input[data-filter]");
          if (!filter) return;
          event.preventDefault();
          filter.focus();
          filter.select();
          return;
        }
        case "?":
          return act.current("shortcuts");
        case "[":
          return act.current("sidebar");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate]);

  return null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    target.closest("[role=dialog]") !== null
  );
}
