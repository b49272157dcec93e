import { useEffect, useState } from "react";

/** What a loader deferred: null while it is on its way. */
export interface Deferred<T> {
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
