import { useEffect } from "react";

const AFTER_MS = [1_500, 4_000, 8_000];

/** Most runs are done in seconds: whoever has just started one need not wait for the usual look. */
export function useEarlyLooks(isFinished: boolean, look: () => void): void {
  useEffect(() => {
    if (isFinished) return;
    const timers = AFTER_MS.map((ms) => setTimeout(look, ms));
    return () => {
      for (const timer of timers) clearTimeout(timer);
    };
  }, [isFinished, look]);
}
