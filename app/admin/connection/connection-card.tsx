import { BlockStack, Button, Card, Divider, InlineStack, Link, Text } from "@shopify/polaris";
import { useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { AccountList } from "./account-list.tsx";
import { Facts } from "./facts.tsx";
import { OutcomeNote } from "./outcome-note.tsx";
import { connectionTexts, PINTEREST_SECURITY } from "./texts.ts";
import { useOutcome } from "./use-outcome.ts";
import type { ConnectionPage, AccountList as List } from "./view.ts";

const { account: texts, actions, disconnect } = connectionTexts;

interface ConnectionCardProps {
  page: ConnectionPage;
  accounts: Promise<List>;
  isReplacing: boolean;
  onReplace: () => void;
}

/** Where events go, by which right, and how that is changed or ended. */
export function ConnectionCard({ page, accounts, isReplacing, onReplace }: ConnectionCardProps) {
  const { connection, signedInAs, disconnectText } = page;
  const [isAsking, setIsAsking] = useState(false);
  const { outcome, isBusy, post } = useOutcome(() => setIsAsking(false));
  const isNew = signedInAs !== null;
  const hasAccounts = isNew || connection?.kind === "sign_in";
  const closed = connection === null ? actions.other : actions.replace;
  const toggle = isReplacing ? actions.keep : closed;
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {isNew ? texts.chooseTitle : texts.title}
          </Text>
          {isNew && (
            <Text as="p" tone="subdued">
              {signedInAs} {texts.notSaved}
            </Text>
          )}
        </BlockStack>
        {hasAccounts && <AccountList accounts={accounts} isNew={isNew} waiting={page.waiting} />}
        {connection !== null && (
          <>
            {hasAccounts && <Divider />}
            <Facts connection={connection} />
          </>
        )}
        <div>
          {!isAsking && <OutcomeNote outcome={outcome} />}
          <InlineStack gap="200" align="end">
            {(isNew || page.state !== "refused") && (
              <Button onClick={onReplace} ariaExpanded={isReplacing} ariaControls="ways-to-connect">
                {toggle}
              </Button>
            )}
            <Button tone="critical" onClick={() => setIsAsking(true)}>
              {actions.disconnect}
            </Button>
          </InlineStack>
        </div>
      </BlockStack>
      <ConfirmDialog
        isOpen={isAsking}
        title={disconnect.title}
        action={disconnect.action}
        isDestructive
        isBusy={isBusy}
        onConfirm={() => post({ intent: "disconnect" })}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{disconnectText}</Text>
        <Text as="p">{disconnect.permission}</Text>
        <Text as="p">
          <Link url={PINTEREST_SECURITY} target="_blank">
            {disconnect.link}
          </Link>
        </Text>
        <OutcomeNote outcome={outcome} />
      </ConfirmDialog>
    </Card>
  );
}
