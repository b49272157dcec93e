import { BlockStack, Box, Card, Text } from "@shopify/polaris";
import { ShareTable } from "./share-table.tsx";
import { type OwnCoverage, qualityTexts } from "./texts.ts";

const texts = qualityTexts.own;

/** What our own records say of the events that Pinterest accepted. */
export function OwnCard({ own: { table, note } }: { own: OwnCoverage }) {
  return (
    <Card padding="0">
      <Box padding="400" paddingBlockEnd="200">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          <Text as="p" tone="subdued">
            {texts.text}
          </Text>
        </BlockStack>
      </Box>
      {table !== null && table.rows.length > 0 && <ShareTable table={table} />}
      <Box paddingInline="400" paddingBlock="300">
        <Text as="p" variant="bodySm" tone="subdued">
          {note}
        </Text>
      </Box>
    </Card>
  );
}
