import { BlockStack, Modal } from "@shopify/polaris";
import { type ReactNode, useId } from "react";
import { shellTexts } from "#app/texts/shell.ts";

interface ConfirmDialogProps {
  isOpen: boolean;
  title: string;
  /** What is done; null: nothing can be, the dialog tells why. */
  action: string | null;
  cancel?: string;
  isDestructive?: boolean;
  isBusy?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** Asks before what can't be undone at once. Whoever presses Enter without reading cancels. */
export function ConfirmDialog({
  isOpen,
  title,
  action,
  cancel = shellTexts.cancel,
  isDestructive = false,
  isBusy = false,
  onConfirm,
  onCancel,
  children,
}: ConfirmDialogProps) {
  const cancelId = useId();
  return (
    <Modal
      open={isOpen}
      onClose={onCancel}
      title={title}
      // Polaris focuses the dialog itself, or its Close, until it has come in.
      onTransitionEnd={() => document.getElementById(cancelId)?.focus()}
      {...(action !== null && {
        primaryAction: {
          content: action,
          onAction: onConfirm,
          loading: isBusy,
          destructive: isDestructive,
        },
      })}
      secondaryActions={[{ content: cancel, onAction: onCancel, id: cancelId, disabled: isBusy }]}
    >
      <Modal.Section>
        <BlockStack gap="300">{children}</BlockStack>
      </Modal.Section>
    </Modal>
  );
}
