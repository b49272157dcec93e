import { type FetcherWithComponents, useFetcher } from "@remix-run/react";
import { Box } from "@shopify/polaris";
import { useEffect, useRef, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { Note, NoticeView } from "#app/admin/shell/notice-view.tsx";
import type { ConnectionOutcome } from "./describe-outcome.server.ts";

/** A button of the page: it posts a form and shows the result. */
export interface OutcomeForm {
  outcome: ConnectionOutcome | null;
  /** True also until the page shows the result, so that nothing is posted twice. */
  isBusy: boolean;
  post(fields: Record<string, string>): void;
}

/**
 * Posts to the page's action, confirms what was done, and posts again by itself when Pinterest
 * asked to wait. `onDone` runs once for each success.
 */
export function useOutcome(onDone?: () => void): OutcomeForm {
  const fetcher: FetcherWithComponents<ConnectionOutcome> = useFetcher();
  const last = useRef<Record<string, string> | null>(null);
  const isWaiting = useRepetition(fetcher, last);
  const handled = useRef<ConnectionOutcome | null>(null);
  const outcome = fetcher.data ?? null;
  useEffect(() => {
    if (fetcher.state !== "idle" || outcome === null || handled.current === outcome) return;
    handled.current = outcome;
    if (outcome.kind === "go") window.open(outcome.url, "_top");
    if (outcome.kind !== "done") return;
    showToast(outcome.toast);
    onDone?.();
  }, [fetcher.state, outcome, onDone]);
  const isLeaving = outcome?.kind === "go";
  return {
    outcome: fetcher.state === "idle" || outcome?.kind === "wait" ? outcome : null,
    isBusy: fetcher.state !== "idle" || isWaiting || isLeaving,
    post(fields) {
      last.current = fields;
      fetcher.submit(fields, { method: "post" });
    },
  };
}

const SECOND_MS = 1_000;

/** Returns true from an answer that asks to wait until the request is repeated. */
function useRepetition(
  fetcher: FetcherWithComponents<ConnectionOutcome>,
  last: { current: Record<string, string> | null },
): boolean {
  const [waited, setWaited] = useState<ConnectionOutcome | null>(null);
  const { data, submit } = fetcher;
  const isWaiting = data?.kind === "wait" && data !== waited;
  useEffect(() => {
    if (data?.kind !== "wait") return;
    const timer = setTimeout(() => {
      setWaited(data);
      if (last.current !== null) submit(last.current, { method: "post" });
    }, data.seconds * SECOND_MS);
    return () => clearTimeout(timer);
  }, [data, submit, last]);
  return isWaiting;
}

/** The result of a button, shown above it; while there is none, it takes no space. */
export function OutcomeNote({ outcome }: { outcome: ConnectionOutcome | null }) {
  return (
    <div aria-live="polite">
      {outcome?.kind === "trouble" && (
        <Box paddingBlockEnd="300">
          <NoticeView place="note" notice={outcome.notice} />
        </Box>
      )}
      {outcome?.kind === "wait" && (
        <Box paddingBlockEnd="300">
          <Note tone="info" text={outcome.text} />
        </Box>
      )}
    </div>
  );
}
