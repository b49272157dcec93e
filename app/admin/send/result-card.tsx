import { Badge, BlockStack, Card, Icon, InlineStack, Link, Text } from "@shopify/polaris";
import {
  AlertCircleIcon,
  AlertTriangleIcon,
  CheckCircleIcon,
  InfoIcon,
} from "@shopify/polaris-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { SendMode } from "./send-form.ts";
import type { ReportView } from "./send-one-event.server.ts";
import { sendTexts } from "./texts.ts";

const ICONS = {
  success: CheckCircleIcon,
  info: InfoIcon,
  warning: AlertTriangleIcon,
  critical: AlertCircleIcon,
} as const;

interface ResultCardProps extends Pick<ReportView, "tone" | "title" | "text"> {
  /** The mode in which it was sent; null: it was only checked. */
  mode: SendMode | null;
  /** Identifies the result: a new one gets the focus. Null: the focus stays. */
  answer: unknown;
  children?: ReactNode;
}

/** A result. The focus goes to its heading, because the page does not scroll by itself. */
export function ResultCard({ tone, title, text, mode, answer, children }: ResultCardProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (answer !== null) heading.current?.focus();
  }, [answer]);
  return (
    <Card>
      <BlockStack gap="300">
        <BlockStack gap="100">
          <InlineStack gap="200" blockAlign="center" wrap={false}>
            <span>
              <Icon source={ICONS[tone]} tone={tone} />
            </span>
            <h2 ref={heading} tabIndex={-1} className="send-heading">
              <Text as="span" variant="headingMd">
                {title}
              </Text>
            </h2>
            {mode !== null && <ModeBadge mode={mode} />}
          </InlineStack>
          {text !== null && text !== "" && <Text as="p">{text}</Text>}
        </BlockStack>
        {children}
      </BlockStack>
    </Card>
  );
}

const { result: texts } = sendTexts;

interface EventResultProps {
  mode: SendMode;
  report: ReportView;
  children?: React.ReactNode;
}

/** The result of one event, with what was sent. */
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

/** The card after a request without an answer; the form keeps what was typed. */
export function Lost({ answer }: { answer: unknown }) {
  const { failed, failedText } = sendTexts.result;
  return (
    <ResultCard tone="critical" title={failed} text={failedText} mode={null} answer={answer} />
  );
}

const TONES = { demo: undefined, test: "info", live: "attention" } as const;

export function ModeBadge({ mode }: { mode: SendMode }) {
  const tone = TONES[mode];
  return (
    <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
      {sendTexts.badge[mode]}
    </Badge>
  );
}
