import { useFetcher } from "@remix-run/react";
import { BlockStack, Card, Checkbox, InlineGrid, Select, Text, TextField } from "@shopify/polaris";
import { type ComponentProps, useEffect, useState } from "react";
import type { SendAnswer } from "./answer-send-form.server.ts";
import type { SendFormView } from "./load-send-form.server.ts";
import { SEND_FIELDS, type SendFaults, type SendField, type SendFields } from "./send-form.ts";
import type { PreviewView } from "./send-one-event.server.ts";
import { sendTexts } from "./texts.ts";

const { fields: labels, help, sections, where } = sendTexts;
const WHERE = Object.entries(where).map(([value, label]) => ({ value, label }));

interface EventFieldsProps {
  form: EventFormState;
  view: SendFormView;
  faults: SendFaults;
}

export function EventFields({ form, view, faults }: EventFieldsProps) {
  const bind = (field: SendField) => ({
    id: `field-${field}`,
    name: field,
    label: labels[field],
    value: form.fields[field] ?? "",
    onChange: (value: string) => form.change(field, value),
    onBlur: () => form.leave(field),
    ...(faults[field] !== undefined && { error: faults[field] }),
  });
  const text = (field: SendField, more: Partial<ComponentProps<typeof TextField>> = {}) => (
    <TextField key={field} {...bind(field)} autoComplete="off" {...more} />
  );
  return (
    <BlockStack gap="400">
      <Section title={sections.what}>
        <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
          <Select {...bind("eventName")} options={view.eventNames} />
          <Select {...bind("actionSource")} options={WHERE} />
          {form.fields.eventName === "custom" && text("customEventName")}
          {text("eventTime", { type: "datetime-local", helpText: view.timeHelp })}
          {text("eventSourceUrl", { type: "url", placeholder: "https://" })}
          {text("value", { inputMode: "decimal", helpText: help.value })}
          {text("currency", { maxLength: 3 })}
          {text("orderId")}
          {text("orderQuantity", { inputMode: "numeric" })}
          {text("productId")}
          {text("eventId", { helpText: `${help.eventId} ${form.eventId}` })}
        </InlineGrid>
      </Section>
      <Section title={sections.who} text={sections.whoHelp}>
        <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
          {/* As type="email" the browser would complain of hashes, in words of its own. */}
          {text("email", { inputMode: "email" })}
          {text("phone", { helpText: help.phone })}
          {text("externalId")}
          {text("clickId")}
          {text("clientIpAddress")}
          {text("clientUserAgent")}
        </InlineGrid>
        <Checkbox
          label={labels.isAlreadyHashed}
          helpText={help.hashed}
          checked={form.fields.isAlreadyHashed === "true"}
          onChange={(isChecked) => form.change("isAlreadyHashed", isChecked ? "true" : "")}
        />
      </Section>
    </BlockStack>
  );
}

function Section(props: { title: string; text?: string; children: React.ReactNode }) {
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {props.title}
          </Text>
          {props.text !== undefined && (
            <Text as="p" tone="subdued">
              {props.text}
            </Text>
          )}
        </BlockStack>
        {props.children}
      </BlockStack>
    </Card>
  );
}

interface EventFormState {
  fields: SendFields;
  eventId: string;
  change(field: SendField, value: string): void;
  /** The person has left the field: from now on its fault is shown. */
  leave(field: SendField): void;
  leaveAll(): void;
  /** Those of `faults` that are shown. */
  shown(faults: SendFaults): SendFaults;
  /** The event was sent under this id: a change from now on makes another event. */
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

/** The form as it is posted. It is never part of an address, which would be written into logs. */
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
  /** The last request got no answer. */
  isLost: boolean;
}

/** Previews the event as it would be sent, each time the typing pauses. */
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
