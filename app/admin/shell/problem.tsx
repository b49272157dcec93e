import { BlockStack, Button, Card, InlineStack, Page, Text } from "@shopify/polaris";
import type { ProblemText } from "./problem-of.ts";

interface ProblemProps {
  problem: ProblemText;
  /** Absent where trying again cannot help. */
  onRetry?: () => void;
}

/** A page that could not be shown: the effect, one sentence of cause, one next step. */
export function Problem({ problem, onRetry }: ProblemProps) {
  return (
    <Page title={problem.title}>
      <Card>
        <BlockStack gap="300">
          <Text as="p">{problem.cause}</Text>
          <Text as="p">{problem.action}</Text>
          {onRetry !== undefined && (
            <InlineStack>
              <Button onClick={onRetry}>Try again</Button>
            </InlineStack>
          )}
        </BlockStack>
      </Card>
    </Page>
  );
}
