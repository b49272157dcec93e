import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";

const EVERY_MS = 15_000;

/**
 * Reads the page's data again every 15 seconds, and at once when the tab is looked at again. A tab
 * nobody sees asks for nothing, nor does one whose reader is in the middle of something (`isPaused`).
 */
export function useLiveData({ isPaused = false }: { isPaused?: boolean } = {}): {
  isLoading: boolean;
  refresh: () => void;
} {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (isPaused) return;
    const refreshIfSeen = () => {
      if (document.visibilityState === "visible") revalidate();
    };
    const timer = setInterval(refreshIfSeen, EVERY_MS);
    document.addEventListener("visibilitychange", refreshIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refreshIfSeen);
    };
  }, [revalidate, isPaused]);
  return { isLoading: state === "loading", refresh: revalidate };
}
