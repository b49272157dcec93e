import { BlockStack, Button, Card, Divider, InlineStack, Link, Text } from "@shopify/polaris";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { AccountList } from "./account-list.tsx";
import type { AccountList as List } from "./describe-accounts.server.ts";
import type { ConnectionFacts, ConnectionPage } from "./describe-connection.server.ts";
import { OutcomeNote, useOutcome } from "./outcome.tsx";
import { connectionTexts, PINTEREST_SECURITY } from "./texts.ts";
import "./connection.css";

const { account, actions, disconnect, facts } = connectionTexts;

interface ConnectionCardProps {
  page: ConnectionPage;
  accounts: Promise<List>;
  isReplacing: boolean;
  onReplace: () => void;
}

/**
 * The card shows the ad account, the token that events are sent with, and how to change or end
 * both.
 */
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
            {isNew ? account.chooseTitle : account.title}
          </Text>
          {isNew && (
            <Text as="p" tone="subdued">
              {signedInAs} {account.notSaved}
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

/** Facts of the token: its kind, how long it lasts, and when it was last tested. */
function Facts({ connection }: { connection: ConnectionFacts }) {
  const { kind, adAccountId, sendingWith, limitNote, lasts, isEnding, lastTest } = connection;
  return (
    <BlockStack gap="300">
      <dl className="connection-facts">
        {kind === "pasted" && <Fact name={account.id}>{adAccountId}</Fact>}
        <Fact name={facts.sendingWith}>{sendingWith}</Fact>
        <Fact name={facts.lasts} isCritical={isEnding}>
          {lasts}
        </Fact>
        <Fact name={facts.lastTest}>
          {lastTest === null ? (
            facts.never
          ) : (
            <>
              <Time moment={lastTest.moment} />, {lastTest.result}
            </>
          )}
        </Fact>
      </dl>
      {[limitNote, connection.currencyNote].map(
        (note) =>
          note !== null && (
            <Text as="p" tone="subdued" key={note}>
              {note}
            </Text>
          ),
      )}
    </BlockStack>
  );
}

interface FactProps {
  name: string;
  isCritical?: boolean;
  children: ReactNode;
}

function Fact({ name, isCritical = false, children }: FactProps) {
  return (
    <div>
      <Text as="dt" tone="subdued">
        {name}
      </Text>
      <Text as="dd" breakWord {...(isCritical && { tone: "critical" })}>
        {children}
      </Text>
    </div>
  );
}
