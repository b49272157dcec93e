import { useFetcher } from "@remix-run/react";
import {
  BlockStack,
  Button,
  Card,
  Form,
  InlineStack,
  List,
  Text,
  TextField,
} from "@shopify/polaris";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import type { SendAnswer } from "./answer-send-form.server.ts";
import type { SendFormView } from "./load-send-form.server.ts";
import { EventResult, Lost, ResultCard } from "./result-card.tsx";
import type { SendMode } from "./send-form.ts";
import type { OrderView } from "./send-past-order.server.ts";
import { sendOrderTexts, sendTexts } from "./texts.ts";

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

interface OrderEventProps {
  order: OrderView;
  mode: SendMode;
  /** The order was just loaded: the focus goes to it, not to the result of sending it. */
  isFresh: boolean;
  liveQuestion: string;
  onSend: () => void;
}

function OrderEvent({ order, mode, isFresh, liveQuestion, onSend }: OrderEventProps) {
  const [isAsking, setIsAsking] = useState(false);
  const bar = mode === "demo" ? null : order.barred[mode];
  const send = () => {
    setIsAsking(false);
    onSend();
  };
  return (
    <ResultCard
      tone={order.isHeldBack ? "warning" : "info"}
      title={order.title}
      text={order.facts}
      mode={null}
      answer={isFresh ? order : null}
    >
      <BlockStack gap="100">
        <Text as="p" fontWeight="semibold">
          {order.verdict}
        </Text>
        {order.isHeldBack && <Text as="p">{sendOrderTexts.skipHelp}</Text>}
        <Text as="p">{order.standing}</Text>
        <Text as="p">
          {sendOrderTexts.eventId}: <code translate="no">{order.eventId}</code> ({order.eventIdHelp}
          )
        </Text>
      </BlockStack>
      {order.notes.length > 0 && (
        <List>
          {order.notes.map((note) => (
            <List.Item key={note}>{note}</List.Item>
          ))}
        </List>
      )}
      {order.leftOut.length > 0 && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {sendOrderTexts.leftOut}
          </Text>
          <List>
            {order.leftOut.map((key) => (
              <List.Item key={key}>{key}</List.Item>
            ))}
          </List>
        </BlockStack>
      )}
      {order.body !== null && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {sendOrderTexts.bodyTitle}
          </Text>
          <Code label={sendOrderTexts.bodyLabel} text={order.body} />
        </BlockStack>
      )}
      {bar !== null && <Text as="p">{bar}</Text>}
      {order.body !== null && (
        <InlineStack align="end">
          <Button
            variant="primary"
            disabled={bar !== null}
            onClick={() => (mode === "live" ? setIsAsking(true) : send())}
          >
            {sendOrderTexts.send[mode]}
          </Button>
        </InlineStack>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={sendTexts.ask.title}
        action={sendTexts.ask.confirm}
        onConfirm={send}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{liveQuestion}</Text>
      </ConfirmDialog>
    </ResultCard>
  );
}
