import { BlockStack, Card, Icon, InlineStack, Link, Text } from "@shopify/polaris";
import { AlertCircleIcon, AlertTriangleIcon, InfoIcon } from "@shopify/polaris-icons";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import type { Problem } from "#app/admin/shell/problems/problem.ts";
import { homeTexts } from "./texts.ts";
import type { HomePage } from "./view.ts";

const LOOKS = {
  critical: { source: AlertCircleIcon, tone: "critical" },
  warning: { source: AlertTriangleIcon, tone: "caution" },
  info: { source: InfoIcon, tone: "info" },
} as const;

const { nothing, severities } = homeTexts.attention;

/** Everything that is amiss, but for what the banner says already. */
export function AttentionList({ title, problems }: HomePage["attention"]) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          {title}
        </Text>
        {problems.length === 0 ? (
          <Text as="p" tone="subdued">
            {nothing}
          </Text>
        ) : (
          <BlockStack as="ul" gap="400">
            {problems.map((problem) => (
              <Guarded key={`${problem.id} ${problem.title}`} name={problem.id} as="item">
                <AttentionRow problem={problem} />
              </Guarded>
            ))}
          </BlockStack>
        )}
      </BlockStack>
    </Card>
  );
}

function AttentionRow({ problem }: { problem: Problem }) {
  const { severity, title, cause, nextStep, action } = problem;
  return (
    <InlineStack as="li" gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon {...LOOKS[severity]} accessibilityLabel={severities[severity]} />
      </span>
      <BlockStack gap="100">
        <Text as="h3" variant="headingSm">
          {title}
        </Text>
        <Text as="p">{cause}</Text>
        {action !== null && "url" in action ? (
          <p>
            <Link url={action.url}>{action.label}</Link>
          </p>
        ) : (
          <Text as="p" tone="subdued">
            {nextStep}
          </Text>
        )}
      </BlockStack>
    </InlineStack>
  );
}
