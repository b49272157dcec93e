import { useFetcher } from "@remix-run/react";
import { useEffect, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import type { EventAnswer } from "./act-on-event.server.ts";
import type { SentView } from "./describe-sent.server.ts";
import type { ActionName } from "./event-actions.ts";
import type { RebuildView } from "./rebuild-order-event.server.ts";

export interface EventDeeds {
  /** What was masked, once it was asked for; null: it was not, in this view. */
  revealed: SentView | null;
  /** Why what was asked for did not happen. */
  fault: string | null;
  rebuild: RebuildView | null;
  isComparing: boolean;
  /** What is being asked for; null: nothing is. */
  busyWith: string | null;
  act: (name: ActionName) => void;
  reveal: () => void;
  sendRebuilt: () => void;
  closeDialog: () => void;
}

/** What a person does with the event of the page. Asked for once, however fast a button is clicked. */
export function useEventActions(): EventDeeds {
  const reveal = useFetcher<EventAnswer>();
  const deed = useFetcher<EventAnswer>();
  const [isComparing, setIsComparing] = useState(false);
  const answer = deed.data;
  const isBusy = deed.state !== "idle";
  useEffect(() => {
    if (answer?.kind === "done") {
      setIsComparing(false);
      showToast(answer.message);
    }
    if (answer?.kind === "failed") setIsComparing(false);
  }, [answer]);
  const ask = (form: Record<string, string>) => {
    if (!isBusy) deed.submit(form, { method: "post" });
  };
  const rebuild = answer?.kind === "compared" ? answer.rebuild : null;
  const intent = String(deed.formData?.get("intent") ?? "");
  return {
    revealed: reveal.data?.kind === "revealed" ? reveal.data.sent : null,
    fault: findFault(answer) ?? findFault(reveal.data),
    // What an earlier look gave is not shown while another is under way.
    rebuild: isBusy && intent === "compare" ? null : rebuild,
    isComparing,
    busyWith: reveal.state === "idle" ? (isBusy ? intent : null) : "reveal",
    act(name) {
      if (name === "rebuild") setIsComparing(true);
      ask({ intent: name === "rebuild" ? "compare" : name });
    },
    reveal() {
      if (reveal.state === "idle") reveal.submit({ intent: "reveal" }, { method: "post" });
    },
    sendRebuilt: () => ask({ intent: "rebuild", fingerprint: rebuild?.fingerprint ?? "" }),
    closeDialog: () => setIsComparing(false),
  };
}

function findFault(answer: EventAnswer | undefined): string | null {
  return answer?.kind === "failed" ? answer.fault : null;
}
