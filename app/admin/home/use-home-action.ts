import { useFetcher } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { TestOutcome } from "./home-actions.server.ts";
import { homeTexts } from "./texts.ts";

/** What can be asked of the first page. */
export const HOME_INTENTS = [
  "pause",
  "resume",
  "hide-guide",
  "show-guide",
  "confirm-ids",
  "turn-on-pixel",
  "test-event",
  "count-orders",
] as const;
export type HomeIntent = (typeof HOME_INTENTS)[number];

export interface HomeAnswer {
  intent: HomeIntent;
  /** Something was changed, or Shopify was asked. */
  isDone: boolean;
  /** The outcome of a test event. */
  test: TestOutcome | null;
}

/** What is confirmed after a write, and what undoes it. */
const CONFIRMATIONS: Partial<Record<HomeIntent, { message: string; undo?: HomeIntent }>> = {
  pause: { message: homeTexts.paused, undo: "resume" },
  resume: { message: homeTexts.resumed, undo: "pause" },
  "hide-guide": { message: homeTexts.guide.hidden, undo: "show-guide" },
  "confirm-ids": { message: homeTexts.guide.ids.confirmed },
  "turn-on-pixel": { message: homeTexts.guide.browser.turnedOn },
};

export interface HomeAction {
  run: (intent: HomeIntent) => void;
  isBusy: boolean;
  /** What is being done. */
  running: HomeIntent | null;
  /** The answer to the last action. */
  answer: HomeAnswer | undefined;
}

/** The first page's writes: at once, one at a time, with an undo where there is one. */
export function useHomeAction(): HomeAction {
  const { submit, state, data, formData } = useFetcher<HomeAnswer>();
  const confirmed = useRef<HomeAnswer>();
  const isBusy = state !== "idle";
  const run = (intent: HomeIntent) => submit({ intent }, { method: "post", action: "/app?index" });
  const runLatest = useRef(run);
  runLatest.current = run;
  useEffect(() => {
    if (isBusy || data === undefined || confirmed.current === data) return;
    confirmed.current = data;
    const confirmation = data.isDone ? CONFIRMATIONS[data.intent] : undefined;
    if (confirmation === undefined) return;
    const { message, undo } = confirmation;
    showToast(message, undo && { label: shellTexts.undo, run: () => runLatest.current(undo) });
  }, [isBusy, data]);
  const running = HOME_INTENTS.find((intent) => intent === formData?.get("intent")) ?? null;
  return { run: (intent) => !isBusy && run(intent), isBusy, running, answer: data };
}
