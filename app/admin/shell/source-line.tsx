import { Box, Text } from "@shopify/polaris";
import type { Moment } from "#app/admin/shell/format/formatter.server.ts";
import { Time } from "./time.tsx";

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
