import { BlockStack, Text } from "@shopify/polaris";
import { useThemeEmbed } from "./app-bridge.ts";
import type { BrowserData } from "./describe-browser.server.ts";
import { browserTexts } from "./texts.ts";
import { Time } from "./time.tsx";

/** Whether the store's pixel and its theme embed are on, and when each was last heard. */
export function BrowserLines({ browser: { pixel, embed } }: { browser: BrowserData }) {
  const found = embed.states[useThemeEmbed()];
  return (
    <BlockStack gap="100">
      <Line name={browserTexts.pixel} told={pixel} />
      <Line name={browserTexts.embed} told={found} />
    </BlockStack>
  );
}

function Line({
  name,
  told: { text, at },
}: {
  name: string;
  told: BrowserData["embed"]["states"]["active"];
}) {
  return (
    <Text as="p">
      {name}: {text} {at !== null && <Time moment={at} />}
    </Text>
  );
}
