import { BlockStack, Card, Text } from "@shopify/polaris";
import { Code } from "#app/admin/shell/code.tsx";
import { helpTexts } from "./texts.ts";

const { title, about, label } = helpTexts.report;

/** What to give whoever helps: shown whole, so that nobody sends what they have not seen. */
export function ReportCard({ report }: { report: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        <Text as="p">{about}</Text>
        <Code label={label} text={report} />
      </BlockStack>
    </Card>
  );
}
