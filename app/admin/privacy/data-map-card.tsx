import { BlockStack, Box, Card, Link, Text } from "@shopify/polaris";
import { type DataMapEntry, dataMap } from "./data-map.ts";
import { RecordList } from "./record-list.tsx";
import { privacyTexts } from "./texts.ts";

const { title, about, columns, policy, policyUrl } = privacyTexts.map;

/** Every field: where it comes from, how it is kept, what Pinterest gets. */
export function DataMapCard() {
  return (
    <Card padding="0">
      <Box padding="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          <Text as="p">{about}</Text>
          <Text as="p">
            <Link url={policyUrl} target="_top">
              {policy}
            </Link>
          </Text>
        </BlockStack>
      </Box>
      <RecordList
        columns={[columns.field, columns.from, columns.kept, columns.sent, columns.why]}
        records={dataMap.map((entry) => ({
          id: entry.key ?? entry.field,
          name: <FieldName entry={entry} />,
          facts: [entry.from, entry.kept, entry.sent, entry.why],
        }))}
      />
    </Card>
  );
}

function FieldName({ entry: { field, key } }: { entry: DataMapEntry }) {
  return (
    <>
      <Text as="span" fontWeight="semibold">
        {field}
      </Text>
      {key !== null && (
        <Text as="span" tone="subdued" variant="bodySm" breakWord>
          {" "}
          <code translate="no">{key}</code>
        </Text>
      )}
    </>
  );
}
