import { BlockStack, Text } from "@shopify/polaris";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { Note } from "#app/admin/shell/note.tsx";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import type { RebuildView } from "./rebuild-order-event.server.ts";
import { FieldName } from "./sent-card.tsx";
import { eventDetailTexts } from "./texts.ts";

interface RebuildDialogProps {
  /** Null: it is being read. */
  rebuild: RebuildView | null;
  isOpen: boolean;
  isSending: boolean;
  onSend: () => void;
  onClose: () => void;
}

const { dialog } = eventDetailTexts;

/** What a rebuilt event would be, before it is sent. */
export function RebuildDialog(props: RebuildDialogProps) {
  const { rebuild, isOpen, isSending, onSend, onClose } = props;
  const canSend = rebuild !== null && rebuild.fingerprint !== "";
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={dialog.title}
      action={canSend ? dialog.send : null}
      isBusy={isSending}
      onConfirm={onSend}
      onCancel={onClose}
    >
      {rebuild === null ? <Text as="p">{dialog.loading}</Text> : <Difference {...rebuild} />}
    </ConfirmDialog>
  );
}

function Difference({ fault, rows, notes, fingerprint }: RebuildView) {
  return (
    <BlockStack gap="300">
      {fault !== null && <Note tone="critical" text={fault} />}
      {fingerprint !== "" && (
        <>
          <Text as="p">{dialog.intro}</Text>
          {rows.length === 0 ? <Text as="p">{dialog.same}</Text> : <DifferenceTable rows={rows} />}
          {notes.map((note) => (
            <Text key={note} as="p">
              {note}
            </Text>
          ))}
        </>
      )}
    </BlockStack>
  );
}

function DifferenceTable({ rows }: Pick<RebuildView, "rows">) {
  return (
    <PlainTable
      caption={dialog.caption}
      columns={[dialog.field, dialog.before, dialog.after]}
      rows={rows.map(({ key, label, before, after }) => ({
        id: key,
        head: <FieldName label={label} path={key} />,
        cells: [before || dialog.none, after || dialog.none].map((value, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: before, and after
          <code key={place} className="sent-field-values" translate="no">
            {value}
          </code>
        )),
      }))}
    />
  );
}
