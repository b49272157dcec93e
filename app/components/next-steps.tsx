import { BlockStack, Card, Text } from "@shopify/polaris";
import type { NextStep } from "./describe-next-steps.ts";
import "./next-steps.css";

/** What there is to do, worst first. */
export function NextSteps({ steps }: { steps: NextStep[] }) {
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          What to do next
        </Text>
        {steps.length === 0 && <Text as="p">Nothing. Pinrelay is sending.</Text>}
        {steps.map((step) => (
          <Step key={step.title} {...step} />
        ))}
      </BlockStack>
    </Card>
  );
}

function Step({ title, text, command }: NextStep) {
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        {title}
      </Text>
      <Text as="p">{text}</Text>
      {command !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
        <section className="command" aria-label={`Command: ${title}`} tabIndex={0}>
          <code>{command}</code>
        </section>
      )}
    </BlockStack>
  );
}
