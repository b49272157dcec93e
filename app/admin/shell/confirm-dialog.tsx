import { BlockStack, Modal } from "@shopify/polaris";
import { type ReactNode, useEffect, useId } from "react";
import { shellTexts } from "./texts.ts";

interface ConfirmDialogProps {
  isOpen: boolean;
  title: string;
  /** The label of the button; null: there is nothing to confirm, and the dialog says why. */
  action: string | null;
  cancel?: string;
  isDestructive?: boolean;
  isBusy?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** Asks before what can't be undone at once. Pressing Enter without reading cancels. */
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
        <FocusReturn />
        <BlockStack gap="300">{children}</BlockStack>
      </Modal.Section>
    </Modal>
  );
}

/**
 * Gives the focus back to what had it before the dialog, or to what the page has given it to
 * meanwhile: until the dialog has faded out, Polaris takes the focus back into it, and it goes with
 * it. Lies within the dialog, to be taken away with it.
 */
function FocusReturn() {
  useEffect(() => {
    let next: Element | null = document.activeElement;
    const note = ({ target }: FocusEvent) => {
      if (target instanceof Element && target.closest("[role=dialog]") === null) next = target;
    };
    document.addEventListener("focusin", note, true);
    return () => {
      document.removeEventListener("focusin", note, true);
      if (document.activeElement === document.body && next instanceof HTMLElement) next.focus();
    };
  }, []);
  return null;
}
