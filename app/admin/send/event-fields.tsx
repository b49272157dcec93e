import { BlockStack, Card, Checkbox, InlineGrid, Select, Text, TextField } from "@shopify/polaris";
import type { ComponentProps } from "react";
import type { SendFormView } from "./open-send-form.server.ts";
import type { SendFaults, SendField } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import type { EventFormState } from "./use-event-form.ts";

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
