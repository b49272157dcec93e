import { useFetcher } from "@remix-run/react";
import { useEffect } from "react";
import { type EventFormState, toFormData } from "./use-event-form.ts";
import type { PreviewView, SendAnswer } from "./view.ts";

/** Long enough for the next letter, too short to notice. */
const AFTER_MS = 300;

export interface Preview {
  view: PreviewView | null;
  /** The last one was asked for in vain. */
  isLost: boolean;
}

/** The event as it would be sent, made anew whenever the form rests. */
export function usePreview({ fields, eventId }: EventFormState): Preview {
  const { submit, data } = useFetcher<SendAnswer>();
  useEffect(() => {
    const ask = () => submit(toFormData("preview", { fields, eventId }), { method: "post" });
    const timer = setTimeout(ask, AFTER_MS);
    return () => clearTimeout(timer);
  }, [fields, eventId, submit]);
  const view = data !== undefined && "preview" in data ? data.preview : null;
  return { view, isLost: data?.intent === "lost" };
}
