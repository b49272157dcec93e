import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";

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

/** What a loader deferred: null while it is on its way. */
interface Deferred<T> {
  value: T | null;
  hasFailed: boolean;
}

/**
 * The value of what a loader deferred, or gave at once. Not by a `Suspense`: Polaris updates its
 * contexts while the page is hydrated, and React then throws away what a boundary holds and complains
 * (its error 421). What was read before stays until the next value is here.
 */
export function useDeferred<T>(given: T | Promise<T>): Deferred<T> {
  const [settled, setSettled] = useState<Deferred<T>>({ value: null, hasFailed: false });
  useEffect(() => {
    if (!(given instanceof Promise)) return;
    let isCurrent = true;
    given.then(
      (value) => isCurrent && setSettled({ value, hasFailed: false }),
      () => isCurrent && setSettled({ value: null, hasFailed: true }),
    );
    return () => {
      isCurrent = false;
    };
  }, [given]);
  return given instanceof Promise ? settled : { value: given, hasFailed: false };
}
