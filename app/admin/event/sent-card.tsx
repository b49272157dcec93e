import { BlockStack, Button, ButtonGroup, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { Code, CopyButton } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { Note } from "#app/admin/shell/notice-view.tsx";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import type { SentField, SentView } from "./describe-sent.server.ts";
import type { RebuildView } from "./rebuild-order-event.server.ts";
import { eventDetailTexts } from "./texts.ts";

interface SentCardProps {
  sent: SentView;
  isRevealing: boolean;
  onReveal: () => void;
}

/** What was sent, field by field or as JSON. */
export function SentCard({ sent, isRevealing, onReveal }: SentCardProps) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {eventDetailTexts.sent}
        </Text>
        {sent.absence === null ? (
          <SentBody sent={sent} isRevealing={isRevealing} onReveal={onReveal} />
        ) : (
          <Text as="p">{sent.absence}</Text>
        )}
      </BlockStack>
    </Card>
  );
}

function SentBody({ sent, isRevealing, onReveal }: SentCardProps) {
  const [isJson, setIsJson] = useState(false);
  return (
    <>
      <InlineStack gap="200" align="space-between">
        <section aria-label={eventDetailTexts.viewChoice}>
          <ButtonGroup variant="segmented">
            <Button pressed={!isJson} onClick={() => setIsJson(false)}>
              {eventDetailTexts.readable}
            </Button>
            <Button pressed={isJson} onClick={() => setIsJson(true)}>
              {eventDetailTexts.json}
            </Button>
          </ButtonGroup>
        </section>
        <InlineStack gap="200" blockAlign="center">
          <CopyButton text={sent.json} label={eventDetailTexts.copyJson} />
          <CopyButton text={sent.curl} label={eventDetailTexts.copyCurl} />
        </InlineStack>
      </InlineStack>
      {sent.hasSecrets && !sent.isRevealed && (
        <InlineStack gap="200" blockAlign="center">
          <Button onClick={onReveal} loading={isRevealing}>
            {eventDetailTexts.show}
          </Button>
          <Text as="span" variant="bodySm" tone="subdued">
            {eventDetailTexts.maskedHelp}
          </Text>
        </InlineStack>
      )}
      {sent.isRevealed && (
        <Text as="p" variant="bodySm" tone="subdued">
          {eventDetailTexts.revealedHelp}
        </Text>
      )}
      {isJson ? (
        <Code label={eventDetailTexts.jsonLabel} text={sent.json} startsWrapped />
      ) : (
        <SentFields fields={sent.fields} />
      )}
      {sent.lacksNotes && <Text as="p">{eventDetailTexts.lacksNotes}</Text>}
      <Text as="p" variant="bodySm" tone="subdued">
        {eventDetailTexts.privacy} {eventDetailTexts.curlHelp}
      </Text>
    </>
  );
}

const { headers } = eventDetailTexts;

/** Each field: how it was sent, and where it came from or why it was left out. */
function SentFields({ fields }: { fields: readonly SentField[] }) {
  return (
    <PlainTable
      caption={eventDetailTexts.sent}
      columns={[headers.field, headers.treatment, headers.value, headers.origin]}
      rows={fields.map((field) => ({
        id: field.key,
        head: <FieldName label={field.label} path={field.key} />,
        cells: [field.treatment, <Values key="values" field={field} />, field.origin],
      }))}
    />
  );
}

/** The name that merchants use, and the one that the API uses. */
function FieldName({ label, path }: { label: string; path: string }) {
  return (
    <>
      {label}{" "}
      <code className="sent-field-key" translate="no">
        {path}
      </code>
    </>
  );
}

function Values({ field: { values, isLeftOut } }: { field: SentField }) {
  if (isLeftOut) return <span>{values.join(" ")}</span>;
  return (
    <span translate="no">
      {values.map((value) => (
        <code key={value} className="sent-field-values">
          {value}
        </code>
      ))}
    </span>
  );
}

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
