import { Badge, BlockStack, Card, Text } from "@shopify/polaris";
import "./event-counts.css";
import type { Overview } from "./overview.ts";

/** Where every event is: one sentence that adds up, and its terms. */
export function EventCounts({ sentence, counts }: Pick<Overview, "sentence" | "counts">) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Every event, accounted for
        </Text>
        {sentence === "" ? (
          <Text as="p">No orders yet. Events appear here within a minute of the first order.</Text>
        ) : (
          <>
            <Text as="p">{sentence}</Text>
            <dl className="event-counts">
              {counts.map(({ label, number, tone }) => (
                <div key={label}>
                  <dt>
                    <Badge {...(tone !== undefined && { tone })}>{label}</Badge>
                  </dt>
                  <dd>
                    <Text as="span" variant="headingLg">
                      {number}
                    </Text>
                  </dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </BlockStack>
    </Card>
  );
}
