import { BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";
import { type PinterestScores, qualityTexts } from "./texts.ts";

const texts = qualityTexts.advice;

/** What would raise the shares: the cause that we can see, and what there is to do. */
export function AdviceCard({
  advice,
  isKnown,
}: Pick<PinterestScores, "advice"> & { isKnown: boolean }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {texts.title}
        </Text>
        {advice.length === 0 && <Text as="p">{isKnown ? texts.fine : texts.unknown}</Text>}
        {advice.length > 0 && (
          <List type="number" gap="loose">
            {advice.map(({ key, finding, cause, action }) => (
              <List.Item key={key}>
                <BlockStack gap="100">
                  <Text as="h3" variant="headingSm">
                    {finding}
                  </Text>
                  <Text as="p">{cause}</Text>
                  {action !== null && (
                    <InlineStack>
                      <Button size="slim" url={action.url}>
                        {action.label}
                      </Button>
                    </InlineStack>
                  )}
                </BlockStack>
              </List.Item>
            ))}
          </List>
        )}
      </BlockStack>
    </Card>
  );
}
