import { BlockStack, Button, InlineStack, List, Text } from "@shopify/polaris";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { sendOrderTexts } from "./order-texts.ts";
import { ResultCard } from "./result-card.tsx";
import type { SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import type { OrderView } from "./view.ts";

interface OrderEventProps {
  order: OrderView;
  mode: SendMode;
  /** Shown anew: the focus goes to it, and not to what came of sending it. */
  isFresh: boolean;
  liveQuestion: string;
  onSend: () => void;
}

export function OrderEvent({ order, mode, isFresh, liveQuestion, onSend }: OrderEventProps) {
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
