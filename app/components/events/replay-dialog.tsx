import { BlockStack, Modal, Text } from "@shopify/polaris";
import { eventsTexts } from "#app/texts/events/events.ts";
import { shellTexts } from "#app/texts/shell.ts";
import type { Replay } from "./use-replay.ts";

type ReplayDialogProps = Pick<Replay, "question" | "isOpen" | "isStarting" | "confirm" | "close">;

/** Names what is sent again and what is left out, before anything is sent. */
export function ReplayDialog({ question, isOpen, isStarting, confirm, close }: ReplayDialogProps) {
  if (question === null) return null;
  const { title, lines, confirm: label } = question;
  return (
    <Modal
      open={isOpen}
      onClose={close}
      title={title}
      {...(label !== null && {
        primaryAction: { content: label, onAction: confirm, loading: isStarting },
      })}
      secondaryActions={[
        {
          content: label === null ? eventsTexts.again.close : shellTexts.cancel,
          onAction: close,
          disabled: isStarting,
        },
      ]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          {lines.map((line) => (
            <Text as="p" key={line}>
              {line}
            </Text>
          ))}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
