import { useFetcher } from "@remix-run/react";
import { useEffect, useState } from "react";
import type { SendAnswer } from "./answer-send-form.server.ts";
import type { SendFormView } from "./open-send-form.server.ts";
import { SEND_FIELDS, type SendFaults, type SendField, type SendFields } from "./send-form.ts";
import type { PreviewView } from "./send-one-event.server.ts";

export interface EventFormState {
  fields: SendFields;
  eventId: string;
  change(field: SendField, value: string): void;
  /** The person has left the field: from now on its fault is shown. */
  leave(field: SendField): void;
  leaveAll(): void;
  /** Those of `faults` that are shown. */
  shown(faults: SendFaults): SendFaults;
  /** The id is taken by an event that was sent: what is changed from now on is another event. */
  take(nextEventId: string): void;
  /** Empties the form. */
  clear(nextEventId: string): void;
}

/** One event's form. Lives in memory alone: nothing typed here is kept by the browser. */
export function useEventForm(initial: SendFormView): EventFormState {
  const [fields, setFields] = useState<SendFields>(initial.fields);
  const [eventId, setEventId] = useState(initial.eventId);
  const [nextId, setNextId] = useState<string | null>(null);
  const [left, setLeft] = useState<readonly SendField[]>([]);
  return {
    fields,
    eventId,
    change(field, value) {
      setFields((known) => ({ ...known, [field]: value }));
      if (nextId === null) return;
      setEventId(nextId);
      setNextId(null);
    },
    leave: (field) => setLeft((known) => (known.includes(field) ? known : [...known, field])),
    leaveAll: () => setLeft(SEND_FIELDS),
    shown: (faults) =>
      Object.fromEntries(
        Object.entries(faults).filter(([field]) => left.includes(field as SendField)),
      ),
    take: setNextId,
    clear(next) {
      setFields(initial.fields);
      setEventId(next);
      setNextId(null);
      setLeft([]);
    },
  };
}

/** As it is posted, and only ever posted: an address would be written into logs. */
export function toFormData(
  intent: string,
  { fields, eventId }: Pick<EventFormState, "fields" | "eventId">,
  more: Record<string, string> = {},
): FormData {
  const data = new FormData();
  for (const [key, value] of Object.entries({ ...more, intent, formId: eventId })) {
    data.set(key, value);
  }
  for (const field of SEND_FIELDS) {
    const value = fields[field];
    if (value !== undefined && value !== "") data.set(field, value);
  }
  return data;
}

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
