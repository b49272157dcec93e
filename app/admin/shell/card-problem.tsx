import { Box, Button, InlineStack, Text } from "@shopify/polaris";
import { shellTexts } from "./texts.ts";

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
