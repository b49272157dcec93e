import { BlockStack, Icon, InlineStack, Text } from "@shopify/polaris";
import { AlertCircleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import type { TestOutcome } from "./view.ts";

/** What Pinterest said of a test event; is read out when it comes. */
export function TestResult({ outcome }: { outcome: TestOutcome | null }) {
  return (
    <div aria-live="polite">
      {outcome !== null && (
        <InlineStack gap="200" wrap={false} blockAlign="start">
          <span>
            <Icon
              source={outcome.isAccepted ? CheckCircleIcon : AlertCircleIcon}
              tone={outcome.isAccepted ? "success" : "critical"}
            />
          </span>
          <BlockStack>
            <Text as="p" {...(!outcome.isAccepted && { tone: "critical" })}>
              {outcome.title}
            </Text>
            {outcome.text !== "" && <Text as="p">{outcome.text}</Text>}
          </BlockStack>
        </InlineStack>
      )}
    </div>
  );
}
