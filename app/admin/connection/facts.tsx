import { BlockStack, Text } from "@shopify/polaris";
import type { ReactNode } from "react";
import { Time } from "#app/admin/shell/time.tsx";
import { connectionTexts } from "./texts.ts";
import type { ConnectionFacts } from "./view.ts";
import "./facts.css";

const { facts: texts, account } = connectionTexts;

/** With what it is sent, for how long, and when that was last tried. */
export function Facts({ connection }: { connection: ConnectionFacts }) {
  const { kind, adAccountId, sendingWith, limitNote, lasts, isEnding, lastTest } = connection;
  return (
    <BlockStack gap="300">
      <dl className="connection-facts">
        {kind === "pasted" && <Fact name={account.id}>{adAccountId}</Fact>}
        <Fact name={texts.sendingWith}>{sendingWith}</Fact>
        <Fact name={texts.lasts} isCritical={isEnding}>
          {lasts}
        </Fact>
        <Fact name={texts.lastTest}>
          {lastTest === null ? (
            texts.never
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
