import { BlockStack, Modal, Text } from "@shopify/polaris";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { connectionTexts } from "#app/texts/settings/connection.ts";

interface ConfirmModalProps {
  isOpen: boolean;
  title: string;
  text: string;
  action: string;
  isDestructive?: boolean;
  isBusy: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children?: ReactNode;
}

const CANCEL = "confirm-cancel";

/** Asks before what can't be undone at once. Whoever presses Enter without reading cancels. */
export function ConfirmModal({
  isOpen,
  title,
  text,
  action,
  isDestructive = false,
  isBusy,
  onConfirm,
  onCancel,
  children,
}: ConfirmModalProps) {
  useEffect(() => {
    if (!isOpen) return;
    // Polaris focuses the dialog itself once it has come in.
    const timer = setTimeout(() => document.getElementById(CANCEL)?.focus(), FOCUS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return (
    <Modal
      open={isOpen}
      onClose={onCancel}
      title={title}
      primaryAction={{
        content: action,
        onAction: onConfirm,
        loading: isBusy,
        destructive: isDestructive,
      }}
      secondaryActions={[
        { content: connectionTexts.cancel, onAction: onCancel, id: CANCEL, disabled: isBusy },
      ]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          <Text as="p">{text}</Text>
          {children}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

const FOCUS_AFTER_MS = 300;
