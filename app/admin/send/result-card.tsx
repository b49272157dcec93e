import { BlockStack, Card, Icon, InlineStack, Text } from "@shopify/polaris";
import {
  AlertCircleIcon,
  AlertTriangleIcon,
  CheckCircleIcon,
  InfoIcon,
} from "@shopify/polaris-icons";
import { type ReactNode, useEffect, useRef } from "react";
import { ModeBadge } from "./mode-choice.tsx";
import type { SendMode } from "./send-form.ts";
import type { ReportView } from "./view.ts";

const ICONS = {
  success: CheckCircleIcon,
  info: InfoIcon,
  warning: AlertTriangleIcon,
  critical: AlertCircleIcon,
} as const;

interface ResultCardProps extends Pick<ReportView, "tone" | "title" | "text"> {
  /** What was asked for; null: it was only checked. */
  mode: SendMode | null;
  /** Another one is another result: the focus goes there. Null: it stays where it is. */
  answer: unknown;
  children?: ReactNode;
}

/** What came of it. The focus goes to its heading, as the page does not move by itself. */
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
