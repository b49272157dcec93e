import { useFetcher } from "@remix-run/react";
import { Badge, BlockStack, Button, Card, InlineError, InlineStack, Text } from "@shopify/polaris";
import { useEffect } from "react";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import type { BillingView } from "./read-billing.server.ts";
import { billingTexts } from "./texts.ts";

/** What the route's action answers. */
export type BillingAnswer = { confirmationUrl: string } | { fault: string } | { isChecked: true };

/** What Pinrelay costs, how that stands, and the way to approve it. */
export function BillingCard({ billing }: { billing: BillingView }) {
  const fetcher = useFetcher<BillingAnswer>();
  const answer = fetcher.data;
  const url = answer !== undefined && "confirmationUrl" in answer ? answer.confirmationUrl : null;
  // Shopify shows this page in no frame.
  useEffect(() => {
    if (url !== null) open(url, "_top");
  }, [url]);
  const isBusy = fetcher.state !== "idle" || url !== null;
  const post = (intent: "start" | "check") => fetcher.submit({ intent }, { method: "post" });
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {billingTexts.cardTitle}
          </Text>
          <Badge
            toneAndProgressLabelOverride={shellTexts.state}
            {...(billing.state.tone !== null && { tone: billing.state.tone })}
          >
            {billing.state.label}
          </Badge>
        </InlineStack>
        <BlockStack gap="200">
          <Text as="p" variant="bodyLg" fontWeight="semibold">
            {billing.price}
          </Text>
          {billing.trial !== "" && <Text as="p">{billing.trial}</Text>}
          <Text as="p">{billing.explanation}</Text>
          {billing.problem !== null && (
            <Text as="p" fontWeight="semibold">
              {billing.problem.title}. {billing.problem.nextStep}
            </Text>
          )}
          {billing.usage !== null && <Text as="p">{billing.usage}</Text>}
          <Text as="p" tone="subdued">
            {billingTexts.rule}
          </Text>
        </BlockStack>
        {answer !== undefined && "fault" in answer && (
          <InlineError fieldID="billing" message={answer.fault} />
        )}
        <InlineStack gap="300" blockAlign="center">
          {billing.canStart && (
            <Button id="billing" variant="primary" disabled={isBusy} onClick={() => post("start")}>
              {billingTexts.start}
            </Button>
          )}
          <Button disabled={isBusy} onClick={() => post("check")}>
            {billingTexts.checkAgain}
          </Button>
          <Text as="span" variant="bodySm" tone="subdued">
            {billing.asOf === null ? (
              billingTexts.never
            ) : (
              <>
                {billingTexts.asOf} <Time moment={billing.asOf} />
              </>
            )}
          </Text>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
