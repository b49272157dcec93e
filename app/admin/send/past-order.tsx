import { useFetcher } from "@remix-run/react";
import { BlockStack, Button, Card, Form, InlineStack, TextField } from "@shopify/polaris";
import { useState } from "react";
import { EventResult } from "./event-result.tsx";
import { Lost } from "./lost.tsx";
import { OrderEvent } from "./order-event.tsx";
import { sendOrderTexts } from "./order-texts.ts";
import type { SendMode } from "./send-form.ts";
import type { SendAnswer, SendFormView } from "./view.ts";

/** A dry run: an order as the event that it would be today. */
export function PastOrder({ view, mode }: { view: SendFormView; mode: SendMode }) {
  const [name, setName] = useState("");
  const { submit, state, data } = useFetcher<SendAnswer>();
  const isBusy = state !== "idle";
  const answer = data;
  const post = (intent: "show-order" | "send-order", order: string) => {
    if (isBusy) return;
    const form = new FormData();
    for (const [key, value] of Object.entries({ intent, order, mode })) form.set(key, value);
    submit(form, { method: "post" });
  };
  const fault = answer !== undefined && "fault" in answer ? answer.fault : null;
  const found = answer !== undefined && "view" in answer ? answer : null;
  return (
    <BlockStack gap="400">
      <Card>
        <Form onSubmit={() => post("show-order", name)}>
          <BlockStack gap="400">
            <TextField
              id="order-number"
              label={sendOrderTexts.field}
              helpText={sendOrderTexts.help}
              value={name}
              onChange={setName}
              autoComplete="off"
              maxLength={100}
              {...(fault !== null && { error: fault })}
            />
            <InlineStack align="end">
              <Button submit loading={isBusy}>
                {sendOrderTexts.find}
              </Button>
            </InlineStack>
          </BlockStack>
        </Form>
      </Card>
      {answer?.intent === "lost" && <Lost answer={answer} />}
      {found?.report && <EventResult mode={found.mode} report={found.report} />}
      {found !== null && (
        <OrderEvent
          order={found.view}
          mode={mode}
          isFresh={found.report === null}
          liveQuestion={view.liveQuestion}
          onSend={() => post("send-order", found.view.name)}
        />
      )}
    </BlockStack>
  );
}
