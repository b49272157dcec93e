import { Badge, BlockStack, Box, Card, Text } from "@shopify/polaris";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import { RecordList } from "./record-list.tsx";
import { privacyTexts } from "./texts.ts";
import type { RequestRow } from "./view.ts";

const { title, about, none, columns, received, overdue, nothingYet, stays } = privacyTexts.requests;

/** What customers asked for through Shopify, and until when it is due. */
export function RequestsCard({ requests }: { requests: RequestRow[] }) {
  return (
    <Card padding="0">
      <Box padding="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          <Text as="p">{about}</Text>
          <Text as="p" tone="subdued">
            {stays}
          </Text>
          {requests.length === 0 && <Text as="p">{none}</Text>}
        </BlockStack>
      </Box>
      {requests.length > 0 && (
        <RecordList
          columns={[columns.what, columns.received, columns.due, columns.state, columns.removed]}
          records={requests.map((request) => ({
            id: request.id,
            name: (
              <Text as="span" fontWeight="semibold">
                {request.what}
              </Text>
            ),
            facts: [
              <Time key="received" moment={request.received} />,
              <Time key="due" moment={request.due} />,
              <Badge
                key="state"
                toneAndProgressLabelOverride={shellTexts.state}
                {...(request.isOverdue && { tone: "critical" })}
              >
                {request.isOverdue ? overdue : received}
              </Badge>,
              nothingYet,
            ],
            isCritical: request.isOverdue,
          }))}
        />
      )}
    </Card>
  );
}
