import { Box, Button, InlineStack, Text } from "@shopify/polaris";
import type { Moment } from "./formatter.server.ts";
import type { Status } from "./read-status.server.ts";
import { shellTexts } from "./texts.ts";

export function Time({ moment }: { moment: Moment }) {
  return (
    <time dateTime={moment.iso} title={moment.title}>
      {moment.text}
    </time>
  );
}

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

/** Where the numbers of a card come from, and how old they are. */
export function SourceLine({ source, moment }: { source: string; moment: Moment }) {
  return (
    <Box paddingInline="400" paddingBlock="300">
      <Text as="p" variant="bodySm" tone="subdued">
        {source} <Time moment={moment} />
      </Text>
    </Box>
  );
}
