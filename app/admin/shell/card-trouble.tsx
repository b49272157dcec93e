import { useRevalidator } from "@remix-run/react";
import { BlockStack, Box, Button, InlineStack, Text } from "@shopify/polaris";
import type { CardTrouble as Trouble } from "./pinterest-trouble.ts";
import { shellTexts } from "./texts.ts";

/** The reason why a card is empty or old, and the one thing to do. */
export function CardTrouble({
  trouble,
  level = "h2",
}: {
  trouble: Trouble;
  /** `h3` in a card that has a heading of its own. */
  level?: "h2" | "h3";
}) {
  const { revalidate, state } = useRevalidator();
  const { title, text, action } = trouble;
  return (
    <Box padding="400">
      <BlockStack gap="200">
        <Text as={level} variant="headingSm">
          {title}
        </Text>
        <Text as="p">{text}</Text>
        {action !== null && (
          <InlineStack>
            {action === "retry" ? (
              <Button onClick={revalidate} loading={state === "loading"}>
                {shellTexts.tryAgain}
              </Button>
            ) : (
              <Button url={action.url}>{action.label}</Button>
            )}
          </InlineStack>
        )}
      </BlockStack>
    </Box>
  );
}

interface CardProblemProps {
  title: string;
  text: string;
  onRetry?: () => void;
}

/** What went wrong in a card, where it went wrong: the rest of the page works. */
export function CardProblem({ title, text, onRetry }: CardProblemProps) {
  return (
    <Box padding="400" borderBlockEndWidth="025" borderColor="border">
      <div role="alert">
        <Text as="h2" variant="headingSm" tone="critical">
          {title}
        </Text>
        <Text as="p">{text}</Text>
      </div>
      {onRetry !== undefined && (
        <Box paddingBlockStart="200">
          <InlineStack>
            <Button onClick={onRetry}>{shellTexts.tryAgain}</Button>
          </InlineStack>
        </Box>
      )}
    </Box>
  );
}
