import { Modal, Text } from "@shopify/polaris";
import { runTexts } from "#app/texts/events/run.ts";
import type { Stop } from "./use-stop.ts";

/** Names what is not sent any more, before the run is stopped. */
export function StopDialog({ isOpen, isStopping, confirm, close, text }: Stop & { text: string }) {
  return (
    <Modal
      open={isOpen}
      onClose={close}
      title={runTexts.stopQuestion}
      primaryAction={{ content: runTexts.stopConfirm, onAction: confirm, loading: isStopping }}
      secondaryActions={[{ content: runTexts.stopCancel, onAction: close }]}
    >
      <Modal.Section>
        <Text as="p">{text}</Text>
      </Modal.Section>
    </Modal>
  );
}
