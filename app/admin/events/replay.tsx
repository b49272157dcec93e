import { useFetcher } from "@remix-run/react";
import { Text } from "@shopify/polaris";
import { useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { ReplayQuestion } from "./replay.server.ts";
import { eventsTexts } from "./texts.ts";

/** Row ids, or the query of all that is to be sent again. */
type Chosen = { rows: readonly string[] } | { filter: string };

export interface Replay {
  question: ReplayQuestion | null;
  isOpen: boolean;
  isAsking: boolean;
  isStarting: boolean;
  ask: (chosen: Chosen) => void;
  confirm: () => void;
  close: () => void;
}

/** Asks what would be sent again, and starts it once it is confirmed; its run's page follows. */
export function useReplay(): Replay {
  const fetcher = useFetcher<{ question: ReplayQuestion }>();
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

type ReplayDialogProps = Pick<Replay, "question" | "isOpen" | "isStarting" | "confirm" | "close">;

/** Names what is sent again and what is left out, before anything is sent. */
export function ReplayDialog({ question, isOpen, isStarting, confirm, close }: ReplayDialogProps) {
  if (question === null) return null;
  const { title, lines, confirm: action } = question;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={title}
      action={action}
      cancel={action === null ? eventsTexts.again.close : shellTexts.cancel}
      isBusy={isStarting}
      onConfirm={confirm}
      onCancel={close}
    >
      {lines.map((line) => (
        <Text as="p" key={line}>
          {line}
        </Text>
      ))}
    </ConfirmDialog>
  );
}
