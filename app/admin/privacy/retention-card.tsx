import { useFetcher } from "@remix-run/react";
import { BlockStack, Card, Text, TextField } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { SaveBar } from "#app/admin/shell/save-bar.tsx";
import type { PrivacyView } from "./read-privacy.server.ts";
import { privacyTexts } from "./texts.ts";

/** What the route's action answers. */
export type RetentionAnswer = { saved: string } | { fault: string };

type RetentionProps = Pick<PrivacyView, "payloadDays" | "warnings">;

const { title, label, help, rest, askTitle, confirm } = privacyTexts.retention;

/** For how many days bodies are kept. Fewer days delete what is older, and are asked about first. */
export function RetentionCard({ payloadDays, warnings }: RetentionProps) {
  const fetcher = useFetcher<RetentionAnswer>();
  const [days, setDays] = useState(String(payloadDays));
  const [isAsking, setIsAsking] = useState(false);
  const [fault, setFault] = useState<string>();
  useEffect(() => setDays(String(payloadDays)), [payloadDays]);
  useEffect(() => {
    if (fetcher.data === undefined || fetcher.state !== "idle") return;
    if ("fault" in fetcher.data) setFault(fetcher.data.fault);
    else showToast(fetcher.data.saved);
  }, [fetcher.data, fetcher.state]);

  const warning = /^\d+$/.test(days) ? warnings[Number(days) - 1] : undefined;
  const isSaving = fetcher.state !== "idle";
  const save = () => {
    setIsAsking(false);
    fetcher.submit({ days }, { method: "post" });
  };
  return (
    <Card>
      <SaveBar
        id="privacy-save-bar"
        isDirty={days !== String(payloadDays)}
        isSaving={isSaving}
        onSave={() => (warning === undefined ? save() : setIsAsking(true))}
        onDiscard={() => {
          setDays(String(payloadDays));
          setFault(undefined);
        }}
      />
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        <TextField
          label={label}
          value={days}
          onChange={(value) => {
            setDays(value);
            setFault(undefined);
          }}
          helpText={help}
          inputMode="numeric"
          autoComplete="off"
          {...(fault !== undefined && { error: fault })}
        />
        <Text as="p" tone="subdued">
          {rest}
        </Text>
      </BlockStack>
      <ConfirmDialog
        isOpen={isAsking}
        title={askTitle}
        action={confirm}
        isDestructive
        onConfirm={save}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{warning}</Text>
      </ConfirmDialog>
    </Card>
  );
}
