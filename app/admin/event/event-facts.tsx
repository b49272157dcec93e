import { Card, InlineStack, Link, Text } from "@shopify/polaris";
import { CopyButton } from "#app/admin/shell/code.tsx";
import { FactList } from "#app/admin/shell/fact-list.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { eventDetailTexts } from "./texts.ts";
import type { EventFact } from "./view.ts";
import "./event-facts.css";

/** What is known of the event. */
export function EventFacts({ facts }: { facts: readonly EventFact[] }) {
  return (
    <Card padding="0">
      <div className="event-facts">
        <Text as="h2" variant="headingMd">
          {eventDetailTexts.details}
        </Text>
      </div>
      <div className="event-facts-list">
        <FactList facts={facts.map((fact) => ({ label: fact.label, value: <Fact {...fact} /> }))} />
      </div>
    </Card>
  );
}

function Fact({ value, isCode, moment, link }: EventFact) {
  if (moment !== null) return <Time moment={moment} />;
  if (link !== null) {
    return (
      <Link url={link.url} target="_blank">
        {link.label}
      </Link>
    );
  }
  if (!isCode) return value;
  return (
    <InlineStack gap="200" blockAlign="center">
      <code translate="no">{value}</code>
      <CopyButton text={value} />
    </InlineStack>
  );
}
