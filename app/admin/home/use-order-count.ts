import { useFetcher } from "@remix-run/react";
import { useEffect, useRef } from "react";
import type { HomeAnswer } from "./view.ts";

export interface OrderCount {
  hasFailed: boolean;
  isBusy: boolean;
  ask: () => void;
}

/**
 * Has Shopify asked for its count of orders when that is due, once the page is there: Shopify may
 * take seconds. The page reads the numbers again after it. A failure is not repeated by itself.
 */
export function useOrderCount(isDue: boolean): OrderCount {
  const { submit, state, data } = useFetcher<HomeAnswer>();
  const hasAsked = useRef(false);
  const ask = () => submit({ intent: "count-orders" }, { method: "post", action: "/app?index" });
  const askLatest = useRef(ask);
  askLatest.current = ask;
  useEffect(() => {
    if (isDue && !hasAsked.current) askLatest.current();
    hasAsked.current = isDue;
  }, [isDue]);
  const isBusy = state !== "idle";
  return { hasFailed: isDue && !isBusy && data?.isDone === false, isBusy, ask };
}
