import { Text } from "@shopify/polaris";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { eventsTexts } from "./texts.ts";
import type { Replay } from "./use-replay.ts";

type ReplayDialogProps = Pick<Replay, "question" | "isOpen" | "isStarting" | "confirm" | "close">;

/** Names what is sent again and what is left out, before anything is sent. */
export function ReplayDialog({ question, isOpen, isStarting, confirm, close }: ReplayDialogProps) {
  if (question === null) return null;
  const { title, lines, confirm: action } = question;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={title}
      action={action}
      cancel={action === null ? eventsTexts.again.close : shellTexts.cancel}
      isBusy={isStarting}
      onConfirm={confirm}
      onCancel={close}
    >
      {lines.map((line) => (
        <Text as="p" key={line}>
          {line}
        </Text>
      ))}
    </ConfirmDialog>
  );
}
