import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";

const EVERY_MS = 15_000;
const NEVER = () => false;

/**
 * Reads the page's data again every 15 seconds, and at once when the tab is looked at again. A tab
 * that is not seen asks for nothing, nor does one whose reader is in the middle of something: `isPaused`
 * is asked then, and not kept as state, which would draw the whole page with each step of the focus.
 */
export function useLiveData({ isPaused = NEVER }: { isPaused?: () => boolean } = {}): {
  isLoading: boolean;
  refresh: () => void;
} {
  const { revalidate, state } = useRevalidator();
  const paused = useRef(isPaused);
  useEffect(() => {
    paused.current = isPaused;
  });
  useEffect(() => {
    const refreshIfSeen = () => {
      if (document.visibilityState === "visible" && !paused.current()) revalidate();
    };
    const timer = setInterval(refreshIfSeen, EVERY_MS);
    document.addEventListener("visibilitychange", refreshIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refreshIfSeen);
    };
  }, [revalidate]);
  return { isLoading: state === "loading", refresh: revalidate };
}
