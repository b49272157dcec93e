import { BlockStack, InlineStack, Link, Text } from "@shopify/polaris";
import { Code } from "#app/admin/shell/code.tsx";
import { ResultCard } from "./result-card.tsx";
import type { SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import type { ReportView } from "./view.ts";

const { result: texts } = sendTexts;

interface EventResultProps {
  mode: SendMode;
  report: ReportView;
  children?: React.ReactNode;
}

/** What came of one event, with what was sent. */
export function EventResult({ mode, report, children }: EventResultProps) {
  const { body, sampleAnswer, isStored, eventId } = report;
  return (
    <ResultCard {...report} mode={mode} answer={report}>
      {sampleAnswer !== null && <Code label={texts.sampleAnswer} text={sampleAnswer} />}
      {sampleAnswer === null && body !== null && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {texts.sentBody}
          </Text>
          <Code label={texts.sentBody} text={body} />
        </BlockStack>
      )}
      <InlineStack gap="300" blockAlign="center">
        {isStored && eventId !== null && (
          <Link url={`/app/events?q=${encodeURIComponent(eventId)}`}>{texts.viewEvent}</Link>
        )}
        {children}
      </InlineStack>
    </ResultCard>
  );
}
