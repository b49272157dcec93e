import { Button, InlineStack, Text } from "@shopify/polaris";
import type { Status } from "./status.ts";
import { shellTexts } from "./texts.ts";
import { Time } from "./time.tsx";

interface FreshnessProps {
  status: Pick<Status, "updatedAt" | "zone">;
  isLoading: boolean;
  onRefresh: () => void;
}

/** How old the numbers are, in which zone times are written, and the way to newer ones. */
export function Freshness({ status, isLoading, onRefresh }: FreshnessProps) {
  return (
    <InlineStack gap="200" blockAlign="center">
      <Text as="span" variant="bodySm" tone="subdued">
        {shellTexts.updated} <Time moment={status.updatedAt} /> · {status.zone}
      </Text>
      <Button variant="plain" onClick={onRefresh} disabled={isLoading}>
        {shellTexts.refresh}
      </Button>
    </InlineStack>
  );
}
