import { BlockStack, Card, Icon, InlineStack, Text } from "@shopify/polaris";
import { AlertCircleIcon, CheckCircleIcon, ClockIcon } from "@shopify/polaris-icons";
import type { Check, Overview } from "./overview.ts";
import { Time } from "./time.tsx";

const LOOKS = {
  ok: { source: CheckCircleIcon, tone: "success", label: "OK" },
  waiting: { source: ClockIcon, tone: "subdued", label: "Waiting" },
  problem: { source: AlertCircleIcon, tone: "critical", label: "Needs attention" },
} as const;

/** One row for each thing that has to work. */
export function CheckList({ checks }: Pick<Overview, "checks">) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          Is it working?
        </Text>
        <BlockStack gap="300" as="ul">
          {checks.map((check) => (
            <CheckRow key={check.name} {...check} />
          ))}
        </BlockStack>
      </BlockStack>
    </Card>
  );
}

function CheckRow({ name, state, text, at }: Check) {
  const { source, tone, label } = LOOKS[state];
  return (
    <InlineStack as="li" gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon source={source} tone={tone} accessibilityLabel={label} />
      </span>
      <BlockStack>
        <Text as="span" fontWeight="medium">
          {name}
        </Text>
        <Text as="span" tone="subdued">
          {text}
          {at !== null && " "}
          {at !== null && <Time moment={at} />}
        </Text>
      </BlockStack>
    </InlineStack>
  );
}
