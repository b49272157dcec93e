import { useFetcher } from "@remix-run/react";
import { useState } from "react";

/** What the dialog says before events are sent again, as the server has written it. */
export interface ReplayQuestionFacts {
  title: string;
  lines: string[];
  /** Of the button; null where there is nothing to send. */
  confirm: string | null;
  token: string;
}

/** Row ids, or the query of all that is to be sent again. */
type Chosen = { rows: readonly string[] } | { filter: string };

export interface Replay {
  question: ReplayQuestionFacts | null;
  isOpen: boolean;
  isAsking: boolean;
  isStarting: boolean;
  ask: (chosen: Chosen) => void;
  confirm: () => void;
  close: () => void;
}

/** Asks what would be sent again, and starts it once it is confirmed; its run's page follows. */
export function useReplay(): Replay {
  const fetcher = useFetcher<{ question: ReplayQuestionFacts }>();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const isWorking = fetcher.state !== "idle";
  const isStarting = isWorking && fetcher.formData?.get("intent") === "start";
  const question = chosen === null ? null : (fetcher.data?.question ?? null);
  const isAsking = chosen !== null && isWorking && !isStarting;
  return {
    question,
    isOpen: question !== null && !isAsking,
    isAsking,
    isStarting,
    ask(next) {
      setChosen(next);
      fetcher.submit({ intent: "preview", ...toForm(next) }, { method: "post" });
    },
    confirm() {
      if (chosen === null || question === null || isWorking) return;
      const form = { intent: "start", token: question.token, ...toForm(chosen) };
      fetcher.submit(form, { method: "post" });
    },
    close: () => setChosen(null),
  };
}

function toForm(chosen: Chosen): Record<string, string> {
  return "rows" in chosen ? { rows: chosen.rows.join(",") } : { query: chosen.filter };
}
