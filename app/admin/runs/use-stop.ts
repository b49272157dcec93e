import { useFetcher } from "@remix-run/react";
import { useState } from "react";

export interface Stop {
  isOpen: boolean;
  isStopping: boolean;
  ask: () => void;
  confirm: () => void;
  close: () => void;
}

/** Asks before a run is stopped, and stops it. */
export function useStop(): Stop {
  const fetcher = useFetcher();
  const [isOpen, setIsOpen] = useState(false);
  const isStopping = fetcher.state !== "idle";
  return {
    isOpen,
    isStopping,
    ask: () => setIsOpen(true),
    close: () => setIsOpen(false),
    confirm() {
      if (isStopping) return;
      setIsOpen(false);
      fetcher.submit({ intent: "stop" }, { method: "post" });
    },
  };
}
